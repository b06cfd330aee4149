// A secret that grows while it is read or put together.
#pragma once
#include <cstddef>
#include <span>
#include <string_view>

#include "tacit/secret_bytes.h"

namespace tacit {

/// Every block it outgrows is wiped. Not thread-safe.
class SecretBuffer {
 public:
  void append(std::span<const unsigned char> bytes);
  void append(std::string_view text);
  void append(char one) { append(std::string_view(&one, 1)); }
  /// At least `size` free bytes behind the content; `commit` takes over what was filled.
  std::span<unsigned char> reserve(std::size_t size);
  void commit(std::size_t size) noexcept { size_ += size; }

  std::size_t size() const noexcept { return size_; }
  std::span<const unsigned char> bytes() const noexcept { return block_.bytes().first(size_); }
  /// The content; the buffer is empty afterwards.
  SecretBytes take();

 private:
  SecretBytes block_;
  std::size_t size_ = 0;
};

}  // namespace tacit
