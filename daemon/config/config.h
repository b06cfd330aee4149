// The daemon's settings: $XDG_CONFIG_HOME/tacit/config.toml (TOML 1.0).
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tacit {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

/// Every key of the file, with what holds without it. Durations are written as strings such as
/// "90s", "15m", "8h", "1h30m" or "2d"; 0 (number or string) switches the limit off.
/// packaging/config.toml is this list for users; a test holds the two together.
struct Config {
  struct Session {
    /// `session.idle_timeout`: locks after so long without a read or a write. 0, or 1 s to 365
    /// days.
    std::chrono::seconds idle_timeout = std::chrono::hours(8);
    /// `session.hard_timeout`: locks so long after unlocking, whatever happens. As above.
    std::chrono::seconds hard_timeout{0};
    /// `session.lock_on_sleep`: locks before the machine suspends (needs logind).
    bool lock_on_sleep = true;
    /// `session.lock_on_screen_lock`: locks with the screen (needs logind).
    bool lock_on_screen_lock = false;
  } session;

  struct Log {
    /// `log.level`: "debug", "info", "warn" or "error". Names of secrets appear at debug only.
    LogLevel level = LogLevel::kInfo;
  } log;

  struct Limits {
    /// `limits.max_connections`: open connections at once, 16 to 65536.
    std::uint32_t max_connections = 1024;
    /// `limits.max_connections_per_process`: of one process, 1 to 65536, at most the number above.
    std::uint32_t max_connections_per_process = 64;
    /// `limits.idle_connection`: closes a connection after so long without a call. As the
    /// time-outs.
    std::chrono::seconds idle_connection = std::chrono::minutes(10);
  } limits;

  struct Kdf {
    /// `kdf.target_ms`: how long a passphrase's derivation shall take, for slots made from now on;
    /// 250 to 10000. The floor of 64 MiB and 3 passes stands whatever is written here.
    std::uint32_t target_ms = 500;
  } kdf;

  /// How strictly what has no policy of its own is guarded; the numbers are those of Policy.
  enum class DefaultPolicy { kOpen = 0, kAsk = 1, kConfirm = 2, kDeny = 4 };
  struct Access {
    /// `access.default_policy`: "open", "ask", "confirm" or "deny", beside what collections and
    /// items ask for.
    DefaultPolicy default_policy = DefaultPolicy::kOpen;
    /// `access.grant_idle`: a program that the user let in for a terminal session is asked for
    /// again after so long without a use. 1 s to 365 days.
    std::chrono::seconds grant_idle = std::chrono::minutes(10);
    /// `access.grant_lifetime`: and after so long in any case. As above.
    std::chrono::seconds grant_lifetime = std::chrono::hours(12);
    /// `access.question_timeout`: a question without an answer is a no after so long. 1 s to an
    /// hour.
    std::chrono::seconds question_timeout = std::chrono::seconds(60);
  } access;

  struct Audit {
    /// `audit.max_records`: the log keeps so many of the newest records, 100 to 10000000.
    std::uint32_t max_records = 100'000;
  } audit;

  struct Agents {
    /// `agents.markers`: what marks a coding agent's processes, environment variables and
    /// `program:NAME`; at most 64. Replaces the built-in list if written.
    std::vector<std::string> markers;
    bool markers_set = false;
  } agents;
};

/// Reads the settings. A missing file is all defaults. The file must be this user's (or root's)
/// and not writable by others, at most 1 MiB.
/// Errors: kInvalidArgument, `FILE:LINE:COLUMN: what is wrong, what was expected` (syntax, unknown
/// table or key with the nearest known one, type, range); kPermissions, with the chmod that
/// mends it; kIoError.
absl::StatusOr<Config> load_config(const std::string& path);

/// Every key as `table.key`, in the order of `Config`.
std::vector<std::string> config_keys();

/// What holds, as TOML with every key; `parse_config` reads it back as the same settings.
std::string format_config(const Config& config);

/// The same from text; `file` is for messages.
absl::StatusOr<Config> parse_config(std::string_view text, const std::string& file);

}  // namespace tacit
