#include "daemon/rpc/peers.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>
#include <string>
#include <vector>

#include "daemon/base/status.h"

namespace tacit {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr NumberRange kNumbers{600, 8};

/// A registry on a hand-moved clock. The test closes numbers, as gRPC would.
class PeersTest : public testing::Test {
 protected:
  PeersTest() {
    limits_.max_connections = 4;
    limits_.max_connections_per_process = 3;
    limits_.grace = milliseconds(200);
  }

  ~PeersTest() override {
    for (int i = 0; i < kNumbers.count; ++i) ::close(kNumbers.first + i);
  }

  struct Connection {
    Peer* peer;
    UniqueFd client;
    int number() const { return peer->number; }
  };

  absl::StatusOr<Connection> try_connect(pid_t pid) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    PeerIdentity identity;
    identity.pid = pid;
    identity.start_time = 1;
    UniqueFd client(ends[1]);
    absl::StatusOr<Peer*> peer = peers().admit(UniqueFd(ends[0]), std::move(identity));
    if (!peer.ok()) return peer.status();
    return Connection{*peer, std::move(client)};
  }
  Connection connect(pid_t pid) { return try_connect(pid).value(); }
  void call(Peer& peer) {
    peers().call_started(peer);
    peers().call_over(peer);
  }
  /// What gRPC does some time after a connection has ended.
  static void grpc_closes(int number) { ::close(number); }
  static bool cut(const Connection& connection) {
    char byte;
    return ::recv(connection.client.get(), &byte, 1, 0) == 0;
  }
  std::string name(int number) { return "fd:" + std::to_string(number); }

  Peers& peers() {
    if (!peers_) {
      peers_ = std::make_unique<Peers>(
          limits_, kNumbers, clock_, *askers_,
          Peers::Hangups{[this](const Peer& peer) { watched_.insert(peer.number); },
                         [this](const Peer& peer) { watched_.erase(peer.number); }});
    }
    return *peers_;
  }
  void advance(std::chrono::nanoseconds step) {
    clock_.advance(step);
    peers().on_alarm();
  }

  Limits limits_;
  ManualBootClock clock_{seconds(1000)};
  std::unique_ptr<Askers> askers_ = make_askers({[](absl::AnyInvocable<void()>) {}, {}});
  std::set<int> watched_;
  std::unique_ptr<Peers> peers_;
};

TEST_F(PeersTest, IsFoundByWhatGrpcCallsIt) {
  const Connection connection = connect(10);
  EXPECT_EQ(peers().find(name(connection.number())), connection.peer);
  EXPECT_TRUE(watched_.contains(connection.number()));
  for (const char* bad : {"", "fd:", "fd:x", "fd:600x", "fd:999", "unix:", "ipv4:1.2.3.4:5"}) {
    EXPECT_EQ(peers().find(bad), nullptr) << bad;
  }
}

TEST_F(PeersTest, ANumberIsNotUsedAgainWhileGrpcHoldsIt) {
  Connection first = connect(10);
  const int number = first.number();
  peers().cut(*first.peer);
  // All other numbers go round; gRPC has not closed this one.
  for (int i = 0; i < 20; ++i) {
    Connection next = connect(11);
    EXPECT_NE(next.number(), number);
    const int other = next.number();
    peers().cut(*next.peer);
    grpc_closes(other);
  }
  EXPECT_NE(peers().find(name(number)), nullptr);
  grpc_closes(number);
  std::set<int> seen;
  for (int i = 0; i < 8; ++i) {
    Connection next = connect(11);
    seen.insert(next.number());
    const int other = next.number();
    peers().cut(*next.peer);
    grpc_closes(other);
  }
  EXPECT_TRUE(seen.contains(number)) << "freed at last";
}

TEST_F(PeersTest, ANumberIsNotUsedAgainWhileACallOfTheOldConnectionIsLeft) {
  Connection first = connect(10);
  const int number = first.number();
  peers().call_started(*first.peer);
  peers().cut(*first.peer);
  grpc_closes(number);
  for (int i = 0; i < 20; ++i) {
    Connection next = connect(11);
    EXPECT_NE(next.number(), number);
    const int other = next.number();
    peers().cut(*next.peer);
    grpc_closes(other);
  }
  // The queued call still meets the process that made it.
  ASSERT_EQ(peers().find(name(number)), first.peer);
  EXPECT_EQ(first.peer->identity.pid, 10);
  peers().call_over(*first.peer);
  connect(12);
  EXPECT_EQ(peers().find(name(number)), nullptr);
}

TEST_F(PeersTest, AHangUpOfAnEarlierUserOfTheNumberIsIgnored) {
  Connection connection = connect(10);
  peers().hung_up(connection.number(), connection.peer->generation - 1);
  EXPECT_FALSE(connection.peer->closing());
  peers().hung_up(connection.number(), connection.peer->generation);
  EXPECT_TRUE(connection.peer->closing());
  EXPECT_FALSE(watched_.contains(connection.number()));
}

TEST_F(PeersTest, AProcessAtItsLimitLosesOneOfItsOwn) {
  Connection other = connect(11);
  std::vector<Connection> open;
  for (int i = 0; i < 3; ++i) open.push_back(connect(10));
  Connection fourth = connect(10);
  EXPECT_TRUE(cut(open[0]));
  EXPECT_FALSE(cut(open[1]));
  EXPECT_FALSE(cut(other)) << "older, but another's";
}

TEST_F(PeersTest, AProcessAtItsLimitWithAllInUseIsRefused) {
  std::vector<Connection> open;
  for (int i = 0; i < 3; ++i) {
    open.push_back(connect(10));
    call(*open.back().peer);
    peers().call_started(*open.back().peer);
  }
  EXPECT_EQ(reason_of(try_connect(10).status()), Reason::kLimit);
  EXPECT_TRUE(try_connect(11).ok());
  peers().cut(*open[0].peer);
  EXPECT_TRUE(try_connect(10).ok()) << "an ended connection does not count";
}

TEST_F(PeersTest, WhenFullTheOldestWithoutACompletedCallGoesFirst) {
  Connection served = connect(1);
  call(*served.peer);
  Connection silent = connect(2);
  Connection younger = connect(3);
  Connection busy = connect(4);
  peers().call_started(*busy.peer);
  Connection fifth = connect(5);
  EXPECT_TRUE(cut(silent));
  Connection sixth = connect(6);
  EXPECT_TRUE(cut(younger));
  EXPECT_FALSE(cut(served));
  EXPECT_FALSE(cut(busy));
}

TEST_F(PeersTest, ThenTheLongestIdleWithoutAnOpenStream) {
  std::vector<Connection> open;
  for (pid_t pid = 1; pid <= 4; ++pid) {
    open.push_back(connect(pid));
    call(*open.back().peer);
    clock_.advance(seconds(1));
  }
  peers().call_started(*open[0].peer);  // idle longest, but for this stream
  Connection next = connect(5);
  EXPECT_TRUE(cut(open[1]));
  EXPECT_FALSE(cut(open[0]));
  EXPECT_FALSE(cut(open[2]));
}

TEST_F(PeersTest, WhenNobodyCanGoTheNewcomerIsRefused) {
  std::vector<Connection> open;
  for (pid_t pid = 1; pid <= 4; ++pid) {
    open.push_back(connect(pid));
    call(*open.back().peer);
    peers().call_started(*open.back().peer);
  }
  EXPECT_EQ(reason_of(try_connect(5).status()), Reason::kLimit);
}

TEST_F(PeersTest, WhoMakesNoCallWithinTwoSecondsIsCutAtTheSecondLook) {
  Connection silent = connect(1);
  Connection calls = connect(2);
  Connection delayed = connect(3);
  call(*calls.peer);
  advance(milliseconds(2000));
  EXPECT_FALSE(cut(silent));
  call(*delayed.peer);
  advance(milliseconds(249));
  EXPECT_FALSE(cut(silent));
  advance(milliseconds(1));
  EXPECT_TRUE(cut(silent));
  EXPECT_FALSE(cut(calls));
  EXPECT_FALSE(cut(delayed));
}

TEST_F(PeersTest, WhoIsIdleForTenMinutesIsCutUnlessAStreamIsOpen) {
  Connection idle = connect(1);
  call(*idle.peer);
  Connection watching = connect(2);
  peers().call_started(*watching.peer);
  advance(minutes(9));
  EXPECT_FALSE(cut(idle));
  advance(minutes(1));
  EXPECT_TRUE(cut(idle));
  advance(minutes(60));
  EXPECT_FALSE(cut(watching));
  peers().call_over(*watching.peer);
  advance(minutes(10));
  EXPECT_TRUE(cut(watching));
}

TEST_F(PeersTest, DrainWaitsForRepliesBegunBefore) {
  Connection connection = connect(1);
  peers().call_started(*connection.peer);
  const unsigned before = peers().reply_leaves(*connection.peer, 0);
  bool drained = false;
  peers().drain([&] { drained = true; });
  EXPECT_FALSE(drained);
  const unsigned after = peers().reply_leaves(*connection.peer, 0);
  peers().reply_left(*connection.peer, after, 0);
  EXPECT_FALSE(drained) << "a reply begun after the lock does not count";
  peers().reply_left(*connection.peer, before, 0);
  EXPECT_TRUE(drained);
  advance(seconds(1));
  EXPECT_FALSE(cut(connection));
}

TEST_F(PeersTest, WhoHoldsAReplyBackAtLockIsCut) {
  Connection stalled = connect(1);
  Connection honest = connect(2);
  peers().call_started(*stalled.peer);
  peers().call_started(*honest.peer);
  const unsigned epoch = peers().reply_leaves(*stalled.peer, 0);
  bool drained = false;
  peers().drain([&] { drained = true; });
  const unsigned new_epoch = peers().reply_leaves(*honest.peer, 0);
  advance(milliseconds(200));
  EXPECT_TRUE(cut(stalled));
  EXPECT_FALSE(cut(honest));
  EXPECT_FALSE(drained) << "its memory is still gRPC's";
  peers().reply_left(*stalled.peer, epoch, 0);
  EXPECT_TRUE(drained);
  peers().reply_left(*honest.peer, new_epoch, 0);
}

TEST_F(PeersTest, DrainWithNothingOnItsWayIsOverAtOnce) {
  bool drained = false;
  peers().drain([&] { drained = true; });
  EXPECT_TRUE(drained);
}

}  // namespace
}  // namespace tacit
