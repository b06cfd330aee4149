// Keyed tags: BLAKE2b (RFC 7693) over inputs that each carry their length, so that no two lists
// of inputs run together to the same bytes.
#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "daemon/crypto/keys.h"

namespace tacit {

using Tag = std::array<unsigned char, 32>;
using WideTag = std::array<unsigned char, 64>;

inline Bytes bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

/// BLAKE2b-256(key, le64(size of input 1) || input 1 || le64(size of input 2) || ...).
Tag keyed_tag(const KeyBytes& key, std::span<const Bytes> inputs) noexcept;
Tag keyed_tag(const KeyBytes& key, std::initializer_list<Bytes> inputs) noexcept;
/// The same with 512 bits out.
WideTag keyed_wide_tag(const KeyBytes& key, std::span<const Bytes> inputs) noexcept;
WideTag keyed_wide_tag(const KeyBytes& key, std::initializer_list<Bytes> inputs) noexcept;

/// SipHash-2-4 (64 bits) under the key's first 16 bytes; for maps in RAM, never on disk.
std::uint64_t short_hash(const KeyBytes& key, Bytes input) noexcept;

/// Compares in constant time. False if the lengths differ.
bool same_bytes(Bytes a, Bytes b) noexcept;

}  // namespace tacit
