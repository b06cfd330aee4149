// Who is behind a change of the session's state, in words.
#pragma once
#include <memory>
#include <string>

#include "daemon/access/askers.h"
#include "daemon/rpc/peers.h"

namespace tacit {

/// The cause of a change, for those who watch and for the log. Who asks is known once it was looked
/// up.
inline std::string asked_by(const Peer& peer) {
  const std::shared_ptr<const Asker> asker = peer.asker->now();
  if (!asker) return "asked by a program";
  const std::string by = "asked by " + describe_program(asker->asking());
  return asker->agent() ? by + ", a coding agent's" : by;
}

/// Has it found out by the time that a derivation takes.
inline void look_up(const Peer& peer) {
  peer.asker->then([](const std::shared_ptr<const Asker>&) {});
}

}  // namespace tacit
