// Whether the user's systemd looks after the daemon.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace tacit::cli {

inline constexpr std::string_view kServiceUnit = "tacitd.service";

/// It runs, and has the unit of the daemon's socket.
bool has_service_manager();

/// The process belongs to the unit: its control group says so.
bool runs_as_service(std::int64_t pid);
/// The same of what stands in /proc/PID/cgroup.
bool is_of_service(std::string_view control_groups);

/// The unit's control group is there, so it runs. Needs no connection to anybody: the socket that
/// the manager listens on would start it. `control_groups`: where they are mounted.
bool service_runs(uid_t uid, const std::string& control_groups = "/sys/fs/cgroup");

}  // namespace tacit::cli
