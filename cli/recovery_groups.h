// The recovery key as groups of characters, two of which are asked back.
#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "tacit/secret_bytes.h"

namespace tacit::cli {

/// Part of a text: `size` bytes from `offset`.
struct Group {
  std::size_t offset = 0;
  std::size_t size = 0;
};

/// The runs of characters between hyphens, spaces and line ends, in order.
std::vector<Group> recovery_groups(std::span<const unsigned char> key);

/// Two different positions below `count` (at least 2), the smaller first, at random.
std::array<std::size_t, 2> pick_two(std::size_t count);

/// What was typed is this group; letter case, spaces and hyphens do not matter.
bool group_matches(std::span<const unsigned char> group, std::span<const unsigned char> typed);

}  // namespace tacit::cli
