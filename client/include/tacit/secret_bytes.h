// Bytes that are wiped: every buffer that holds a secret value.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace tacit {

/// Overwrites memory so that no compiler may leave it out.
void wipe(void* data, std::size_t size) noexcept;

/// A secret on the ordinary heap: move-only, wiped when assigned, moved from or
/// destroyed. Not thread-safe. It has no operator<< and no way to a std::string,
/// so that printing one is a decision and not an accident.
class SecretBytes {
 public:
  SecretBytes() = default;
  /// `size` zero bytes, to be filled through `writable()`. Throws std::bad_alloc.
  explicit SecretBytes(std::size_t size);
  /// A copy; the source stays and is the caller's to wipe.
  static SecretBytes copy_of(std::span<const unsigned char> source);
  static SecretBytes copy_of(std::string_view source);
  /// Takes the bytes over and wipes the source.
  static SecretBytes absorb(std::span<unsigned char> source);

  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  /// Valid until this object is changed, moved from or destroyed.
  std::span<const unsigned char> bytes() const noexcept { return {data_.get(), size_}; }
  std::span<unsigned char> writable() noexcept { return {data_.get(), size_}; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  /// Keeps the first `size` bytes (at most `this->size()`) and wipes the rest.
  void truncate(std::size_t size) noexcept;
  SecretBytes clone() const { return copy_of(bytes()); }

 private:
  void clear() noexcept;

  std::unique_ptr<unsigned char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;  ///< what was allocated, all of it wiped
};

}  // namespace tacit
