// Between the contract's messages about rules and access's types.
#pragma once
#include <string>

#include "absl/status/statusor.h"
#include "daemon/access/grants.h"
#include "daemon/access/narrowings.h"
#include "daemon/access/rule.h"
#include "tacit/v1/access.pb.h"

namespace tacit {

/// The collection has an empty name. Error: kInvalidArgument.
absl::StatusOr<ItemName> subject_from(const v1::Subject& subject);
/// One of the verbs that rules speak of. Error: kInvalidArgument.
absl::StatusOr<Verb> ruled_verb_from(v1::Verb verb);
/// `rule` with what the request changes. Error: kInvalidArgument.
absl::StatusOr<Rule> changed_by(Rule rule, const v1::SetPolicyRequest& request);
v1::Verb to_proto(Verb verb);

/// What a grant tells of its time: boot time, and the wall clock to show it by.
struct GrantTimes {
  BootTime boot_now{};
  UnixMillis wall_now = 0;
  std::chrono::nanoseconds idle{};
};
void fill(const Grant& from, const GrantTimes& times, v1::Grant& to);
void fill(const Narrowing& from, const GrantTimes& times, v1::Grant& to);

}  // namespace tacit
