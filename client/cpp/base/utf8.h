// UTF-8, checked strictly (RFC 3629): no overlong form, no surrogate, nothing past U+10FFFF.
#pragma once
#include <cstddef>
#include <string_view>

namespace tacit {

/// The offset of the first byte that begins no well-formed character, or npos if all do.
std::size_t find_invalid_utf8(std::string_view text) noexcept;

}  // namespace tacit
