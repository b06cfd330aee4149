// systemd-logind's part on a private D-Bus daemon: answers what the daemon asks and sends the
// signals that logind would send.
#pragma once
#include <sys/types.h>
#include <systemd/sd-bus.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace tacit {

/// A D-Bus daemon of the test's own, in its own folder; ends with this object.
class PrivateBus {
 public:
  explicit PrivateBus(const std::string& folder);
  PrivateBus(const PrivateBus&) = delete;
  PrivateBus& operator=(const PrivateBus&) = delete;
  ~PrivateBus();
  /// Empty if dbus-daemon is not installed.
  const std::string& address() const { return address_; }
  void stop();

 private:
  pid_t pid_ = -1;
  std::string address_;
};

class FakeLogind {
 public:
  static constexpr uid_t kUser = 4711;
  static constexpr char kOwnSession[] = "/org/freedesktop/login1/session/own";
  static constexpr char kOtherSession[] = "/org/freedesktop/login1/session/other";

  /// Serves on its own thread once constructed.
  explicit FakeLogind(const std::string& address);
  FakeLogind(const FakeLogind&) = delete;
  FakeLogind& operator=(const FakeLogind&) = delete;
  ~FakeLogind();

  // Before or between signals; any thread.
  void set_user_state(const std::string& state);  ///< empty: no such user
  void refuse_inhibitors();
  /// How often the user's state was asked for.
  int state_answers();

  void send_prepare_for_sleep(bool going_to_sleep);
  void send_manager_signal(const char* name);  ///< SessionNew, SessionRemoved, UserRemoved
  void send_lock(const char* session);
  void send_locked_hint(const char* session, bool locked);

  /// The inhibitors given out so far; waits until there are `count`.
  void wait_for_inhibitors(int count);
  /// Waits until the asker has closed the newest inhibitor.
  bool inhibitor_released(int timeout_ms);
  const std::string& inhibit_arguments() const { return inhibit_arguments_; }

 private:
  static int on_inhibit(sd_bus_message*, void*, sd_bus_error*);
  static int on_get_user(sd_bus_message*, void*, sd_bus_error*);
  static int get_state(sd_bus*, const char*, const char*, const char*, sd_bus_message*, void*,
                       sd_bus_error*);
  static int get_session_user(sd_bus*, const char*, const char*, const char*, sd_bus_message*,
                              void*, sd_bus_error*);
  void run_on_bus(std::function<void()> task);
  void serve();

  sd_bus* bus_ = nullptr;
  int wake_[2] = {-1, -1};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> task_;
  bool stop_ = false;  ///< set by a task: the bus thread alone reads it
  std::string user_state_ = "active";
  bool refuse_inhibitors_ = false;
  int inhibitors_ = 0;
  int state_answers_ = 0;
  int newest_inhibitor_ = -1;  ///< our end of the pipe
  std::string inhibit_arguments_;
  std::thread thread_;
};

}  // namespace tacit
