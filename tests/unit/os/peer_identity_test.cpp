#include "daemon/os/peer_identity.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "tests/unit/os/child.h"

#ifndef TACIT_SANITIZER
#include <seccomp.h>
#endif

namespace tacit {
namespace {

struct Pair {
  UniqueFd one;
  UniqueFd other;
};

Pair make_pair_of_sockets() {
  int fds[2] = {-1, -1};
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

TEST(PeerIdentity, TellsUidPidAndStartTime) {
  const Pair pair = make_pair_of_sockets();
  const auto peer = peer_identity(pair.one.get());
  ASSERT_TRUE(peer.ok()) << peer.status();
  EXPECT_EQ(peer->uid, geteuid());
  EXPECT_EQ(peer->gid, getegid());
  EXPECT_EQ(peer->pid, getpid());
  EXPECT_TRUE(is_alive(peer->pidfd));
  EXPECT_GT(peer->start_time, 0U);
  EXPECT_EQ(peer->start_time, process_start_time(getpid()));
}

TEST(PeerIdentity, StartTimesGrow) {
  EXPECT_LE(process_start_time(1), process_start_time(getpid()));
  EXPECT_EQ(process_start_time(0), 0U);
}

TEST(PeerIdentity, ANameWithParenthesesDoesNotConfuse) {
  const auto expected = process_start_time(getpid());
  char name[16] = {};
  prctl(PR_GET_NAME, name);
  prctl(PR_SET_NAME, "a) R 1 (b) 2");
  EXPECT_EQ(process_start_time(getpid()), expected);
  prctl(PR_SET_NAME, name);
}

// The pair's credentials are those of its maker, so the maker must be the child.
TEST(PeerIdentity, AProcessThatEndedIsNotAlive) {
  int carrier[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, carrier), 0);
  const UniqueFd receive(carrier[0]);
  UniqueFd send(carrier[1]);
  int go[2];
  ASSERT_EQ(pipe(go), 0);
  const pid_t pid = fork();
  ASSERT_GE(pid, 0);
  if (pid == 0) {
    close(go[1]);
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0) _exit(1);
    msghdr message{};
    char byte = 'x';
    iovec data{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    *reinterpret_cast<int*>(CMSG_DATA(header)) = fds[0];
    if (sendmsg(send.get(), &message, 0) != 1) _exit(2);
    char wait = 0;
    if (read(go[0], &wait, 1) != 0) _exit(3);  // until the parent lets go
    _exit(0);
  }
  close(go[0]);
  UniqueFd let_go(go[1]);
  msghdr message{};
  char byte = 0;
  iovec data{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ASSERT_EQ(recvmsg(receive.get(), &message, 0), 1);
  const UniqueFd socket(*reinterpret_cast<int*>(CMSG_DATA(CMSG_FIRSTHDR(&message))));

  const auto living = peer_identity(socket.get());
  ASSERT_TRUE(living.ok());
  EXPECT_EQ(living->pid, pid);
  EXPECT_TRUE(is_alive(living->pidfd));

  let_go.reset();
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  ASSERT_EQ(status, 0);
  EXPECT_FALSE(is_alive(living->pidfd));
  const auto ended = peer_identity(socket.get());
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->uid, geteuid());
  EXPECT_FALSE(is_alive(ended->pidfd));
  EXPECT_EQ(ended->start_time, 0U);
}

TEST(PeerIdentity, SomethingElseIsAnError) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const UniqueFd one(ends[0]);
  const UniqueFd other(ends[1]);
  EXPECT_FALSE(peer_identity(one.get()).ok());
  EXPECT_FALSE(peer_identity(UniqueFd(::socket(AF_UNIX, SOCK_STREAM, 0)).get()).ok());
  EXPECT_FALSE(peer_identity(-1).ok());
}

#ifndef TACIT_SANITIZER
// A kernel before 6.5 is played by a filter that refuses SO_PEERPIDFD as such a kernel does.
TEST(PeerIdentity, OldKernelsGiveAPidfdByNumber) {
  const int result = run_in_child([] {
    const Pair pair = make_pair_of_sockets();
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    REQUIRE_IN_CHILD(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOPROTOOPT), SCMP_SYS(getsockopt), 1,
                                      SCMP_A2(SCMP_CMP_EQ, 77)) == 0);
    REQUIRE_IN_CHILD(seccomp_load(filter) == 0);
    const auto peer = peer_identity(pair.one.get());
    REQUIRE_IN_CHILD(peer.ok());
    REQUIRE_IN_CHILD(peer->pid == getpid());
    REQUIRE_IN_CHILD(is_alive(peer->pidfd));
    REQUIRE_IN_CHILD(peer->start_time == process_start_time(getpid()));
    return 0;
  });
  EXPECT_EQ(result, 0);
}
#endif

}  // namespace
}  // namespace tacit
