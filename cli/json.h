// JSON (RFC 8259) for `--json`. A writer of our own, because what it writes holds secret
// values and every buffer has to be wiped.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::cli {

/// Writes one document, commas and escapes included; the caller keeps begin and end in pairs.
/// Text that is not UTF-8 has its bad bytes replaced by U+FFFD.
class JsonWriter {
 public:
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name);
  void string(std::string_view text);
  void string(std::span<const unsigned char> text);
  void number(std::int64_t value);
  void number(std::uint64_t value);
  void boolean(bool value);
  void null();

  /// Two members of the open object: `"value"`, a string, and `"encoding"`: `"utf-8"` where the
  /// bytes are UTF-8, else `"base64"` (RFC 4648, with padding).
  void value_members(std::span<const unsigned char> value);

  template <class T>
  void member(std::string_view name, const T& value) {
    key(name);
    if constexpr (std::is_same_v<T, bool>) {
      boolean(value);
    } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
      number(static_cast<std::int64_t>(value));
    } else if constexpr (std::is_integral_v<T>) {
      number(static_cast<std::uint64_t>(value));
    } else {
      string(std::string_view(value));
    }
  }

  /// The document and a newline.
  SecretBytes take();

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();

  SecretBuffer out_;
  bool comma_ = false;
};

}  // namespace tacit::cli
