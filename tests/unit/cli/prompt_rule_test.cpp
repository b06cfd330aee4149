#include <gtest/gtest.h>

#include "cli/prompt.h"

namespace tacit::cli {
namespace {

constexpr PromptFacts kSomebody{.refused = false,
                                .terminal = true,
                                .foreground = true,
                                .stderr_terminal = true,
                                .stdin_is_null = false};

TEST(MayPrompt, WhereSomebodyCanAnswer) { EXPECT_TRUE(may_prompt(kSomebody)); }

TEST(MayPrompt, AnyOneFactForbidsIt) {
  auto facts = kSomebody;
  facts.refused = true;
  EXPECT_FALSE(may_prompt(facts));
  facts = kSomebody;
  facts.terminal = false;
  EXPECT_FALSE(may_prompt(facts));
  facts = kSomebody;
  facts.foreground = false;
  EXPECT_FALSE(may_prompt(facts));
  facts = kSomebody;
  facts.stderr_terminal = false;
  EXPECT_FALSE(may_prompt(facts));
  facts = kSomebody;
  facts.stdin_is_null = true;
  EXPECT_FALSE(may_prompt(facts));
}

}  // namespace
}  // namespace tacit::cli
