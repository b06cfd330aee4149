// Finds who asks without holding the vault thread: files of other file systems may stall for ever.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "daemon/access/asker.h"
#include "daemon/os/peer_identity.h"

namespace tacit {

/// What is being found out about one connection. Vault thread. Dropped, it calls nobody any more.
class AskerLookup {
 public:
  virtual ~AskerLookup() = default;
  /// Calls `function` with who asks: at once if that is known, else later on the vault thread. An
  /// asker whose facts do not come in time (200 ms) is unknown.
  virtual void then(absl::AnyInvocable<void(std::shared_ptr<const Asker>)> function) = 0;
  /// The same without waiting; null: not known yet. Never null after `then` called back.
  virtual std::shared_ptr<const Asker> now() const = 0;
};

/// Vault thread, but for the threads of its own that it starts.
class Askers {
 public:
  virtual ~Askers() = default;
  /// Begins to find who is behind a connection; at accept, so that it is known when the first call
  /// comes. What is needed of `identity` is copied.
  virtual std::shared_ptr<AskerLookup> look_up(const PeerIdentity& identity) = 0;
  /// Before the vault thread's end: nothing is handed to it any more.
  virtual void stop() = 0;
};

struct AskersSetup {
  /// Hands a function to the vault thread; callable from any thread.
  std::function<void(absl::AnyInvocable<void()>)> on_vault_thread;
  /// What marks a coding agent's processes (agents.h).
  std::vector<std::string> agent_markers;
};

/// By /proc, on a FactsPool.
std::unique_ptr<Askers> make_askers(AskersSetup setup);

/// How a program is called in messages and causes: `tacit (pid 123)`, by the last part of its
/// executable's path; `pid 123` if that cannot be read.
std::string describe_program(const Program& program);

}  // namespace tacit
