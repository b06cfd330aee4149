#include "client/cpp/channel/message_buffer.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "client/cpp/base/registers.h"

namespace tacit {

MessageBuffer::MessageBuffer(std::size_t expected)
    : bytes_(kMessagePrefix + std::max<std::size_t>(expected, 123)), size_(kMessagePrefix) {}

std::span<const unsigned char> MessageBuffer::finish() {
  const std::size_t length = message_size();
  if (length > kMaxMessageBytes) throw std::length_error("message over its limit");
  auto out = bytes_.writable();
  out[0] = 0;  // not compressed
  out[1] = static_cast<unsigned char>(length >> 24);
  out[2] = static_cast<unsigned char>(length >> 16);
  out[3] = static_cast<unsigned char>(length >> 8);
  out[4] = static_cast<unsigned char>(length);
  return bytes_.bytes().first(size_);
}

std::span<const unsigned char> MessageBuffer::message() const {
  return bytes_.bytes().subspan(kMessagePrefix, message_size());
}

void MessageBuffer::append(const char* data, std::size_t count) {
  if (count == 0) return;
  reserve_additional(count);
  std::memcpy(at(size_), data, count);
  forget_vector_registers();
  size_ += count;
}

void MessageBuffer::append_zeros(std::size_t count) {
  reserve_additional(count);
  std::memset(at(size_), 0, count);
  size_ += count;
}

void MessageBuffer::resize(std::size_t size) { size_ = std::min(size, size_); }

void MessageBuffer::reserve_additional(std::size_t count) {
  if (count <= bytes_.size() - size_) return;
  SecretBytes larger(std::max(bytes_.size() * 2, size_ + count));
  std::memcpy(larger.writable().data(), bytes_.bytes().data(), size_);
  bytes_ = std::move(larger);
}

void MessageBuffer::erase_range(std::size_t from, std::size_t to) {
  std::memmove(at(from), at(to), size_ - to);
  forget_vector_registers();
  size_ -= to - from;
}

char* MessageBuffer::at(std::size_t position) {
  return reinterpret_cast<char*>(bytes_.writable().data()) + position;
}

}  // namespace tacit
