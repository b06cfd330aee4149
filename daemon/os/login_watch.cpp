#include "daemon/os/login_watch.h"

#include <fcntl.h>
#include <poll.h>
#include <systemd/sd-bus.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <system_error>
#include <utility>

#include "daemon/base/status.h"
#include "daemon/os/unique_fd.h"

namespace tacit {
namespace {

constexpr char kService[] = "org.freedesktop.login1";
constexpr char kManagerPath[] = "/org/freedesktop/login1";
constexpr char kManager[] = "org.freedesktop.login1.Manager";
constexpr char kSession[] = "org.freedesktop.login1.Session";
constexpr char kUser[] = "org.freedesktop.login1.User";
constexpr char kProperties[] = "org.freedesktop.DBus.Properties";
constexpr std::uint64_t kCallTimeoutUsec = 2'000'000;

struct BusDeleter {
  void operator()(sd_bus* bus) const {
    sd_bus_close(bus);
    sd_bus_unref(bus);
  }
};
struct MessageDeleter {
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using Message = std::unique_ptr<sd_bus_message, MessageDeleter>;

struct BusError {
  sd_bus_error error{};  // the macro for it is no C++
  ~BusError() { sd_bus_error_free(&error); }
  std::string text(int number) const {
    return error.message ? error.message : std::generic_category().message(-number);
  }
};

absl::Status unavailable(const std::string& why) {
  return make_error(Reason::kUnsupported,
                    "no logind: " + why +
                        "; the vault does not lock on sleep, screen lock or logout, only by its "
                        "time-outs");
}

// A session counts while the user is online or active; `lingering` and `closing` are what is left
// of one, `offline` is none (org.freedesktop.login1(5), State).
bool has_session(std::string_view user_state) {
  return user_state == "online" || user_state == "active" || user_state == "opening";
}

}  // namespace

// Signals carry only part of what matters (whose session, is it the last one): the rest is asked
// for by calls whose answers come through process() as well, so nothing here waits.
struct LoginWatch::Impl {
  uid_t uid = 0;
  LoginEvents events;
  std::unique_ptr<sd_bus, BusDeleter> bus;
  UniqueFd inhibitor;
  bool had_session = false;

  absl::Status connect(const std::string& address);
  absl::Status subscribe();
  absl::Status ask_first_state();
  void take_inhibitor();
  void keep_inhibitor(sd_bus_message* reply);
  void ask_user_state();
  void user_state_is(bool session);
  void ask_whose_session(const char* session_path);
  int match(const char* interface, const char* member, sd_bus_message_handler_t handler) {
    return sd_bus_match_signal(bus.get(), nullptr, kService, nullptr, interface, member, handler,
                               this);
  }

  static Impl& self(void* data) { return *static_cast<Impl*>(data); }
  static int on_sleep(sd_bus_message* message, void* data, sd_bus_error*);
  static int on_inhibited(sd_bus_message* reply, void* data, sd_bus_error*);
  static int on_sessions_changed(sd_bus_message* message, void* data, sd_bus_error*);
  static int on_user(sd_bus_message* reply, void* data, sd_bus_error*);
  static int on_user_state(sd_bus_message* reply, void* data, sd_bus_error*);
  static int on_lock(sd_bus_message* message, void* data, sd_bus_error*);
  static int on_properties(sd_bus_message* message, void* data, sd_bus_error*);
  static int on_session_user(sd_bus_message* reply, void* data, sd_bus_error*);
};

absl::Status LoginWatch::Impl::connect(const std::string& address) {
  sd_bus* opened = nullptr;
  int result = 0;
  if (address.empty()) {
    result = sd_bus_open_system(&opened);
    bus.reset(opened);
  } else {
    result = sd_bus_new(&opened);
    bus.reset(opened);
    if (result >= 0) result = sd_bus_set_address(opened, address.c_str());
    if (result >= 0) result = sd_bus_set_bus_client(opened, 1);
    if (result >= 0) result = sd_bus_start(opened);
  }
  if (result < 0) {
    return unavailable("the system bus does not answer: " +
                       std::generic_category().message(-result));
  }
  sd_bus_set_method_call_timeout(bus.get(), kCallTimeoutUsec);
  return absl::OkStatus();
}

absl::Status LoginWatch::Impl::subscribe() {
  int result = match(kManager, "SessionNew", on_sessions_changed);
  if (result >= 0) result = match(kManager, "SessionRemoved", on_sessions_changed);
  if (result >= 0) result = match(kManager, "UserRemoved", on_sessions_changed);
  if (result >= 0 && (events.before_sleep || events.after_sleep)) {
    result = match(kManager, "PrepareForSleep", on_sleep);
  }
  if (result >= 0 && events.screen_locked) result = match(kSession, "Lock", on_lock);
  if (result >= 0 && events.screen_locked) {
    result = match(kProperties, "PropertiesChanged", on_properties);
  }
  if (result < 0) {
    return unavailable("the bus refuses signals: " + std::generic_category().message(-result));
  }
  return absl::OkStatus();
}

// Waits for answers: before anything runs, a daemon without logind shall know.
absl::Status LoginWatch::Impl::ask_first_state() {
  BusError error;
  sd_bus_message* raw = nullptr;
  int result = sd_bus_call_method(bus.get(), kService, kManagerPath, kManager, "GetUser",
                                  &error.error, &raw, "u", static_cast<std::uint32_t>(uid));
  const Message user(raw);
  const char* path = nullptr;
  if (result >= 0) result = sd_bus_message_read(user.get(), "o", &path);
  if (result < 0) {
    // Logind is there and knows no session of this user (a daemon started by cron).
    if (sd_bus_error_has_name(&error.error, "org.freedesktop.login1.NoSuchUser")) {
      return absl::OkStatus();
    }
    return unavailable(error.text(result));
  }
  BusError state_error;
  char* state = nullptr;
  result = sd_bus_get_property_string(bus.get(), kService, path, kUser, "State", &state_error.error,
                                      &state);
  const std::unique_ptr<char, decltype(&std::free)> owned(state, &std::free);
  if (result < 0) return unavailable(state_error.text(result));
  had_session = has_session(state);
  return absl::OkStatus();
}

void LoginWatch::Impl::keep_inhibitor(sd_bus_message* reply) {
  int fd = -1;
  if (sd_bus_message_read(reply, "h", &fd) < 0) return;
  inhibitor.reset(fcntl(fd, F_DUPFD_CLOEXEC, 3));  // the message closes its own
}

void LoginWatch::Impl::take_inhibitor() {
  if (!events.before_sleep || inhibitor) return;
  // Refused (by polkit): the signal still comes, only nobody waits for us.
  sd_bus_call_method_async(bus.get(), nullptr, kService, kManagerPath, kManager, "Inhibit",
                           on_inhibited, this, "ssss", "sleep", "Tacit",
                           "Locks the vault before the machine sleeps", "delay");
}

int LoginWatch::Impl::on_inhibited(sd_bus_message* reply, void* data, sd_bus_error*) {
  const sd_bus_error* error = sd_bus_message_get_error(reply);
  if (!error) {
    self(data).keep_inhibitor(reply);
  } else if (self(data).events.no_wait) {
    self(data).events.no_wait(error->message ? error->message : error->name);
  }
  return 0;
}

int LoginWatch::Impl::on_sleep(sd_bus_message* message, void* data, sd_bus_error*) {
  int going_to_sleep = 0;
  if (sd_bus_message_read(message, "b", &going_to_sleep) < 0) return 0;
  Impl& impl = self(data);
  if (going_to_sleep) {
    if (impl.events.before_sleep) impl.events.before_sleep();
  } else {
    impl.take_inhibitor();
    if (impl.events.after_sleep) impl.events.after_sleep();
  }
  return 0;
}

int LoginWatch::Impl::on_sessions_changed(sd_bus_message*, void* data, sd_bus_error*) {
  self(data).ask_user_state();
  return 0;
}

void LoginWatch::Impl::ask_user_state() {
  sd_bus_call_method_async(bus.get(), nullptr, kService, kManagerPath, kManager, "GetUser", on_user,
                           this, "u", static_cast<std::uint32_t>(uid));
}

int LoginWatch::Impl::on_user(sd_bus_message* reply, void* data, sd_bus_error*) {
  Impl& impl = self(data);
  if (sd_bus_message_is_method_error(reply, "org.freedesktop.login1.NoSuchUser")) {
    impl.user_state_is(false);
    return 0;
  }
  const char* path = nullptr;
  // Any other error tells nothing about the session: no reason to lock.
  if (sd_bus_message_is_method_error(reply, nullptr)) return 0;
  if (sd_bus_message_read(reply, "o", &path) < 0) return 0;
  sd_bus_call_method_async(impl.bus.get(), nullptr, kService, path, kProperties, "Get",
                           on_user_state, data, "ss", kUser, "State");
  return 0;
}

int LoginWatch::Impl::on_user_state(sd_bus_message* reply, void* data, sd_bus_error*) {
  // Gone between the two questions.
  if (sd_bus_message_is_method_error(reply, SD_BUS_ERROR_UNKNOWN_OBJECT)) {
    self(data).user_state_is(false);
    return 0;
  }
  const char* state = nullptr;
  if (sd_bus_message_is_method_error(reply, nullptr)) return 0;
  if (sd_bus_message_read(reply, "v", "s", &state) < 0) return 0;
  self(data).user_state_is(has_session(state));
  return 0;
}

void LoginWatch::Impl::user_state_is(bool session) {
  const bool ended = std::exchange(had_session, session) && !session;
  if (ended && events.last_session_ended) events.last_session_ended();
}

int LoginWatch::Impl::on_lock(sd_bus_message* message, void* data, sd_bus_error*) {
  self(data).ask_whose_session(sd_bus_message_get_path(message));
  return 0;
}

int LoginWatch::Impl::on_properties(sd_bus_message* message, void* data, sd_bus_error*) {
  const char* interface = nullptr;
  if (sd_bus_message_read(message, "s", &interface) < 0) return 0;
  if (std::string_view(interface) != kSession) return 0;
  if (sd_bus_message_enter_container(message, 'a', "{sv}") < 0) return 0;
  while (sd_bus_message_enter_container(message, 'e', "sv") > 0) {
    const char* property = nullptr;
    int locked = 0;
    if (sd_bus_message_read(message, "s", &property) < 0) return 0;
    if (std::string_view(property) != "LockedHint") {
      if (sd_bus_message_skip(message, "v") < 0) return 0;
    } else {
      if (sd_bus_message_read(message, "v", "b", &locked) < 0) return 0;
      if (locked) self(data).ask_whose_session(sd_bus_message_get_path(message));
    }
    if (sd_bus_message_exit_container(message) < 0) return 0;
  }
  return 0;
}

void LoginWatch::Impl::ask_whose_session(const char* session_path) {
  if (!session_path) return;
  sd_bus_call_method_async(bus.get(), nullptr, kService, session_path, kProperties, "Get",
                           on_session_user, this, "ss", kSession, "User");
}

int LoginWatch::Impl::on_session_user(sd_bus_message* reply, void* data, sd_bus_error*) {
  std::uint32_t owner = 0;
  const char* path = nullptr;
  if (sd_bus_message_is_method_error(reply, nullptr)) return 0;
  if (sd_bus_message_read(reply, "v", "(uo)", &owner, &path) < 0) return 0;
  Impl& impl = self(data);
  if (owner == impl.uid && impl.events.screen_locked) impl.events.screen_locked();
  return 0;
}

LoginWatch::LoginWatch(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LoginWatch::~LoginWatch() = default;

absl::StatusOr<std::unique_ptr<LoginWatch>> LoginWatch::open(uid_t uid, LoginEvents events,
                                                             const std::string& bus_address) {
  auto impl = std::make_unique<Impl>();
  impl->uid = uid;
  impl->events = std::move(events);
  if (auto status = impl->connect(bus_address); !status.ok()) return status;
  if (auto status = impl->subscribe(); !status.ok()) return status;
  if (auto status = impl->ask_first_state(); !status.ok()) return status;
  impl->take_inhibitor();
  return std::unique_ptr<LoginWatch>(new LoginWatch(std::move(impl)));
}

int LoginWatch::fd() const { return sd_bus_get_fd(impl_->bus.get()); }

short LoginWatch::events() const {
  const int events = sd_bus_get_events(impl_->bus.get());
  return static_cast<short>(events < 0 ? POLLIN : events);
}

std::optional<std::chrono::microseconds> LoginWatch::timeout() const {
  std::uint64_t until = 0;  // on CLOCK_MONOTONIC
  if (sd_bus_get_timeout(impl_->bus.get(), &until) < 0 || until == UINT64_MAX) return {};
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  const std::uint64_t now = static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
                            static_cast<std::uint64_t>(time.tv_nsec) / 1'000;
  return std::chrono::microseconds(until > now ? until - now : 0);
}

absl::Status LoginWatch::process() {
  while (true) {
    const int result = sd_bus_process(impl_->bus.get(), nullptr);
    if (result == 0) return absl::OkStatus();
    if (result < 0) {
      return unavailable("the bus went away: " + std::generic_category().message(-result));
    }
  }
}

void LoginWatch::let_sleep() { impl_->inhibitor.reset(); }

bool LoginWatch::holds_inhibitor() const { return static_cast<bool>(impl_->inhibitor); }

}  // namespace tacit
