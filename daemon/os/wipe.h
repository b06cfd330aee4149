// Heap memory is overwritten when it is freed: the object library tacit_wipe defines free() and
// realloc() for the whole process. Link it into the executable to put that in force.
#pragma once
#include "absl/status/status.h"

namespace tacit {

/// Proves that freed and moved memory of this process is overwritten, through malloc, calloc,
/// realloc, operator new and the C library's own allocations. Call it at start, before the first
/// thread. Errors: kInternal, some path is not covered, or neither object library is linked. An
/// executable that links tacit_wipe_waived (the memory test's negative control) and a sanitizer
/// build, which has an allocator of its own, pass unproven.
absl::Status check_wipe();

/// Whether free() is tacit_wipe's in this process.
bool wipe_in_force() noexcept;

}  // namespace tacit
