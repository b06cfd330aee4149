#include "tests/unit/os/fake_logind.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

namespace tacit {
namespace {

constexpr char kUserPath[] = "/org/freedesktop/login1/user/own";
constexpr char kManagerPath[] = "/org/freedesktop/login1";
constexpr char kManager[] = "org.freedesktop.login1.Manager";
constexpr char kSession[] = "org.freedesktop.login1.Session";

}  // namespace

PrivateBus::PrivateBus(const std::string& folder) {
  const std::string config = folder + "/bus.conf";
  const std::string address = "unix:path=" + folder + "/bus";
  std::ofstream(config) << "<busconfig><type>custom</type><listen>" << address
                        << "</listen><auth>EXTERNAL</auth><policy context=\"default\">"
                           "<allow send_destination=\"*\" eavesdrop=\"true\"/><allow "
                           "eavesdrop=\"true\"/><allow own=\"*\"/>"
                           "<allow user=\"*\"/></policy></busconfig>";
  int ready[2];
  if (pipe(ready) != 0) return;
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // also when the test is killed
    close(ready[0]);
    const std::string config_option = "--config-file=" + config;
    const std::string address_option = "--print-address=" + std::to_string(ready[1]);
    execlp("dbus-daemon", "dbus-daemon", "--nofork", "--nopidfile", config_option.c_str(),
           address_option.c_str(), nullptr);
    _exit(127);
  }
  close(ready[1]);
  char byte = 0;
  if (read(ready[0], &byte, 1) == 1) address_ = address;  // it prints when it listens
  close(ready[0]);
}

PrivateBus::~PrivateBus() { stop(); }

void PrivateBus::stop() {
  if (pid_ <= 0) return;
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

FakeLogind::FakeLogind(const std::string& address) {
  static const sd_bus_vtable kManagerTable[] = {
      SD_BUS_VTABLE_START(0),
      SD_BUS_METHOD("Inhibit", "ssss", "h", on_inhibit, SD_BUS_VTABLE_UNPRIVILEGED),
      SD_BUS_METHOD("GetUser", "u", "o", on_get_user, SD_BUS_VTABLE_UNPRIVILEGED),
      SD_BUS_VTABLE_END};
  static const sd_bus_vtable kUserTable[] = {
      SD_BUS_VTABLE_START(0), SD_BUS_PROPERTY("State", "s", get_state, 0, 0), SD_BUS_VTABLE_END};
  static const sd_bus_vtable kSessionTable[] = {
      SD_BUS_VTABLE_START(0), SD_BUS_PROPERTY("User", "(uo)", get_session_user, 0, 0),
      SD_BUS_VTABLE_END};
  const bool ok =
      pipe(wake_) == 0 && sd_bus_new(&bus_) >= 0 &&
      sd_bus_set_address(bus_, address.c_str()) >= 0 && sd_bus_set_bus_client(bus_, 1) >= 0 &&
      sd_bus_negotiate_fds(bus_, 1) >= 0 && sd_bus_start(bus_) >= 0 &&
      sd_bus_add_object_vtable(bus_, nullptr, kManagerPath, kManager, kManagerTable, this) >= 0 &&
      sd_bus_add_object_vtable(bus_, nullptr, kUserPath, "org.freedesktop.login1.User", kUserTable,
                               this) >= 0 &&
      sd_bus_add_object_vtable(bus_, nullptr, kOwnSession, kSession, kSessionTable, this) >= 0 &&
      sd_bus_add_object_vtable(bus_, nullptr, kOtherSession, kSession, kSessionTable, this) >= 0 &&
      sd_bus_request_name(bus_, "org.freedesktop.login1", 0) >= 0;
  if (!ok) std::abort();
  thread_ = std::thread([this] { serve(); });
}

FakeLogind::~FakeLogind() {
  run_on_bus([this] { stop_ = true; });
  thread_.join();
  sd_bus_flush_close_unref(bus_);
  for (const int fd : {wake_[0], wake_[1], newest_inhibitor_}) {
    if (fd >= 0) close(fd);
  }
}

void FakeLogind::serve() {
  while (!stop_) {
    while (sd_bus_process(bus_, nullptr) > 0) {
    }
    pollfd waits[] = {{sd_bus_get_fd(bus_), static_cast<short>(sd_bus_get_events(bus_)), 0},
                      {wake_[0], POLLIN, 0}};
    poll(waits, 2, -1);
    if (!(waits[1].revents & POLLIN)) continue;
    char byte = 0;
    (void)!read(wake_[0], &byte, 1);
    const std::lock_guard lock(mutex_);
    task_();
    sd_bus_flush(bus_);
    task_ = nullptr;
    changed_.notify_all();
  }
}

void FakeLogind::run_on_bus(std::function<void()> task) {
  std::unique_lock lock(mutex_);
  task_ = std::move(task);
  (void)!write(wake_[1], "x", 1);
  changed_.wait(lock, [this] { return !task_; });
}

void FakeLogind::set_user_state(const std::string& state) {
  run_on_bus([this, &state] { user_state_ = state; });
}

int FakeLogind::state_answers() {
  const std::lock_guard lock(mutex_);
  return state_answers_;
}

void FakeLogind::refuse_inhibitors() {
  run_on_bus([this] { refuse_inhibitors_ = true; });
}

void FakeLogind::send_prepare_for_sleep(bool going_to_sleep) {
  run_on_bus([&] {
    sd_bus_emit_signal(bus_, kManagerPath, kManager, "PrepareForSleep", "b",
                       static_cast<int>(going_to_sleep));
  });
}

void FakeLogind::send_manager_signal(const char* name) {
  run_on_bus([&] {
    if (std::string_view(name) == "UserRemoved") {
      sd_bus_emit_signal(bus_, kManagerPath, kManager, name, "uo", kUser, kUserPath);
    } else {
      sd_bus_emit_signal(bus_, kManagerPath, kManager, name, "so", "own", kOwnSession);
    }
  });
}

void FakeLogind::send_lock(const char* session) {
  run_on_bus([&] { sd_bus_emit_signal(bus_, session, kSession, "Lock", ""); });
}

void FakeLogind::send_locked_hint(const char* session, bool locked) {
  run_on_bus([&] {
    sd_bus_emit_signal(bus_, session, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                       "sa{sv}as", kSession, 2, "IdleHint", "b", 1, "LockedHint", "b",
                       static_cast<int>(locked), 0);
  });
}

void FakeLogind::wait_for_inhibitors(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return inhibitors_ >= count; });
}

bool FakeLogind::inhibitor_released(int timeout_ms) {
  int fd = -1;
  {
    const std::lock_guard lock(mutex_);
    fd = newest_inhibitor_;
  }
  pollfd wait{fd, POLLIN, 0};
  return poll(&wait, 1, timeout_ms) == 1 && (wait.revents & POLLHUP);
}

int FakeLogind::on_inhibit(sd_bus_message* message, void* data, sd_bus_error* error) {
  auto& self = *static_cast<FakeLogind*>(data);
  const char* what = nullptr;
  const char* who = nullptr;
  const char* why = nullptr;
  const char* mode = nullptr;
  const int result = sd_bus_message_read(message, "ssss", &what, &who, &why, &mode);
  if (result < 0) return result;
  const std::lock_guard lock(self.mutex_);
  if (self.refuse_inhibitors_) return sd_bus_error_set(error, SD_BUS_ERROR_ACCESS_DENIED, "no");
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -errno;
  if (self.newest_inhibitor_ >= 0) close(self.newest_inhibitor_);
  self.newest_inhibitor_ = ends[0];
  self.inhibit_arguments_ = std::string(what) + "|" + who + "|" + mode;
  ++self.inhibitors_;
  self.changed_.notify_all();
  const int sent = sd_bus_reply_method_return(message, "h", ends[1]);
  close(ends[1]);
  return sent;
}

int FakeLogind::on_get_user(sd_bus_message* message, void* data, sd_bus_error* error) {
  auto& self = *static_cast<FakeLogind*>(data);
  std::uint32_t uid = 0;
  if (const int result = sd_bus_message_read(message, "u", &uid); result < 0) return result;
  if (uid != kUser || self.user_state_.empty()) {
    return sd_bus_error_set(error, "org.freedesktop.login1.NoSuchUser", "nobody");
  }
  return sd_bus_reply_method_return(message, "o", kUserPath);
}

int FakeLogind::get_state(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                          void* data, sd_bus_error*) {
  auto& self = *static_cast<FakeLogind*>(data);
  const std::lock_guard lock(self.mutex_);
  ++self.state_answers_;
  return sd_bus_message_append(reply, "s", self.user_state_.c_str());
}

int FakeLogind::get_session_user(sd_bus*, const char* path, const char*, const char*,
                                 sd_bus_message* reply, void*, sd_bus_error*) {
  const bool own = std::strcmp(path, kOwnSession) == 0;
  return sd_bus_message_append(reply, "(uo)", static_cast<std::uint32_t>(own ? kUser : kUser + 1),
                               kUserPath);
}

}  // namespace tacit
