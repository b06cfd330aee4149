// Who is connected: the registry that turns gRPC's `fd:N` into a process.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/access/askers.h"
#include "daemon/os/boot_time.h"
#include "daemon/os/peer_identity.h"
#include "daemon/os/unique_fd.h"
#include "daemon/rpc/limits.h"
#include "daemon/rpc/number_ring.h"
#include "daemon/session/process_key.h"

namespace tacit {

/// One process with at least one connection.
struct Process {
  ProcessKey key;
  std::uint32_t connections = 0;  ///< open
  std::uint32_t entries = 0;      ///< with those that are closing
  std::size_t unsent_bytes = 0;   ///< of replies that gRPC has and the process has not taken
};

/// One connection. Lives until gRPC has closed it and its last call is over.
struct Peer {
  int number = -1;               ///< gRPC's descriptor, closed by gRPC alone
  std::uint32_t generation = 0;  ///< tells two users of one number apart
  PeerIdentity identity;
  std::shared_ptr<AskerLookup> asker;  ///< who is behind `identity`
  UniqueFd kill_switch;                ///< a second descriptor of the socket; none once it hung up
  Process* process = nullptr;
  BootTime accepted{};
  BootTime last_active{};
  std::uint32_t calls = 0;      ///< queued or in flight
  std::uint64_t completed = 0;  ///< calls that are over
  /// Replies that gRPC has not written yet, by the parity of the lock epoch they began in.
  std::array<std::uint32_t, 2> unsent{};
  bool seen = false;     ///< has made a call
  bool overdue = false;  ///< should have by now
  bool closing() const { return !kill_switch; }
};

/// Owned by the vault thread.
class Peers {
 public:
  /// `watch` and `unwatch` tell who looks for hang-ups about a connection's kill switch.
  struct Hangups {
    std::function<void(const Peer&)> watch;
    std::function<void(const Peer&)> unwatch;
  };
  Peers(const Limits& limits, NumberRange numbers, BootClock& clock, Askers& askers,
        Hangups hangups);
  ~Peers();

  /// Registers an accepted connection and returns it with the number that gRPC is to have.
  /// When full, who has not completed a call goes first, the oldest of them, then who was idle
  /// longest without an open stream; for a process at its own limit, one of its own. Errors:
  /// kLimit, nobody can go; the socket is closed.
  absl::StatusOr<Peer*> admit(UniqueFd socket, PeerIdentity identity);

  /// False: all numbers are taken; the alarm rings soon, for gRPC closes what has ended.
  bool number_free();

  /// `fd:N` as gRPC writes it; null: nobody we know.
  Peer* find(std::string_view grpc_peer);

  void hung_up(int number, std::uint32_t generation);
  /// The connection ends now: shutdown(2), which gRPC sees as its end.
  void cut(Peer& peer);
  void cut_all();

  /// A reply is given to gRPC; returns what `reply_left` is to be told. When all hold more than
  /// Limits::unsent_bytes, the process that holds most is cut.
  unsigned reply_leaves(Peer& peer, std::size_t bytes);
  void reply_left(Peer& peer, unsigned epoch, std::size_t bytes);
  /// At lock: calls `then` when all replies begun before have left, at once if there are none.
  /// After Limits::grace connections that still hold some are cut.
  void drain(std::function<void()> then);

  void call_started(Peer& peer);
  void call_over(Peer& peer);

  /// The clock's alarm: cuts who made no first call, or none for long.
  void on_alarm();
  std::size_t size() const { return peers_.size(); }

 private:
  /// Ends one connection: of one process, or of anybody. False: all are in use.
  bool make_room(const Process* of);
  void release_closed();
  void arm();
  Process& process_of(const PeerIdentity& identity);
  void cut_who_holds_most();
  void forget(Peer& peer);
  void leave(Process& process);
  std::optional<BootTime> deadline_of(const Peer& peer) const;
  void alarm_by(BootTime when);
  void drained();

  const Limits& limits_;
  NumberRing numbers_;
  BootClock& clock_;
  Askers& askers_;
  Hangups hangups_;
  std::unordered_map<int, std::unique_ptr<Peer>> peers_;  ///< by number
  std::vector<Peer*> closing_;                            ///< not yet released
  std::unordered_map<ProcessKey, std::unique_ptr<Process>, ProcessKeyHash> processes_;
  std::size_t unsent_bytes_ = 0;  ///< of all
  std::uint32_t last_generation_ = 0;
  std::optional<BootTime> alarm_;

  unsigned lock_epoch_ = 0;
  std::size_t draining_ = 0;  ///< replies of the last epoch that are still to leave
  std::optional<BootTime> drain_until_;
  std::vector<std::function<void()>> when_drained_;
};

}  // namespace tacit
