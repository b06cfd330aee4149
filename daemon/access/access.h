// Whether a program may do what it asks for: policies, grants, agents, narrowings, the user.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "daemon/access/askers.h"
#include "daemon/access/verbs.h"
#include "daemon/os/peer_identity.h"
#include "daemon/vault/item.h"

namespace tacit {

/// What is asked: by whom, what for, of which items. References are good until `authorize` has
/// returned; what outlives that is copied.
struct AccessRequest {
  const PeerIdentity& asker;
  Verb verb = Verb::kNone;
  std::span<const ItemName> items;  ///< empty: no single item (a list, administration)
  bool may_ask = false;             ///< the user may be asked before the answer
};

/// Gets the verdict: OK, or kPolicyDenied, kUserDenied, kNoPrompter. Called exactly once, at once
/// if nothing has to wait; else later, on the vault thread. What holds before it is to be asked
/// again in it: the vault may have been locked meanwhile.
using Verdict = std::function<void(absl::Status)>;

/// Owned by the vault thread.
class Access {
 public:
  /// Every item is `open` to every program of the user, and only that user's programs get a
  /// connection.
  void authorize(const AccessRequest& request, const Verdict& verdict);
};

}  // namespace tacit
