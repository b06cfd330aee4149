#include "cli/suggest.h"

#include <gtest/gtest.h>

#include <string>

namespace tacit::cli {
namespace {

constexpr std::string_view kVerbs[] = {"get", "set", "show", "list", "delete", "status"};

TEST(Suggest, FindsSlipsOfTheHand) {
  EXPECT_EQ(suggest("gte", kVerbs), "get");
  EXPECT_EQ(suggest("lst", kVerbs), "list");
  EXPECT_EQ(suggest("delte", kVerbs), "delete");
  EXPECT_EQ(suggest("statsu", kVerbs), "status");
}

TEST(Suggest, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(suggest("frobnicate", kVerbs), std::nullopt);
  EXPECT_EQ(suggest("", kVerbs), std::nullopt);
  EXPECT_EQ(suggest(std::string(10'000, 'g'), kVerbs), std::nullopt);
}

}  // namespace
}  // namespace tacit::cli
