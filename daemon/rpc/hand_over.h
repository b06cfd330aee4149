// ThreadSanitizer cannot see the order that uninstrumented libraries (gRPC) keep between
// threads: it is told where one thread hands memory over to another.
#pragma once

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace tacit {

/// Before `object` is given to a library that hands it to another thread.
inline void hand_over([[maybe_unused]] void* object) {
#if defined(__SANITIZE_THREAD__)
  __tsan_release(object);
#endif
}

/// On the thread that gets it, before the first look at it.
inline void take_over([[maybe_unused]] void* object) {
#if defined(__SANITIZE_THREAD__)
  __tsan_acquire(object);
#endif
}

}  // namespace tacit
