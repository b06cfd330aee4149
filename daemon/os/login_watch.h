// Suspend, screen lock and the end of the session, as systemd-logind tells them
// (org.freedesktop.login1(5)).
#pragma once
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tacit {

/// Which events are wanted, and what is done at each. Called inside LoginWatch::process().
struct LoginEvents {
  /// The machine is about to sleep and waits (a delay inhibitor is held, about 5 s) until
  /// LoginWatch::let_sleep() is called. Empty: no inhibitor is taken.
  std::function<void()> before_sleep;
  /// logind lets nobody wait: before_sleep is told, and the machine sleeps all the same.
  std::function<void(const std::string& why)> no_wait;
  std::function<void()> after_sleep;
  /// A session of this user was locked (Lock signal, or LockedHint became true). Empty: not
  /// watched.
  std::function<void()> screen_locked;
  /// This user's last session ended.
  std::function<void()> last_session_ended;
};

/// A connection to the system bus; owned and driven by one thread: wait until `fd()` has
/// `events()` or `timeout()` has passed, then `process()`, then ask for both again.
class LoginWatch {
 public:
  /// `bus_address`: empty for the system bus, else a D-Bus address (tests). Does not wait longer
  /// than two seconds. Errors: kUnsupported, there is no bus or no logind on it: no reason to stop,
  /// time-outs still lock; the message is for `doctor`.
  static absl::StatusOr<std::unique_ptr<LoginWatch>> open(uid_t uid, LoginEvents events,
                                                          const std::string& bus_address = {});
  ~LoginWatch();

  int fd() const;
  /// POLLIN, POLLOUT or both.
  short events() const;
  /// When process() must be called at the latest, from now; none: no limit.
  std::optional<std::chrono::microseconds> timeout() const;
  /// Handles all that has come. Errors: kUnsupported, the bus has gone: drop this object.
  absl::Status process();
  /// Locked: the machine may sleep now.
  void let_sleep();
  /// Whether logind keeps the machine awake until let_sleep().
  bool holds_inhibitor() const;

 private:
  struct Impl;
  explicit LoginWatch(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tacit
