#include "daemon/os/locked_memory.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <string>
#include <string_view>

#include "daemon/base/status.h"
#include "daemon/os/io_error.h"

namespace tacit {
namespace {

// Sanitizers turn mlock into nothing, since their shadow memory would be locked with it.
#ifdef TACIT_SANITIZER
constexpr bool kLocksWork = false;
#else
constexpr bool kLocksWork = true;
#endif

absl::Status not_lockable(std::uint64_t wanted, const std::string& what) {
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  return make_error(
      Reason::kLimit,
      what + ": " + std::to_string(wanted) +
          " bytes of keys must be locked in memory, and RLIMIT_MEMLOCK is " +
          (limit.rlim_cur == RLIM_INFINITY ? "unlimited" : std::to_string(limit.rlim_cur)) +
          "; raise it (`ulimit -l`, LimitMEMLOCK=), else keys could go to swap");
}

}  // namespace

absl::StatusOr<std::uint64_t> locked_memory_bytes() {
  std::ifstream file("/proc/self/status");
  constexpr std::string_view kField = "VmLck:";
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, kField.size(), kField) != 0) continue;
    const auto digit = line.find_first_of("0123456789");
    std::uint64_t kib = 0;
    if (digit != std::string::npos) {
      std::from_chars(line.data() + digit, line.data() + line.size(), kib);
      return kib * 1024;
    }
  }
  return make_error(Reason::kIoError,
                    "cannot read VmLck from /proc/self/status; is /proc mounted?");
}

absl::Status check_memory_lock(std::uint64_t bytes) {
  if (!kLocksWork) return absl::OkStatus();
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const std::uint64_t size = (bytes + page - 1) / page * page;
  const auto before = locked_memory_bytes();
  if (!before.ok()) return before.status();
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return errno_error(errno, "cannot map memory to lock");
  const bool locked = mlock(memory, size) == 0;
  const int number = errno;
  const auto after = locked_memory_bytes();
  munmap(memory, size);
  rlimit limit{};
  if (!locked && number == EPERM && getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur != 0) {
    return make_error(Reason::kUnsupported,
                      "keys must be locked in memory, else they could go to swap, and mlock is "
                      "forbidden here: a container or a sandbox has to allow it; in "
                      "systemd-nspawn by --system-call-filter=@memlock");
  }
  if (!locked) return not_lockable(bytes, "mlock failed (errno " + std::to_string(number) + ")");
  if (!after.ok()) return after.status();
  if (*after < *before + size) return not_lockable(bytes, "mlock did nothing");
  return absl::OkStatus();
}

absl::Status check_locked(std::uint64_t bytes) {
  if (!kLocksWork) return absl::OkStatus();
  const auto locked = locked_memory_bytes();
  if (!locked.ok()) return locked.status();
  if (*locked >= bytes) return absl::OkStatus();
  return not_lockable(bytes, "only " + std::to_string(*locked) + " bytes are locked");
}

}  // namespace tacit
