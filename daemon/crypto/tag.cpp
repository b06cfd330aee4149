#include "daemon/crypto/tag.h"

#include <sodium.h>

#include <cstring>

namespace tacit {
namespace {

// Every row of a vault but those with much metadata fits.
constexpr std::size_t kGathered = 512;

std::array<unsigned char, 8> length_of(Bytes input) noexcept {
  std::array<unsigned char, 8> length;
  for (std::size_t i = 0; i < length.size(); ++i) {
    length[i] = static_cast<unsigned char>(std::uint64_t{input.size()} >> (8 * i));
  }
  return length;
}

/// Hashes in one piece what is small: an update for each of a row's many short inputs costs more
/// than the hash itself.
bool hash_gathered(const KeyBytes& key, std::span<const Bytes> inputs,
                   std::span<unsigned char> out) noexcept {
  std::array<unsigned char, kGathered> all;
  std::size_t used = 0;
  bool fits = true;
  const auto append = [&](Bytes bytes) {
    fits = fits && bytes.size() <= all.size() - used;
    // An empty span may have no address, which memcpy must not be given.
    if (!fits || bytes.empty()) return;
    std::memcpy(all.data() + used, bytes.data(), bytes.size());
    used += bytes.size();
  };
  for (const Bytes input : inputs) {
    append(length_of(input));
    append(input);
    if (!fits) break;
  }
  if (fits) {
    crypto_generichash_blake2b(out.data(), out.size(), all.data(), used, key.data(),
                               KeyBytes::kSize);
  }
  sodium_memzero(all.data(), used);  // a name may be among them
  return fits;
}

void hash_inputs(const KeyBytes& key, std::span<const Bytes> inputs,
                 std::span<unsigned char> out) noexcept {
  if (hash_gathered(key, inputs, out)) return;
  crypto_generichash_blake2b_state state;
  crypto_generichash_blake2b_init(&state, key.data(), KeyBytes::kSize, out.size());
  for (const Bytes input : inputs) {
    const auto length = length_of(input);
    crypto_generichash_blake2b_update(&state, length.data(), length.size());
    crypto_generichash_blake2b_update(&state, input.data(), input.size());
  }
  crypto_generichash_blake2b_final(&state, out.data(), out.size());
  sodium_memzero(&state, sizeof state);
}

}  // namespace

Tag keyed_tag(const KeyBytes& key, std::span<const Bytes> inputs) noexcept {
  Tag tag;
  hash_inputs(key, inputs, tag);
  return tag;
}

Tag keyed_tag(const KeyBytes& key, std::initializer_list<Bytes> inputs) noexcept {
  return keyed_tag(key, std::span<const Bytes>(inputs.begin(), inputs.size()));
}

WideTag keyed_wide_tag(const KeyBytes& key, std::span<const Bytes> inputs) noexcept {
  WideTag tag;
  hash_inputs(key, inputs, tag);
  return tag;
}

WideTag keyed_wide_tag(const KeyBytes& key, std::initializer_list<Bytes> inputs) noexcept {
  return keyed_wide_tag(key, std::span<const Bytes>(inputs.begin(), inputs.size()));
}

std::uint64_t short_hash(const KeyBytes& key, Bytes input) noexcept {
  static_assert(crypto_shorthash_BYTES == 8 && crypto_shorthash_KEYBYTES <= KeyBytes::kSize);
  std::array<unsigned char, 8> out;
  crypto_shorthash(out.data(), input.data(), input.size(), key.data());
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < out.size(); ++i) value |= std::uint64_t{out[i]} << (8 * i);
  return value;
}

bool same_bytes(Bytes a, Bytes b) noexcept {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace tacit
