// Keys in guarded, locked memory (libsodium's sodium_malloc).
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tacit {

/// Public bytes: file them, compare them, print them.
using Bytes = std::span<const unsigned char>;

/// Called at start, so that a missing random source is told early and the quick implementations
/// are chosen; safe to call again, from any thread. False: the process cannot go on.
[[nodiscard]] bool init_crypto() noexcept;

/// Fills `out` from the system's random source.
void random_bytes(std::span<unsigned char> out) noexcept;

/// A 32-byte key between guard pages, locked into RAM, wiped when destroyed, moved from or
/// assigned. Move-only. For keys alone: each costs four pages and 11 us, and the system stops
/// locking silently at RLIMIT_MEMLOCK, so at most kMaxAlive exist in the process; one more
/// throws std::bad_alloc (a bug, not a state a client can bring about).
/// Thread rules: as an int; allocation and release may happen on any thread.
class KeyBytes {
 public:
  static constexpr std::size_t kSize = 32;
  static constexpr int kMaxAlive = 64;

  /// Empty: holds no memory, `bytes()` must not be called.
  KeyBytes() noexcept = default;
  static KeyBytes zero();
  static KeyBytes random();
  static KeyBytes copy_of(std::span<const unsigned char, kSize> source);
  /// Subkey `id` of this key: crypto_kdf (BLAKE2b) with the context `tacit-v1`.
  KeyBytes subkey(std::uint64_t id) const;

  KeyBytes(KeyBytes&& other) noexcept;
  KeyBytes& operator=(KeyBytes&& other) noexcept;
  KeyBytes(const KeyBytes&) = delete;
  KeyBytes& operator=(const KeyBytes&) = delete;
  ~KeyBytes();

  bool empty() const noexcept { return data_ == nullptr; }
  std::span<const unsigned char, kSize> bytes() const noexcept {
    return std::span<const unsigned char, kSize>(data_, kSize);
  }
  std::span<unsigned char, kSize> writable() noexcept {
    return std::span<unsigned char, kSize>(data_, kSize);
  }
  const unsigned char* data() const noexcept { return data_; }
  KeyBytes clone() const { return copy_of(bytes()); }

  /// How many hold memory now, in the whole process.
  static int alive() noexcept;

 private:
  void release() noexcept;

  unsigned char* data_ = nullptr;  ///< from sodium_malloc
};

}  // namespace tacit
