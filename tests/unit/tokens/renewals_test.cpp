// One renewal at a time, whatever becomes of who has the lease.
#include "daemon/tokens/renewals.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

#include "daemon/base/status.h"

namespace tacit {
namespace {

using std::chrono::seconds;

constexpr ItemId kMail = {1};
constexpr ItemId kBank = {2};

/// One caller, and what it was told.
struct Caller {
  std::vector<RenewalNews> news;
  Renewals::Ticket ticket = 0;

  bool has_lease() const {
    return !news.empty() && std::holds_alternative<RenewalLease>(news.front());
  }
  std::uint64_t lease() const { return std::get<RenewalLease>(news.front()).id; }
  bool ended() const { return !news.empty() && !std::holds_alternative<RenewalLease>(news.back()); }
  std::uint64_t renewed_to() const { return std::get<RenewedTo>(news.back()).version; }
  Reason reason() const { return reason_of(std::get<absl::Status>(news.back())); }
};

class RenewalsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Caller> join(const ItemId& item, const RenewalWish& wish = {}) {
    auto caller = std::make_unique<Caller>();
    const auto ticket = renewals_.join(
        item, wish, [told = caller.get()](RenewalNews news) { told->news.push_back(news); });
    EXPECT_TRUE(ticket.ok());
    caller->ticket = *ticket;
    return caller;
  }
  void pass(seconds time) {
    clock_.advance(time);
    renewals_.on_alarm();
  }

  ManualBootClock clock_;
  std::variant<std::uint64_t, RenewedTo, absl::Status> considered_ = std::uint64_t{1};
  Renewals renewals_{
      {[this](const ItemId&, const RenewalWish&) { return considered_; }, &clock_, seconds(45)}};
};

TEST_F(RenewalsTest, OneGetsTheLeaseAndAllOthersItsOutcome) {
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < 64; ++i) callers.push_back(join(kMail));
  const auto other = join(kBank);
  int leases = 0;
  for (const auto& caller : callers) leases += caller->has_lease() ? 1 : 0;
  EXPECT_EQ(leases, 1);
  ASSERT_TRUE(callers.front()->has_lease());
  EXPECT_TRUE(other->has_lease()) << "another token has a line of its own";
  renewals_.renewed(kMail, 7);
  for (const auto& caller : callers) {
    ASSERT_TRUE(caller->ended());
    EXPECT_EQ(caller->renewed_to(), 7u);
  }
  EXPECT_FALSE(other->ended());
}

TEST_F(RenewalsTest, WhoGoesAwayLosesTheLeaseToTheNext) {
  const auto first = join(kMail);
  const auto second = join(kMail);
  const auto third = join(kMail);
  renewals_.leave(second->ticket);
  renewals_.leave(first->ticket);
  EXPECT_TRUE(second->news.empty());
  EXPECT_TRUE(third->has_lease());
  EXPECT_NE(third->lease(), first->lease());
  EXPECT_EQ(renewals_.find(first->lease()), nullptr);
}

TEST_F(RenewalsTest, TheNextIsAskedAnewWhetherItNeedsOne) {
  const auto first = join(kMail);
  const auto second = join(kMail);
  considered_ = make_error(Reason::kLoginNeeded, "in doubt");
  renewals_.leave(first->ticket);
  ASSERT_TRUE(second->ended());
  EXPECT_EQ(second->reason(), Reason::kLoginNeeded);
}

TEST_F(RenewalsTest, AStuckHolderLosesItAndMayStillTellWhatItGot) {
  const auto first = join(kMail);
  const auto second = join(kMail);
  pass(seconds(44));
  EXPECT_TRUE(second->news.empty());
  pass(seconds(1));
  EXPECT_TRUE(second->has_lease());
  ASSERT_TRUE(first->ended());
  EXPECT_EQ(first->reason(), Reason::kRenewalFailed);
  ASSERT_NE(renewals_.find(first->lease()), nullptr);
}

TEST_F(RenewalsTest, EachSignOfLifeBeginsTheTimeAnew) {
  const auto first = join(kMail);
  for (int i = 0; i < 10; ++i) {
    pass(seconds(40));
    ASSERT_NE(renewals_.find(first->lease()), nullptr);
  }
  EXPECT_FALSE(first->ended());
}

TEST_F(RenewalsTest, AFailureIsToldToAllAndTriedByNobodyOfThem) {
  const auto first = join(kMail);
  const auto second = join(kMail);
  const auto person = join(kMail, {.may_log_in = true});
  renewals_.failed(kMail, make_error(Reason::kRenewalFailed, "503"), false);
  EXPECT_EQ(first->reason(), Reason::kRenewalFailed);
  EXPECT_EQ(second->reason(), Reason::kRenewalFailed);
  EXPECT_EQ(person->reason(), Reason::kRenewalFailed);
}

TEST_F(RenewalsTest, WhereALoginIsNeededWhoCanHaveTheUserLogInIsNext) {
  const auto first = join(kMail);
  const auto second = join(kMail);
  const auto person = join(kMail, {.may_log_in = true});
  renewals_.failed(kMail, make_error(Reason::kLoginNeeded, "refused"), true);
  EXPECT_EQ(first->reason(), Reason::kLoginNeeded);
  EXPECT_EQ(second->reason(), Reason::kLoginNeeded);
  EXPECT_TRUE(person->has_lease());
}

TEST_F(RenewalsTest, ALockEndsAll) {
  const auto first = join(kMail);
  const auto second = join(kMail);
  renewals_.end_all(make_error(Reason::kLocked, "locked"));
  EXPECT_EQ(first->reason(), Reason::kLocked);
  EXPECT_EQ(second->reason(), Reason::kLocked);
  EXPECT_EQ(renewals_.find(first->lease()), nullptr);
  renewals_.leave(first->ticket);
}

}  // namespace
}  // namespace tacit
