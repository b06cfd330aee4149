// A gRPC message while it is written: five bytes of prefix, then protobuf.
#pragma once
#include <cstddef>
#include <span>

#include <protozero/basic_pbf_writer.hpp>
#include <protozero/buffer_tmpl.hpp>

#include "tacit/secret_bytes.h"

namespace tacit {

/// The prefix of a message on the wire: a compression flag and a length of four bytes, big
/// endian (gRPC over HTTP/2, Length-Prefixed-Message).
inline constexpr std::size_t kMessagePrefix = 5;
/// The largest message either side sends, without its prefix.
inline constexpr std::size_t kMaxMessageBytes = 1024 * 1024;

/// Grows by doubling; what it leaves behind is wiped. Move-only, as SecretBytes is.
class MessageBuffer {
 public:
  /// `expected`: bytes that will be written, to allocate once.
  explicit MessageBuffer(std::size_t expected = 0);

  std::size_t size() const { return size_; }
  std::size_t message_size() const { return size_ - kMessagePrefix; }
  /// Writes the prefix and gives all that goes on the wire; valid until the next change.
  std::span<const unsigned char> finish();
  std::span<const unsigned char> message() const;

  // What protozero's writer needs.
  void append(const char* data, std::size_t count);
  void push_back(char byte) { append(&byte, 1); }
  void append_zeros(std::size_t count);
  void resize(std::size_t size);
  void reserve_additional(std::size_t count);
  void erase_range(std::size_t from, std::size_t to);
  char* at(std::size_t position);

 private:
  SecretBytes bytes_;  ///< allocated; the first size_ are used
  std::size_t size_ = 0;
};

using MessageWriter = protozero::basic_pbf_writer<MessageBuffer>;

}  // namespace tacit

namespace protozero {

template <>
struct buffer_customization<tacit::MessageBuffer> {
  static std::size_t size(const tacit::MessageBuffer* buffer) noexcept { return buffer->size(); }
  static void append(tacit::MessageBuffer* buffer, const char* data, std::size_t count) {
    buffer->append(data, count);
  }
  static void append_zeros(tacit::MessageBuffer* buffer, std::size_t count) {
    buffer->append_zeros(count);
  }
  static void resize(tacit::MessageBuffer* buffer, std::size_t size) { buffer->resize(size); }
  static void reserve_additional(tacit::MessageBuffer* buffer, std::size_t size) {
    buffer->reserve_additional(size);
  }
  static void erase_range(tacit::MessageBuffer* buffer, std::size_t from, std::size_t to) {
    buffer->erase_range(from, to);
  }
  static char* at_pos(tacit::MessageBuffer* buffer, std::size_t pos) { return buffer->at(pos); }
  static void push_back(tacit::MessageBuffer* buffer, char ch) { buffer->push_back(ch); }
};

}  // namespace protozero
