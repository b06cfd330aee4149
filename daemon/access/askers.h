// Finds who asks without holding the vault thread: files of other file systems may stall for ever.
#pragma once
#include <functional>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "daemon/access/asker.h"
#include "daemon/os/peer_identity.h"

namespace tacit {

/// What is being found out about one connection. Vault thread.
class AskerLookup {
 public:
  virtual ~AskerLookup() = default;
  /// Calls `then` with who asks: at once if that is known, else later on the vault thread. An
  /// asker whose facts do not come within 200 ms is unknown.
  virtual void then(absl::AnyInvocable<void(std::shared_ptr<const Asker>)> function) = 0;
};

/// Vault thread, but for the threads of its own that it starts.
class Askers {
 public:
  virtual ~Askers() = default;
  /// Begins to find who is behind a connection; at accept, so that it is known when the first call
  /// comes. `identity` is used until the facts are there and must live as long.
  virtual std::shared_ptr<AskerLookup> look_up(const PeerIdentity& identity) = 0;
};

}  // namespace tacit
