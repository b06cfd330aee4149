#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cpp/terminal/terminal.h"

namespace tacit {
namespace {

using testing::HasSubstr;

constexpr PromptFacts kSomebody{.refused = false,
                                .terminal = true,
                                .foreground = true,
                                .stderr_terminal = true,
                                .stdin_is_null = false};

TEST(Hindrance, ThereIsNoneWhereSomebodyCanAnswer) { EXPECT_EQ(hindrance(kSomebody), ""); }

TEST(Hindrance, EachFactForbidsItAndSaysWhatToDo) {
  auto facts = kSomebody;
  facts.refused = true;
  EXPECT_THAT(hindrance(facts), HasSubstr("TACIT_NO_INPUT"));
  facts = kSomebody;
  facts.terminal = false;
  EXPECT_THAT(hindrance(facts), HasSubstr("on a terminal"));
  facts = kSomebody;
  facts.foreground = false;
  EXPECT_THAT(hindrance(facts), HasSubstr("in the foreground"));
  facts = kSomebody;
  facts.stderr_terminal = false;
  EXPECT_THAT(hindrance(facts), HasSubstr("standard error"));
  facts = kSomebody;
  facts.stdin_is_null = true;
  EXPECT_THAT(hindrance(facts), HasSubstr("/dev/null"));
}

}  // namespace
}  // namespace tacit
