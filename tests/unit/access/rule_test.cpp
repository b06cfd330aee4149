#include "daemon/access/rule.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tacit {
namespace {

Rule reading(Policy policy, std::vector<std::string> pinned = {}) {
  Rule rule;
  rule.set_policy(Verb::kRead, policy);
  rule.pinned = std::move(pinned);
  return rule;
}

constexpr Policy kAll[] = {Policy::kOpen, Policy::kAsk, Policy::kConfirm, Policy::kPinned,
                           Policy::kDeny};

TEST(Rule, IsReadBackAsItWasWritten) {
  Rule rule = reading(Policy::kPinned, {"/usr/bin/psql", "/usr/bin/ssh"});
  rule.set_policy(Verb::kList, Policy::kAsk);
  rule.set_policy(Verb::kWrite, Policy::kDeny);
  rule.beside_pinned[1] = Policy::kConfirm;
  rule.tripwire = true;
  const auto read = decode_rule(encode_rule(rule));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, rule);
}

TEST(Rule, NoOtherBytesAreARule) {
  const Rule rule = reading(Policy::kPinned, {"/a/b", "/c"});
  const SecretBytes record = encode_rule(rule);
  for (std::size_t cut = 0; cut < record.size(); ++cut) {
    EXPECT_FALSE(decode_rule(SecretBytes::copy_of(record.bytes().first(cut)))) << cut;
  }
  int accepted = 0;
  for (std::size_t i = 0; i < record.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      SecretBytes changed = record.clone();
      changed.writable()[i] = static_cast<unsigned char>(value);
      const auto read = decode_rule(changed);
      if (!read) continue;
      ++accepted;
      EXPECT_TRUE(std::ranges::equal(encode_rule(*read).bytes(), changed.bytes()));
    }
  }
  EXPECT_GT(accepted, 10);
  EXPECT_FALSE(decode_rule(encode_rule(reading(Policy::kPinned, {"/c", "/a"}))));
  EXPECT_FALSE(decode_rule(encode_rule(reading(Policy::kPinned, {"/a", "/a"}))));
  EXPECT_FALSE(decode_rule(encode_rule(reading(Policy::kPinned, {"relative"}))));
}

TEST(Rule, TheStricterOfEachVerbCounts) {
  for (const Policy one : kAll) {
    for (const Policy other : kAll) {
      EXPECT_EQ(stricter(reading(one), reading(other)).policy_for(Verb::kRead),
                std::max(one, other));
    }
  }
  const Rule both =
      stricter(reading(Policy::kPinned, {"/a", "/b"}), reading(Policy::kPinned, {"/b", "/c"}));
  EXPECT_EQ(both.pinned, std::vector<std::string>{"/b"});
  const Rule asked = stricter(reading(Policy::kPinned, {"/a"}), reading(Policy::kConfirm));
  EXPECT_EQ(asked.policy_for(Verb::kRead), Policy::kPinned);
  EXPECT_EQ(asked.asks_for(Verb::kRead), Policy::kConfirm) << "who is on the list is asked still";
  EXPECT_EQ(asked.pinned, std::vector<std::string>{"/a"});
}

TEST(Rule, LooseningIsWhateverOpensSomething) {
  for (const Policy one : kAll) {
    for (const Policy other : kAll) {
      EXPECT_EQ(reading(one).loosened_by(reading(other)), other < one)
          << static_cast<int>(one) << " " << static_cast<int>(other);
    }
  }
  const Rule listed = reading(Policy::kPinned, {"/a", "/b"});
  EXPECT_FALSE(listed.loosened_by(reading(Policy::kPinned, {"/a"})));
  EXPECT_TRUE(listed.loosened_by(reading(Policy::kPinned, {"/a", "/b", "/c"})));
  EXPECT_TRUE(reading(Policy::kConfirm).loosened_by(listed)) << "the listed are not asked any more";
  EXPECT_FALSE(reading(Policy::kOpen).loosened_by(listed));
  Rule decoy;
  decoy.tripwire = true;
  EXPECT_TRUE(Rule().loosened_by(decoy));
  EXPECT_TRUE(decoy.loosened_by(Rule()));
}

TEST(Rule, WhatNoRuleSpeaksOfIsRefused) {
  EXPECT_EQ(Rule().policy_for(Verb::kAdmin), Policy::kDeny);
  EXPECT_EQ(Rule().policy_for(Verb::kNone), Policy::kDeny);
}

}  // namespace
}  // namespace tacit
