#include "cli/generator.h"

#include <sodium.h>

#include <algorithm>
#include <stdexcept>

namespace tacit::cli {
namespace {

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kDigits = "0123456789";

}  // namespace

std::vector<std::string_view> alphabet_names() {
  return {"alnum", "alpha", "digits", "hex", "base64url", "printable"};
}

std::optional<std::string> alphabet(std::string_view name) {
  const std::string alnum = std::string(kLetters) + std::string(kDigits);
  if (name == "alnum") return alnum;
  if (name == "alpha") return std::string(kLetters);
  if (name == "digits") return std::string(kDigits);
  if (name == "hex") return std::string(kDigits) + "abcdef";
  if (name == "base64url") return alnum + "-_";
  if (name != "printable") return {};
  std::string all;
  for (char c = '!'; c <= '~'; ++c) all += c;
  return all;
}

SecretBytes generate(const Generator& generator) {
  if (::sodium_init() < 0) throw std::runtime_error("libsodium has no source of randomness");
  SecretBytes value(generator.length);
  const auto count = static_cast<std::uint32_t>(generator.characters.size());
  std::ranges::generate(value.writable(), [&] {
    return static_cast<unsigned char>(generator.characters[::randombytes_uniform(count)]);
  });
  return value;
}

}  // namespace tacit::cli
