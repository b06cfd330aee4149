// Heap memory is overwritten when it is freed: tacit_wipe defines free() and realloc() for the
// whole process. Link it (an object library) into an executable to put that in force.
#pragma once
#include "absl/status/status.h"

namespace tacit {

/// Proves that freed and moved memory of this process is overwritten, through malloc, calloc,
/// realloc, operator new and the C library's own allocations. Call it at start.
/// Errors: kInternal, some path is not covered. Without tacit_wipe in the executable it fails
/// too; a sanitizer build, which has an allocator of its own, passes unproven.
absl::Status check_wipe();

/// Whether free() is tacit_wipe's in this process.
bool wipe_linked() noexcept;

}  // namespace tacit
