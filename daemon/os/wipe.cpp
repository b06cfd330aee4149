// free() and realloc() for the whole process: what is given back is overwritten first.
// operator delete, the C library and every shared library come here, since the executable's
// definition wins over libc's. malloc, calloc and memalign stay libc's own.
#include <malloc.h>
#include <string.h>

#include <cstddef>
#include <cstdint>

#include "daemon/os/wipe_mode.h"

#ifndef TACIT_SANITIZER

// glibc's own, under names that nothing interposes.
extern "C" void __libc_free(void* block);                        // NOLINT
extern "C" void* __libc_realloc(void* block, std::size_t size);  // NOLINT

extern "C" const int tacit_wipe_mode = tacit::kWipeInForce;

extern "C" __attribute__((visibility("default"))) void free(void* block) noexcept {
  if (!block) return;
  explicit_bzero(block, malloc_usable_size(block));
  __libc_free(block);
}

extern "C" __attribute__((visibility("default"))) void* realloc(void* block,
                                                                std::size_t size) noexcept {
  if (!block) return malloc(size);
  if (size == 0) {  // as glibc does: it frees
    free(block);
    return nullptr;
  }
  const std::size_t usable = malloc_usable_size(block);
  if (size <= usable) {
    // Shrinking is done in place; what is cut off is wiped while it is still ours.
    explicit_bzero(static_cast<unsigned char*>(block) + size, usable - size);
    return __libc_realloc(block, size);
  }
  // Growing may move, and libc would free the old place unwiped: so it always moves.
  void* moved = malloc(size);
  if (!moved) return nullptr;
  memcpy(moved, block, usable);
  free(block);
  return moved;
}

#endif
