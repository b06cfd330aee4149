// What `tacit doctor` looks at beside the daemon: its settings, the disk, the swap, the session.
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/daemon_program.h"
#include "cli/doctor.h"
#include "cli/options.h"
#include "cli/service_manager.h"
#include "cli/text_parts.h"
#include "cli/time_text.h"

namespace tacit::cli {
namespace {

using Kind = Finding::Kind;
using Findings = std::vector<Finding>;

std::string text_of(const std::string& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Compressed memory, or a device-mapper's device that dm-crypt made.
bool keeps_secrets(const std::string& device) {
  std::error_code none;
  const std::string name = std::filesystem::canonical(device, none).filename().string();
  if (name.starts_with("zram")) return true;
  return text_of("/sys/block/" + name + "/dm/uuid").starts_with("CRYPT-");
}

std::string file_system_trouble(long type) {
  constexpr long kSmb = 0x517B;
  constexpr long kSmb2 = 0xFE534D42;
  constexpr long kCifs = 0xFF534D42;
  switch (type) {
    case NFS_SUPER_MAGIC:
    case kSmb:
    case kSmb2:
    case kCifs:
    case V9FS_MAGIC:
      return "the vault is on a network file system, whose locks and syncs may not hold";
    case TMPFS_MAGIC:
    case RAMFS_MAGIC:
      return "the vault is in memory, and is gone when this machine is switched off";
    default:
      return "";
  }
}

}  // namespace

MachineFacts machine_facts(const Paths& paths) {
  MachineFacts facts;
  struct stat file {};
  if (stat(paths.config_file.c_str(), &file) == 0) {
    facts.settings_changed = std::int64_t{file.st_mtim.tv_sec} * 1000;
    const auto says = ask_daemon_program({"--check-config", "--config", paths.config_file});
    if (says.ok() && !says->ok) facts.settings_trouble = says->said;
  }
  struct statvfs space {};
  struct statfs system {};
  if (statvfs(paths.vault_dir.c_str(), &space) == 0) {
    facts.free_bytes = std::uint64_t{space.f_bavail} * space.f_frsize;
    facts.read_only = (space.f_flag & ST_RDONLY) != 0;
  }
  if (statfs(paths.vault_dir.c_str(), &system) == 0) {
    facts.file_system_trouble = file_system_trouble(static_cast<long>(system.f_type));
  }
  for (const std::string& device : swap_devices(text_of("/proc/swaps"))) {
    if (!keeps_secrets(device)) facts.open_swaps.push_back(device);
  }
  facts.runtime_dir = variable("XDG_RUNTIME_DIR");
  facts.sudo_user = variable("SUDO_USER");
  return facts;
}

std::vector<std::string> swap_devices(std::string_view proc_swaps) {
  std::vector<std::string> devices;
  bool heading = true;
  while (!proc_swaps.empty()) {
    const std::size_t end = std::min(proc_swaps.find('\n'), proc_swaps.size());
    const std::string_view line = proc_swaps.substr(0, end);
    proc_swaps.remove_prefix(std::min(end + 1, proc_swaps.size()));
    const std::string_view device = line.substr(0, line.find_first_of(" \t"));
    if (!std::exchange(heading, false) && !device.empty()) devices.emplace_back(device);
  }
  return devices;
}

/// Nothing where there are none.
Findings check_settings(const DoctorFacts& facts) {
  const MachineFacts& machine = facts.machine;
  const std::string& file = facts.paths.config_file;
  if (!machine.settings_trouble.empty()) {
    return {
        {Kind::kProblem, machine.settings_trouble, "edit it; `tacit config check` looks again"}};
  }
  if (machine.settings_changed == 0) return {};
  if (facts.daemon.ok()) {
    const std::int64_t started = now_unix_ms() - facts.daemon->uptime_ms;
    // A second's grace: file systems are that coarse.
    if (machine.settings_changed > started + 1000) {
      return {{Kind::kNote, file + " was changed since the daemon started, which reads it then",
               "tacit daemon restart"}};
    }
  }
  return {{Kind::kOk, file + " is good", ""}};
}

Findings check_disk(const DoctorFacts& facts) {
  constexpr std::uint64_t kMebibyte = std::uint64_t{1024} * 1024;
  constexpr std::uint64_t kLeast = 64 * kMebibyte;  // a vault of usual size, written anew
  const MachineFacts& machine = facts.machine;
  const std::string& folder = facts.paths.vault_dir;
  Findings found;
  if (machine.read_only) {
    found.push_back({Kind::kProblem, "the file system of " + folder + " is read-only",
                     "mount it so that it can be written"});
  }
  if (machine.free_bytes && *machine.free_bytes < kLeast) {
    found.push_back({Kind::kProblem,
                     std::to_string(*machine.free_bytes / kMebibyte) + " MiB are free where " +
                         folder + " is; nothing can be stored once it is full",
                     "make room there"});
  }
  if (!machine.file_system_trouble.empty()) {
    found.push_back({Kind::kNote, machine.file_system_trouble,
                     "set XDG_DATA_HOME to a folder on a disk of this machine"});
  }
  return found;
}

Findings check_swap(const DoctorFacts& facts) {
  const auto& open = facts.machine.open_swaps;
  if (open.empty() || (facts.daemon.ok() && runs_as_service(facts.daemon->pid))) return {};
  std::string all;
  for (const std::string& device : open) all += (all.empty() ? "" : ", ") + device;
  return {
      {Kind::kNote,
       "values in the daemon's memory may get to the swap on " + all +
           ", which is not encrypted; keys never do",
       "encrypt the swap (crypttab, or zram), or run the daemon by its unit, which keeps it out "
       "of it"}};
}

Findings check_session(const DoctorFacts& facts) {
  Findings found;
  if (facts.uid == 0 && !facts.machine.sudo_user.empty()) {
    found.push_back(
        {Kind::kNote,
         "this is root's vault, asked through sudo, not that of " + facts.machine.sudo_user,
         "leave sudo out"});
  }
  if (facts.machine.runtime_dir.empty()) {
    found.push_back({Kind::kNote,
                     "XDG_RUNTIME_DIR is not set: the socket is elsewhere, and `tacit edit` has no "
                     "folder in memory",
                     "log in by a service that sets it (pam_systemd), or set it"});
  } else {
    auto open = check_private(facts.machine.runtime_dir, facts.uid, 077);
    found.insert(found.end(), open.begin(), open.end());
  }
  return found;
}

}  // namespace tacit::cli
