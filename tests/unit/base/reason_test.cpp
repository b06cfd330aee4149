// tacit::Reason is written by hand so that the client links no protobuf: hold it against
// the contract.
#include "tacit/reason.h"

#include <gtest/gtest.h>

#include <string>

#include "daemon/base/status.h"
#include "tacit/v1/common.pb.h"

namespace tacit {
namespace {

TEST(Reason, NamesAndNumbersAreThoseOfTheContract) {
  const auto* contract = v1::Reason_descriptor();
  for (int i = 0; i < contract->value_count(); ++i) {
    const auto* value = contract->value(i);
    const std::string name = value->name().substr(std::string("REASON_").size());
    EXPECT_EQ(static_cast<int>(reason_from_name(name)), value->number()) << name;
    EXPECT_EQ(reason_name(static_cast<Reason>(value->number())), name);
  }
}

TEST(Reason, OutsideTheEnumIsUnspecified) {
  EXPECT_EQ(reason_name(static_cast<Reason>(77)), "UNSPECIFIED");
  EXPECT_EQ(reason_from_name("NO_SUCH_REASON"), Reason::kUnspecified);
}

TEST(Status, CarriesItsReasonAndItsCode) {
  const absl::Status status = make_error(Reason::kLocked, "locked");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(reason_of(status), Reason::kLocked);
  EXPECT_EQ(reason_of(absl::OkStatus()), Reason::kUnspecified);
  EXPECT_EQ(reason_of(absl::InternalError("bug")), Reason::kInternal);
}

}  // namespace
}  // namespace tacit
