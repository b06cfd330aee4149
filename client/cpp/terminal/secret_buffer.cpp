#include "client/cpp/terminal/secret_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "client/cpp/base/utf8.h"

namespace tacit {

std::span<unsigned char> SecretBuffer::reserve(std::size_t size) {
  constexpr std::size_t kFirstBlock = 4096;
  if (block_.size() - size_ < size) {
    SecretBytes larger(std::max({kFirstBlock, block_.size() * 2, size_ + size}));
    std::copy_n(block_.bytes().begin(), size_, larger.writable().begin());
    block_ = std::move(larger);
  }
  return block_.writable().subspan(size_);
}

void SecretBuffer::append(std::span<const unsigned char> bytes) {
  if (bytes.empty()) return;
  std::memcpy(reserve(bytes.size()).data(), bytes.data(), bytes.size());
  commit(bytes.size());
}

void SecretBuffer::append(std::string_view text) { append(as_bytes(text)); }

SecretBytes SecretBuffer::take() {
  block_.truncate(std::exchange(size_, 0));
  return std::move(block_);
}

}  // namespace tacit
