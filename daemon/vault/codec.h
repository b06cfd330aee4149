// Little-endian fields of the vault's byte layouts (FORMAT.md). Reading checks every bound.
#pragma once
#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "daemon/crypto/tag.h"  // Bytes, bytes_of

namespace tacit {

/// Writes fields one after the other into memory of the caller. The caller has counted: running
/// over the end is a bug and is asserted, and writes nothing.
class FieldWriter {
 public:
  explicit FieldWriter(std::span<unsigned char> out) : out_(out) {}

  void raw(Bytes bytes) {
    assert(bytes.size() <= out_.size() - used_);
    if (bytes.size() > out_.size() - used_) return;
    std::copy(bytes.begin(), bytes.end(), out_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ += bytes.size();
  }
  /// `u16 length || bytes`; of at most 65,535.
  void text(std::string_view value) {
    u16(static_cast<std::uint16_t>(value.size()));
    raw(bytes_of(value));
  }
  void u8(std::uint8_t value) { number(value, 1); }
  void u16(std::uint16_t value) { number(value, 2); }
  void u32(std::uint32_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }
  void i64(std::int64_t value) { number(static_cast<std::uint64_t>(value), 8); }
  std::size_t used() const { return used_; }
  /// What has been written so far.
  Bytes bytes() const { return out_.first(used_); }

 private:
  void number(std::uint64_t value, std::size_t size) {
    std::array<unsigned char, 8> bytes;
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(value >> (8 * i));
    raw(Bytes(bytes).first(size));
  }

  std::span<unsigned char> out_;
  std::size_t used_ = 0;
};

/// Reads fields from foreign bytes. After a read past the end `ok()` is false and every further
/// read gives zeros; so a parser reads all, then asks once.
class FieldReader {
 public:
  explicit FieldReader(Bytes in) : in_(in) {}

  Bytes raw(std::size_t size) {
    if (size > in_.size()) {
      ok_ = false;
      in_ = {};
      return {};
    }
    const Bytes out = in_.first(size);
    in_ = in_.subspan(size);
    return out;
  }
  std::string text() {
    const Bytes bytes = raw(u16());
    return {bytes.begin(), bytes.end()};
  }
  template <std::size_t N>
  void array(std::array<unsigned char, N>& out) {
    const Bytes bytes = raw(N);
    if (ok_) std::copy(bytes.begin(), bytes.end(), out.begin());
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::int64_t i64() { return static_cast<std::int64_t>(number(8)); }
  bool ok() const { return ok_; }
  /// All read, nothing left over.
  bool done() const { return ok_ && in_.empty(); }
  std::size_t left() const { return in_.size(); }

 private:
  std::uint64_t number(std::size_t size) {
    const Bytes bytes = raw(size);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
    return value;
  }

  Bytes in_;
  bool ok_ = true;
};

/// A 16-byte label that begins additional data, so that no sealed part passes for another kind.
constexpr std::array<unsigned char, 16> label16(std::string_view text) {
  std::array<unsigned char, 16> out{};
  for (std::size_t i = 0; i < text.size() && i < out.size(); ++i) {
    out[i] = static_cast<unsigned char>(text[i]);
  }
  return out;
}

}  // namespace tacit
