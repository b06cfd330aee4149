// Text that goes to a terminal or into JSON.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tacit::cli {

std::span<const unsigned char> as_bytes(std::string_view text) noexcept;

/// Of one well-formed sequence.
std::uint32_t code_point(std::span<const unsigned char> sequence) noexcept;

/// From `first` to `last`.
struct CodePoints {
  std::uint32_t first;
  std::uint32_t last;
};
bool is_any_of(std::span<const CodePoints> ranges, std::uint32_t point) noexcept;

/// Length in bytes of the well-formed UTF-8 sequence (RFC 3629) at the start of `text`; 0 if
/// there is none.
std::size_t utf8_sequence(std::span<const unsigned char> text) noexcept;

/// All of it is well-formed UTF-8; NUL is allowed.
bool is_utf8(std::span<const unsigned char> text) noexcept;

/// Holds a control character (C0, DEL, C1), one that changes the direction of writing, or an
/// invisible one: it could steer a terminal, break a line or pass for another text.
bool has_control(std::string_view text) noexcept;

/// These characters and malformed bytes as `\xNN`, so that it stays on one line.
std::string printable(std::string_view text);

}  // namespace tacit::cli
