#include "cli/recovery_groups.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace tacit::cli {
namespace {

std::span<const unsigned char> bytes(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

TEST(RecoveryGroups, AreTheRunsBetweenSeparators) {
  const auto groups = recovery_groups(bytes("ABCD-EF12--GH \n IJKL\n"));
  ASSERT_EQ(groups.size(), 4u);
  EXPECT_EQ(groups[0].offset, 0u);
  EXPECT_EQ(groups[0].size, 4u);
  EXPECT_EQ(groups[1].offset, 5u);
  EXPECT_EQ(groups[2].size, 2u);
  EXPECT_EQ(groups[3].offset, 16u);
  EXPECT_EQ(groups[3].size, 4u);
  EXPECT_TRUE(recovery_groups(bytes("")).empty());
}

TEST(PickTwo, GivesEveryPairAndNoneTwice) {
  std::set<std::pair<std::size_t, std::size_t>> seen;
  for (int i = 0; i < 2000; ++i) {
    const auto [first, second] = pick_two(4);
    ASSERT_LT(first, second);
    ASSERT_LT(second, 4u);
    seen.emplace(first, second);
  }
  EXPECT_EQ(seen.size(), 6u);
  EXPECT_EQ(pick_two(2), (std::array<std::size_t, 2>{0, 1}));
}

TEST(GroupMatches, ForgivesCaseAndSpacesAlone) {
  EXPECT_TRUE(group_matches(bytes("AB12"), bytes("ab12")));
  EXPECT_TRUE(group_matches(bytes("AB12"), bytes(" a-b 1 2 ")));
  EXPECT_FALSE(group_matches(bytes("AB12"), bytes("AB1")));
  EXPECT_FALSE(group_matches(bytes("AB12"), bytes("AB123")));
  EXPECT_FALSE(group_matches(bytes("AB12"), bytes("AB13")));
  EXPECT_FALSE(group_matches(bytes("AB12"), bytes("")));
}

}  // namespace
}  // namespace tacit::cli
