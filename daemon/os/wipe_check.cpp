#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "daemon/base/status.h"
#include "daemon/os/unique_fd.h"
#include "daemon/os/wipe.h"
#include "daemon/os/wipe_mode.h"

namespace tacit {

#ifdef TACIT_SANITIZER

bool wipe_in_force() noexcept { return false; }
absl::Status check_wipe() { return absl::OkStatus(); }

#else

namespace {

constexpr unsigned char kPattern = 0xA7;
// The allocator's own bins: thread cache, fast, small and large; below a pipe's 64 KiB.
constexpr std::size_t kSizes[] = {24, 100, 1000, 4096, 50'000};

// Reads memory that is not ours any more. The kernel does the reading, through a pipe: the
// compiler may assume nothing, and an unmapped page is an error instead of a crash.
class FreedMemory {
 public:
  bool open() {
    int ends[2];
    if (pipe(ends) != 0) return false;
    read_.reset(ends[0]);
    write_.reset(ends[1]);
    return true;
  }
  /// Whether four bytes of the pattern in a row are still in [address, address + size).
  bool holds_pattern(std::uintptr_t address, std::size_t size) {
    const ssize_t written = write(write_.get(), reinterpret_cast<const void*>(address), size);
    if (written <= 0) return false;  // EFAULT: given back to the kernel
    std::size_t row = 0;
    std::size_t longest = 0;
    unsigned char buffer[512];
    for (ssize_t left = written; left > 0;) {
      const ssize_t got =
          read(read_.get(), buffer,
               std::min<std::size_t>(sizeof buffer, static_cast<std::size_t>(left)));
      if (got <= 0) break;
      for (ssize_t i = 0; i < got; ++i) {
        row = buffer[i] == kPattern ? row + 1 : 0;
        longest = std::max(longest, row);
      }
      left -= got;
    }
    return longest >= 4;
  }

 private:
  UniqueFd read_;
  UniqueFd write_;
};

// Keeps the compiler from pairing an allocation with its release and leaving both out.
void* opaque(void* block) {
  asm volatile("" : "+r"(block) : : "memory");
  return block;
}

std::uintptr_t fill(void* block, std::size_t size) {
  std::memset(block, kPattern, size);
  return reinterpret_cast<std::uintptr_t>(opaque(block));
}

bool survives_free(FreedMemory& memory, std::size_t size) {
  void* block = opaque(std::malloc(size));
  if (!block) return true;
  const std::uintptr_t address = fill(block, size);
  std::free(block);
  return memory.holds_pattern(address, size);
}

bool survives_calloc(FreedMemory& memory, std::size_t size) {
  void* block = opaque(std::calloc(1, size));
  if (!block) return true;
  const std::uintptr_t address = fill(block, size);
  std::free(block);
  return memory.holds_pattern(address, size);
}

bool survives_delete(FreedMemory& memory, std::size_t size) {
  void* block = opaque(::operator new(size));
  const std::uintptr_t address = fill(block, size);
  ::operator delete(block);
  return memory.holds_pattern(address, size);
}

bool survives_growing(FreedMemory& memory, std::size_t size) {
  void* block = opaque(std::malloc(size));
  if (!block) return true;
  const std::uintptr_t address = fill(block, size);
  void* grown = opaque(std::realloc(block, size * 8));
  if (!grown) return true;  // out of memory: the daemon ends
  const bool kept = static_cast<unsigned char*>(grown)[size - 1] == kPattern;
  const bool moved = reinterpret_cast<std::uintptr_t>(grown) != address;
  const bool survives = moved && memory.holds_pattern(address, size);
  std::free(grown);
  return survives || !kept;
}

bool survives_shrinking(FreedMemory& memory, std::size_t size) {
  void* block = opaque(std::malloc(size));
  if (!block) return true;
  const std::uintptr_t address = fill(block, size);
  const std::size_t rest = size / 4;
  void* shrunk = opaque(std::realloc(block, rest));
  if (!shrunk) return true;  // out of memory: the daemon ends
  // In place only the tail is given up; moved, all of it.
  const bool moved = reinterpret_cast<std::uintptr_t>(shrunk) != address;
  const bool survives =
      memory.holds_pattern(moved ? address : address + rest, moved ? size : size - rest);
  std::free(shrunk);
  return survives;
}

// A buffer that libc itself allocates, and leaves behind when it grows: shows that calls from
// within shared libraries arrive here too.
bool survives_in_libc(FreedMemory& memory, std::size_t size) {
  char* text = nullptr;
  std::size_t length = 0;
  FILE* stream = open_memstream(&text, &length);
  if (!stream) return true;
  const std::vector<char> pattern(size, static_cast<char>(kPattern));
  bool ok = std::fwrite(pattern.data(), 1, size, stream) == size && std::fflush(stream) == 0;
  const auto address = reinterpret_cast<std::uintptr_t>(opaque(text));
  for (int i = 0; ok && i < 64; ++i) ok = std::fwrite(pattern.data(), 1, size, stream) == size;
  ok = ok && std::fflush(stream) == 0;
  const bool moved = reinterpret_cast<std::uintptr_t>(opaque(text)) != address;
  const bool survives = !ok || (moved && memory.holds_pattern(address, size));
  std::fclose(stream);
  std::free(text);
  return survives;
}

}  // namespace

bool wipe_in_force() noexcept { return &tacit_wipe_mode && tacit_wipe_mode == kWipeInForce; }

absl::Status check_wipe() {
  if (&tacit_wipe_mode && tacit_wipe_mode == kWipeWaived) return absl::OkStatus();
  FreedMemory memory;
  if (!memory.open()) return make_error(Reason::kInternal, "wipe check: no pipe to be had");
  struct Path {
    const char* name;
    bool (*survives)(FreedMemory&, std::size_t);
  };
  constexpr Path kPaths[] = {
      {"malloc and free", survives_free},        {"calloc and free", survives_calloc},
      {"new and delete", survives_delete},       {"growing realloc", survives_growing},
      {"shrinking realloc", survives_shrinking}, {"the C library's own buffers", survives_in_libc},
  };
  for (const Path& path : kPaths) {
    for (const std::size_t size : kSizes) {
      if (path.survives(memory, size)) {
        return make_error(
            Reason::kInternal,
            "freed memory is not overwritten (" + std::string(path.name) + ", " +
                std::to_string(size) +
                " bytes); secrets would stay in memory, so the daemon does not start");
      }
    }
  }
  return absl::OkStatus();
}

#endif

}  // namespace tacit
