#include "daemon/rpc/call_meter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace tacit {
namespace {

std::string frame(int type, std::size_t length) {
  std::string bytes(9 + length, '\1');
  for (int i = 0; i < 3; ++i) bytes[i] = static_cast<char>(length >> (16 - 8 * i));
  bytes[3] = static_cast<char>(type);
  return bytes;
}

std::span<const unsigned char> span_of(std::string_view bytes) {
  return {reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()};
}

TEST(FrameCounter, CountsFramesInAnySlices) {
  std::string bytes(24, 'p');
  bytes += frame(4, 6) + frame(1, 200) + frame(9, 0) + frame(0, 70'000) + frame(1, 1) +
           frame(3, 4) + frame(8, 4) + frame(6, 8);
  for (const std::size_t slice : {1, 2, 7, 9, 24, 33, 1000, 1'000'000}) {
    FrameCounter counter;
    Sent all;
    for (std::size_t at = 0; at < bytes.size(); at += slice) {
      const Sent sent = counter.sent_in(span_of(std::string_view(bytes).substr(at, slice)));
      all.cost += sent.cost;
      all.bytes += sent.bytes;
    }
    EXPECT_EQ(all.cost, 2 * kCallCost + 3 * kControlFrameCost) << slice;
    EXPECT_EQ(all.bytes, 70'000) << slice;
  }
}

TEST(FrameCounter, ACallCountsWhenItsHeaderIsWhole) {
  const std::string bytes = std::string(24, 'p') + frame(1, 0);
  FrameCounter counter;
  EXPECT_EQ(counter.sent_in(span_of(std::string_view(bytes).substr(0, 24 + 8))).cost, 0);
  EXPECT_EQ(counter.sent_in(span_of(std::string_view(bytes).substr(24 + 8))).cost, kCallCost);
}

TEST(Allowance, WhoIsAnsweredGoesOnForEver) {
  Allowance allowance{BootTime{}};
  for (int call = 0; call < 1'000'000; ++call) {
    ASSERT_TRUE(allowance.spend({kCallCost, 1000}, BootTime{}));
    allowance.pay_back({kCallCost, 1000});
  }
}

TEST(Allowance, WhoIsNotAnsweredComesToItsEndAndBackWithTime) {
  Allowance allowance{BootTime{}};
  std::int64_t spent = 0;
  while (allowance.spend({kCallCost, 0}, BootTime{})) spent += kCallCost;
  EXPECT_EQ(spent, Allowance::kMost.cost);
  EXPECT_FALSE(allowance.full(BootTime{}));
  const BootTime later = std::chrono::seconds(1);
  std::int64_t again = 0;
  while (allowance.spend({kCallCost, 0}, later)) again += kCallCost;
  EXPECT_EQ(again, Allowance::kASecond.cost);
  EXPECT_TRUE(allowance.full(later + std::chrono::minutes(1)));
}

TEST(Allowance, AnswersGiveNoMoreThanThereWas) {
  Allowance allowance{BootTime{}};
  for (int call = 0; call < 10; ++call) allowance.pay_back({kCallCost, 1000});
  EXPECT_FALSE(allowance.spend({Allowance::kMost.cost + 1, 0}, BootTime{}));
  EXPECT_FALSE(allowance.spend({0, Allowance::kMost.bytes + 1}, BootTime{}));
  EXPECT_TRUE(allowance.spend(Allowance::kMost, BootTime{}));
}

/// Numbers that no test uses as descriptors.
constexpr NumberRange kNumbers{70'000, 4};

bool allows_calls(int number, int calls) {
  const std::string call = frame(1, 0);
  bool allowed = true;
  for (int i = 0; allowed && i < calls; ++i) {
    const std::span<const unsigned char> part = span_of(call);
    allowed = meter_allows(number, {&part, 1});
  }
  return allowed;
}

void begin(int number, const ProcessKey& process) {
  meter_connection(number, process);
  const std::string preface(24, 'p');
  const std::span<const unsigned char> part = span_of(preface);
  ASSERT_TRUE(meter_allows(number, {&part, 1}));
}

TEST(Meter, AProcessHasOneAllowanceForAllItsConnections) {
  constexpr int kCalls = Allowance::kMost.cost / kCallCost;
  meter_numbers(kNumbers);
  const ProcessKey greedy{10, 1}, other{11, 1};
  begin(70'000, greedy);
  begin(70'001, other);
  EXPECT_TRUE(allows_calls(70'000, kCalls / 2));
  begin(70'002, greedy);
  EXPECT_FALSE(allows_calls(70'002, kCalls));
  begin(70'003, greedy);
  EXPECT_FALSE(allows_calls(70'003, kCalls)) << "a new connection is no new start";
  EXPECT_TRUE(allows_calls(70'001, kCalls / 2));
  meter_call_answered(70'000);
}

TEST(Meter, OtherDescriptorsAreNotItsBusiness) {
  meter_numbers(kNumbers);
  EXPECT_TRUE(allows_calls(5, 100'000));
  EXPECT_TRUE(allows_calls(70'000, 100'000)) << "no connection of gRPC's yet";
  EXPECT_TRUE(allows_calls(-1, 1));
  meter_call_answered(70'003);
}

}  // namespace
}  // namespace tacit
