#include "cli/time_text.h"

#include <gtest/gtest.h>

namespace tacit::cli {
namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;  // 2027-01-15T08:00:00Z

std::int64_t parsed(std::string_view text) {
  const auto time = parse_expiry(text, kNow);
  return time.ok() ? *time : -1;
}

TEST(ParseExpiry, Durations) {
  EXPECT_EQ(parsed("30s"), kNow + 30'000);
  EXPECT_EQ(parsed("5m"), kNow + 300'000);
  EXPECT_EQ(parsed("12h"), kNow + 43'200'000);
  EXPECT_EQ(parsed("90d"), kNow + 90LL * 86'400'000);
  EXPECT_EQ(parsed("1w2d"), kNow + 9LL * 86'400'000);
}

TEST(ParseExpiry, Dates) {
  EXPECT_EQ(parsed("never"), 0);
  EXPECT_EQ(parsed("2027-01-31"), 1'801'353'600'000);
  EXPECT_EQ(parsed("2027-01-31T00:00:00Z"), 1'801'353'600'000);
  EXPECT_EQ(parsed("2027-01-31t01:30:00.25+01:30"), 1'801'353'600'250);
  EXPECT_EQ(parsed("2027-01-30 22:00:00-02:00"), 1'801'353'600'000);
  EXPECT_EQ(parsed("2028-02-29"), 1'835'395'200'000);
  EXPECT_EQ(parsed("9999-12-31T23:59:59.999Z"), 253'402'300'799'999);
}

TEST(ParseExpiry, RefusesTheRest) {
  for (const char* text : {"",
                           "90",
                           "d",
                           "-5d",
                           "5x",
                           "5d3",
                           "1.5h",
                           "99999999999999999999d",
                           "9999999d9999999w",
                           "tomorrow",
                           "2027-13-01",
                           "2027-02-29",
                           "2027-1-31",
                           "2027-01-31T24:00:00Z",
                           "2027-01-31T12:00:00",
                           "2027-01-31T12:00Z",
                           "2027-01-31T12:00:00.Z",
                           "2027-01-31T12:00:00Zx",
                           "2027-01-31T12:00:00+0100",
                           "Never",
                           " 90d"}) {
    const auto time = parse_expiry(text, kNow);
    ASSERT_FALSE(time.ok()) << text;
    EXPECT_EQ(time.error().code, Reason::kInvalidArgument) << text;
  }
}

TEST(ParseExpiry, RefusesThePastAndTheVeryFar) {
  EXPECT_FALSE(parse_expiry("2020-01-01", kNow).ok());
  EXPECT_FALSE(parse_expiry("0s", kNow).ok());
  EXPECT_FALSE(parse_expiry("2990000d", kNow).ok());
}

TEST(ParseSince, IsADurationBackOrADate) {
  EXPECT_EQ(parse_since("1h", kNow).value(), kNow - 3'600'000);
  EXPECT_EQ(parse_since("2027-01-15", kNow).value(), kNow - 8 * 3'600'000);
  EXPECT_EQ(parse_since("2900000d", kNow).value(), 1) << "before the epoch: all there is";
  for (const char* text : {"", "yesterday", "2027-01-16", "3030-01-01", "never", "-1h"}) {
    EXPECT_FALSE(parse_since(text, kNow).ok()) << text;
  }
}

TEST(LocalTime, IsOfTheUsersZone) {
  ASSERT_EQ(setenv("TZ", "ABC-5:30", 1), 0);
  tzset();
  EXPECT_EQ(local_time(kNow), "2027-01-15 13:30:00");
  ASSERT_EQ(unsetenv("TZ"), 0);
  tzset();
}

TEST(ParseLifetime, TakesASecondTo366Days) {
  EXPECT_EQ(*parse_lifetime("1s"), 1'000);
  EXPECT_EQ(*parse_lifetime("15m"), 900'000);
  EXPECT_EQ(*parse_lifetime("366d"), 366LL * 86'400'000);
  for (const char* wrong : {"", "0s", "367d", "never", "15", "-1h", "2027-01-31", "1y"}) {
    EXPECT_FALSE(parse_lifetime(wrong).ok()) << wrong;
  }
}

TEST(Rfc3339, WritesMillisecondsOnlyWhereThereAreAny) {
  EXPECT_EQ(rfc3339(kNow), "2027-01-15T08:00:00Z");
  EXPECT_EQ(rfc3339(kNow + 7), "2027-01-15T08:00:00.007Z");
  EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00Z");
}

TEST(Rfc3339, EndsWithTheYear9999) {
  EXPECT_EQ(rfc3339(253'402'300'799'999), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(rfc3339(INT64_MAX), "9999-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace tacit::cli
