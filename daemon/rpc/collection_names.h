// Collections as requests name them.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/rpc/core.h"

namespace tacit {

/// As a new collection is named. Error: kInvalidArgument.
absl::StatusOr<std::string> new_collection_name(const std::string& name);
/// Of one that is there; empty is `default`. Error: kInvalidArgument.
absl::StatusOr<std::string> collection_name_from(const std::string& name);
/// What a collection of this name would inherit from by its name alone, and what that does.
std::vector<std::string> above_new_name(const Vault& vault, const std::string& name);

/// A change of a collection as such, let in as a write.
AdminChange change_of(const std::string& collection, std::string change);

/// Asks Access of one collection after the other, then calls `then()`; else the call fails.
template <class CallType, class Then>
void judged_each(Core& core, CallType& call, Verb verb, std::vector<std::string> collections,
                 bool may_ask, Then then) {
  if (collections.empty()) return then();
  std::string next = std::move(collections.back());
  collections.pop_back();
  judged(core, call, verb, Wanted{.collection = std::move(next), .may_ask = may_ask},
         [&core, &call, verb, collections = std::move(collections), may_ask,
          then = std::move(then)] { judged_each(core, call, verb, collections, may_ask, then); });
}

/// Calls `then()` when the vault is open: asks for that where the call allows it. Else it fails.
template <class CallType, class Then>
void when_open(Core& core, CallType& call, bool may_ask, Then then) {
  authorized(core, call, Wanted{.unlock_alone = true, .may_ask = may_ask}, std::move(then));
}

}  // namespace tacit
