// What the files of /proc/PID say (proc(5)). Their content is the process's own: it may write into
// its arguments and its environment whatever it likes.
#pragma once
#include <sys/types.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/access/asker.h"  // CgroupId

namespace tacit {

/// From /proc/PID/stat.
struct ProcessStat {
  pid_t parent = 0;  ///< 0: none, or one in another PID namespace
  pid_t session = 0;
  std::string name;              ///< the first 15 bytes of what it calls itself
  dev_t terminal = 0;            ///< controlling; 0: none
  std::uint64_t start_time = 0;  ///< clock ticks since boot
  /// Addresses that an exec chooses anew: code, stack, arguments, environment. 0 where the process
  /// may not be looked into, and one by one while an exec is under way.
  std::array<std::uint64_t, 7> image{};

  bool image_known() const { return std::ranges::find(image, 0u) == image.end(); }
  bool same_image(const ProcessStat& other) const {
    return start_time == other.start_time && image == other.image;
  }
};

std::optional<ProcessStat> parse_stat(std::string_view text);

/// /proc/PID/cmdline.
std::vector<std::string> split_arguments(std::string_view text);

/// The systemd unit or container of /proc/PID/cgroup, by its name (`backup.service`,
/// `app-editor-12.scope`, `docker-4f...`); empty for a login session's own scope, and where there
/// is neither.
std::string unit_of(std::string_view cgroup);
/// The same file, as a whole.
CgroupId cgroup_id(std::string_view cgroup);
/// The same file, of a process that adopts orphans: systemd itself, the user's or the system's.
bool is_service_manager(std::string_view cgroup);

/// Looks for variables in /proc/PID/environ, piece by piece. Keeps no value but PWD's, for values
/// are often secrets.
class EnvironmentScan {
 public:
  /// `markers` outlives this object.
  explicit EnvironmentScan(std::span<const std::string> markers) : markers_(markers) {}
  void read(std::string_view piece);

  /// The first of `markers` that is set to something; empty: none is.
  const std::string& marker() const { return marker_; }
  /// LD_PRELOAD and the like: what makes a program run other code than its file's.
  const std::string& preload() const { return preload_; }
  /// PWD: where a shell stood when it started this program.
  const std::string& folder() const { return folder_; }

 private:
  void name_ended();

  std::span<const std::string> markers_;
  std::string name_;
  enum class Part : std::uint8_t { kName, kFirstOfValue, kFolder, kRest } part_ = Part::kName;
  std::string marker_;
  std::string preload_;
  std::string folder_;
};

}  // namespace tacit
