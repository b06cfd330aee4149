// Memory that never goes to swap: is the lock really held?
#pragma once
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tacit {

/// Bytes that the kernel holds locked for this process (VmLck). Errors: kIoError.
absl::StatusOr<std::uint64_t> locked_memory_bytes();

/// Proves that `bytes` more may be locked: libsodium says nothing when mlock fails, and a key would
/// go to swap. Locks as much for a moment, compares VmLck, lets go.
/// Errors: kLimit, with the limit and how to raise it.
absl::Status check_memory_lock(std::uint64_t bytes);

/// Proves that what is allocated now is locked: VmLck is at least `bytes`. Errors: kLimit.
absl::Status check_locked(std::uint64_t bytes);

}  // namespace tacit
