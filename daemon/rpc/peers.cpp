#include "daemon/rpc/peers.h"

#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "daemon/base/status.h"
#include "daemon/rpc/call_meter.h"

namespace tacit {
namespace {

// How long until a closed number is looked for, when all were taken.
constexpr std::chrono::milliseconds kLookForNumbers{5};
constexpr std::chrono::milliseconds kSecondLook{250};

}  // namespace

Peers::Peers(const Limits& limits, NumberRange numbers, BootClock& clock, Askers& askers,
             Hangups hangups)
    : limits_(limits),
      numbers_(numbers),
      clock_(clock),
      askers_(askers),
      hangups_(std::move(hangups)) {
  meter_numbers(numbers);
}

Peers::~Peers() = default;

Process& Peers::process_of(const PeerIdentity& identity) {
  const ProcessKey key{identity.pid, identity.start_time};
  std::unique_ptr<Process>& process = processes_[key];
  if (!process) process = std::make_unique<Process>(Process{key});
  return *process;
}

absl::StatusOr<Peer*> Peers::admit(UniqueFd socket, PeerIdentity identity) {
  release_closed();
  Process& process = process_of(identity);
  ++process.entries;
  const auto refuse = [&](std::string_view why) {
    leave(process);
    return make_error(Reason::kLimit, why);
  };
  if (process.connections >= limits_.max_connections_per_process && !make_room(&process)) {
    return refuse("too many connections of one process");
  }
  const std::size_t open = peers_.size() - closing_.size();
  if (open >= limits_.max_connections && !make_room(nullptr)) return refuse("too many connections");
  const int number = numbers_.duplicate(socket.get());
  if (number < 0) return refuse("no descriptor number is free");
  meter_connection(number, process.key);

  auto peer = std::make_unique<Peer>();
  peer->number = number;
  peer->generation = ++last_generation_;
  peer->identity = std::move(identity);
  peer->asker = askers_.look_up(peer->identity);
  peer->kill_switch = std::move(socket);
  peer->process = &process;
  ++process.connections;
  peer->accepted = peer->last_active = clock_.now();
  Peer* const registered = peer.get();
  peers_[number] = std::move(peer);
  hangups_.watch(*registered);
  alarm_by(registered->accepted + limits_.first_call);
  return registered;
}

bool Peers::number_free() {
  release_closed();
  if (numbers_.free_count() != 0) return true;
  alarm_by(clock_.now() + kLookForNumbers);
  return false;
}

bool Peers::make_room(const Process* of) {
  Peer* oldest = nullptr;
  Peer* idlest = nullptr;
  for (auto& [number, peer] : peers_) {
    if (peer->closing() || (of != nullptr && peer->process != of)) continue;
    if (peer->completed == 0) {
      // A first call in flight (a key derivation, say) counts for more than silence.
      const auto rank = [](const Peer& p) { return std::pair(p.calls != 0, p.generation); };
      if (oldest == nullptr || rank(*peer) < rank(*oldest)) oldest = peer.get();
    } else if (peer->calls == 0) {
      if (idlest == nullptr || peer->last_active < idlest->last_active) idlest = peer.get();
    }
  }
  Peer* const goes =
      oldest != nullptr && (oldest->calls == 0 || idlest == nullptr) ? oldest : idlest;
  if (goes == nullptr) return false;
  cut(*goes);
  return true;
}

Peer* Peers::find(std::string_view grpc_peer) {
  constexpr std::string_view kPrefix = "fd:";
  if (!grpc_peer.starts_with(kPrefix)) return nullptr;
  int number = -1;
  const char* const end = grpc_peer.data() + grpc_peer.size();
  const auto parsed = std::from_chars(grpc_peer.data() + kPrefix.size(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return nullptr;
  const auto found = peers_.find(number);
  return found == peers_.end() ? nullptr : found->second.get();
}

void Peers::hung_up(int number, std::uint32_t generation) {
  const auto found = peers_.find(number);
  if (found == peers_.end() || found->second->generation != generation) return;
  cut(*found->second);
}

void Peers::cut(Peer& peer) {
  if (peer.closing()) return;
  hangups_.unwatch(peer);
  ::shutdown(peer.kill_switch.get(), SHUT_RDWR);
  peer.kill_switch.reset();
  --peer.process->connections;
  closing_.push_back(&peer);
}

void Peers::cut_all() {
  for (auto& [number, peer] : peers_) cut(*peer);
}

unsigned Peers::reply_leaves(Peer& peer, std::size_t bytes) {
  ++peer.unsent[lock_epoch_ & 1];
  const unsigned epoch = lock_epoch_;
  peer.process->unsent_bytes += bytes;
  unsent_bytes_ += bytes;
  if (unsent_bytes_ > limits_.unsent_bytes) cut_who_holds_most();
  return epoch;
}

void Peers::reply_left(Peer& peer, unsigned epoch, std::size_t bytes) {
  --peer.unsent[epoch & 1];
  peer.process->unsent_bytes -= bytes;
  unsent_bytes_ -= bytes;
  if (draining_ != 0 && (epoch & 1) != (lock_epoch_ & 1) && --draining_ == 0) drained();
}

void Peers::cut_who_holds_most() {
  const auto most = std::ranges::max_element(
      processes_, {}, [](const auto& entry) { return entry.second->unsent_bytes; });
  for (auto& [number, peer] : peers_) {
    if (peer->process == most->second.get()) cut(*peer);
  }
}

void Peers::drain(std::function<void()> then) {
  when_drained_.push_back(std::move(then));
  if (draining_ == 0) {
    const unsigned before = lock_epoch_++ & 1;
    for (const auto& [number, peer] : peers_) draining_ += peer->unsent[before];
    if (draining_ == 0) return drained();
  }
  drain_until_ = clock_.now() + limits_.grace;
  alarm_by(*drain_until_);
}

void Peers::drained() {
  drain_until_.reset();
  for (const auto& then : std::exchange(when_drained_, {})) then();
}

void Peers::call_started(Peer& peer) {
  ++peer.calls;
  peer.seen = true;
  peer.last_active = clock_.now();
}

void Peers::call_over(Peer& peer) {
  --peer.calls;
  ++peer.completed;
  meter_call_answered(peer.number);
  peer.last_active = clock_.now();
}

void Peers::release_closed() {
  // gRPC closes its descriptor some time after the connection ended. A call that it still holds
  // keeps the descriptor open; one that we hold is counted.
  std::erase_if(closing_, [this](Peer* peer) {
    if (peer->calls != 0 || !is_closed(peer->number)) return false;
    forget(*peer);
    return true;
  });
}

void Peers::forget(Peer& peer) {
  leave(*peer.process);
  const int number = peer.number;
  peers_.erase(number);
  numbers_.give_back(number);
}

void Peers::leave(Process& process) {
  if (--process.entries == 0) processes_.erase(ProcessKey(process.key));
}

std::optional<BootTime> Peers::deadline_of(const Peer& peer) const {
  if (peer.closing() || peer.calls != 0) return std::nullopt;
  if (!peer.seen)
    return peer.accepted + limits_.first_call + (peer.overdue ? kSecondLook : kSecondLook * 0);
  if (limits_.idle_connection.count() == 0) return std::nullopt;
  return peer.last_active + limits_.idle_connection;
}

void Peers::on_alarm() {
  const BootTime now = clock_.now();
  for (auto& [number, peer] : peers_) {
    const auto deadline = deadline_of(*peer);
    if (!deadline || *deadline > now) continue;
    // After a busy spell the alarm may come before the call that waits behind it.
    if (!peer->seen && !std::exchange(peer->overdue, true)) continue;
    cut(*peer);
  }
  if (drain_until_ && *drain_until_ <= now) {
    // Their tags come back, and with the last one `drained` is called.
    drain_until_.reset();
    for (auto& [number, peer] : peers_) {
      if (peer->unsent[(lock_epoch_ + 1) & 1] != 0) cut(*peer);
    }
  }
  release_closed();
  arm();
}

void Peers::alarm_by(BootTime when) {
  if (alarm_ && *alarm_ <= when) return;
  alarm_ = when;
  clock_.set_alarm(alarm_);
}

void Peers::arm() {
  alarm_ = drain_until_;
  for (const auto& [number, peer] : peers_) {
    auto deadline = deadline_of(*peer);
    // One that is busy now may fall silent later; look again then.
    if (!deadline && !peer->closing() && limits_.idle_connection.count() != 0) {
      deadline = clock_.now() + limits_.idle_connection;
    }
    if (deadline && (!alarm_ || *deadline < *alarm_)) alarm_ = deadline;
  }
  clock_.set_alarm(alarm_);
}

}  // namespace tacit
