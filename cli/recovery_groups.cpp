#include "cli/recovery_groups.h"

#include <sodium.h>

#include <algorithm>

namespace tacit::cli {
namespace {

bool is_separator(unsigned char c) {
  return c == '-' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

unsigned char lower(unsigned char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<unsigned char>(c - 'A' + 'a') : c;
}

}  // namespace

std::vector<Group> recovery_groups(std::span<const unsigned char> key) {
  std::vector<Group> groups;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= key.size(); ++i) {
    if (i < key.size() && !is_separator(key[i])) continue;
    if (i > start) groups.push_back({start, i - start});
    start = i + 1;
  }
  return groups;
}

std::array<std::size_t, 2> pick_two(std::size_t count) {
  const std::size_t first = randombytes_uniform(static_cast<std::uint32_t>(count));
  std::size_t second = randombytes_uniform(static_cast<std::uint32_t>(count - 1));
  if (second >= first) ++second;
  return {std::min(first, second), std::max(first, second)};
}

bool group_matches(std::span<const unsigned char> group, std::span<const unsigned char> typed) {
  std::size_t matched = 0;
  for (const unsigned char c : typed) {
    if (is_separator(c)) continue;
    if (matched == group.size() || lower(c) != lower(group[matched])) return false;
    ++matched;
  }
  return matched == group.size();
}

}  // namespace tacit::cli
