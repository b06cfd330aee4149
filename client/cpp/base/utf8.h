// UTF-8, checked strictly (RFC 3629): no overlong form, no surrogate, nothing past U+10FFFF.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tacit {

std::span<const unsigned char> as_bytes(std::string_view text) noexcept;

/// Length in bytes of the well-formed character at the start of `text`; 0 if there is none.
std::size_t utf8_sequence(std::span<const unsigned char> text) noexcept;

/// Of one well-formed character.
std::uint32_t code_point(std::span<const unsigned char> sequence) noexcept;

/// The offset of the first byte that begins no well-formed character, or npos if all do.
std::size_t find_invalid_utf8(std::string_view text) noexcept;

}  // namespace tacit
