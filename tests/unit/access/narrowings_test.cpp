// Who may have come from a narrowed tree, by what is kept of it.
#include "daemon/access/narrowings.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <utility>

#include "daemon/os/peer_identity.h"
#include "tests/unit/vault/scratch.h"

namespace tacit {
namespace {

/// Longer than a pid may be: nothing of the kind runs.
constexpr pid_t kEnded = 1 << 23;

class NarrowingsTest : public Scratch {
 protected:
  void SetUp() override {
    create();
    outer_start_ = process_start_time(::getpid());
    ASSERT_NE(outer_start_, 0u);
  }
  void narrow(pid_t root, std::uint64_t start) {
    Narrowing narrowing;
    narrowing.id = narrowings_.last_id() + 1;
    narrowing.root = root;
    narrowing.root_start = start;
    narrowing.items = {ItemId{1}};
    narrowing.names = {{"default", "mail"}};
    ASSERT_TRUE(narrowings_.add(*vault_, std::move(narrowing)).ok());
  }
  /// Of a child of this process that was started `ticks` after it.
  Asker child(std::uint64_t ticks) const {
    Asker asker;
    asker.chain.resize(2);
    asker.chain[0].pid = kEnded + 10;
    asker.chain[0].start_time = outer_start_ + ticks;
    asker.chain[1].pid = ::getpid();
    asker.chain[1].start_time = outer_start_;
    return asker;
  }

  // One that stands for hours, so that what ends now covers a child of any start.
  Narrowings narrowings_{{[] { return BootTime(std::chrono::hours(1'000'000)); }, "boot",
                          [](Narrowings::Root, std::function<void()>) {}}};
  std::uint64_t outer_start_ = 0;
};

TEST_F(NarrowingsTest, AChildOfTheRootAloneHasLeftNothing) {
  narrow(::getpid(), outer_start_);
  EXPECT_FALSE(narrowings_.may_have_left(child(5)));
}

TEST_F(NarrowingsTest, OneWithinMayHaveBegunInTheTickOfTheOuterOne) {
  narrow(::getpid(), outer_start_);
  narrow(kEnded, outer_start_);
  EXPECT_TRUE(narrowings_.may_have_left(child(0)));
  EXPECT_TRUE(narrowings_.may_have_left(child(5)));
}

TEST_F(NarrowingsTest, OneWithinIsNotLostInAPastThatBeganBeforeTheOuterOne) {
  narrow(kEnded, outer_start_ - 1);
  narrow(::getpid(), outer_start_);
  narrow(kEnded + 1, outer_start_ + 1);
  narrow(kEnded + 2, outer_start_ + 1);  // the one before is past now, grown over the first
  EXPECT_TRUE(narrowings_.may_have_left(child(5)));
}

TEST_F(NarrowingsTest, WhatEndedWhenTheOuterOneBeganIsNotWithinIt) {
  narrow(kEnded, outer_start_ - 2);
  narrow(::getpid(), outer_start_);  // the one before is past now, up to after the child's start
  EXPECT_FALSE(narrowings_.may_have_left(child(0)));
}

TEST_F(NarrowingsTest, WhatBeganBeforeTheOuterOneIsNotWithinIt) {
  narrow(::getpid(), outer_start_);
  narrow(kEnded, outer_start_ - 1);
  EXPECT_FALSE(narrowings_.may_have_left(child(0)));
}

}  // namespace
}  // namespace tacit
