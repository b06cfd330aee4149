#include "daemon/os/harden.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <thread>

#include "tests/unit/os/child.h"

namespace tacit {
namespace {

TEST(Harden, TakesAwayWhatTheDaemonDoesNotNeed) {
  const int result = run_in_child([] {
    setenv("GRPC_TRACE", "all", 1);
    setenv("GRPC_VERBOSITY", "DEBUG", 1);
    REQUIRE_IN_CHILD(harden_process().ok());
    REQUIRE_IN_CHILD(prctl(PR_GET_DUMPABLE) == 0);
    REQUIRE_IN_CHILD(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    rlimit limit{};
    getrlimit(RLIMIT_CORE, &limit);
    REQUIRE_IN_CHILD(limit.rlim_cur == 0 && limit.rlim_max == 0);
    getrlimit(RLIMIT_NOFILE, &limit);
    REQUIRE_IN_CHILD(limit.rlim_cur == limit.rlim_max);
    REQUIRE_IN_CHILD(umask(0) == 077);
    REQUIRE_IN_CHILD(!getenv("GRPC_TRACE") && !getenv("GRPC_VERBOSITY"));
    char byte = 0;
    REQUIRE_IN_CHILD(read(STDIN_FILENO, &byte, 1) == 0);
    int ends[2];
    REQUIRE_IN_CHILD(pipe(ends) == 0);
    close(ends[0]);
    REQUIRE_IN_CHILD(write(ends[1], &byte, 1) == -1 && errno == EPIPE);
    return 0;
  });
  EXPECT_EQ(result, 0);
}

TEST(Harden, StandardDescriptorsAreNeverFree) {
  const int result = run_in_child([] {
    for (const int fd : {0, 1, 2}) close(fd);
    REQUIRE_IN_CHILD(harden_process().ok());
    for (const int fd : {0, 1, 2}) REQUIRE_IN_CHILD(fcntl(fd, F_GETFD) == 0);
    REQUIRE_IN_CHILD(socket(AF_UNIX, SOCK_STREAM, 0) > 2);
    return 0;
  });
  EXPECT_EQ(result, 0);
}

TEST(Harden, AnOpenStandardErrorStays) {
  const int result = run_in_child([] {
    int ends[2];
    REQUIRE_IN_CHILD(pipe(ends) == 0);
    dup2(ends[1], STDERR_FILENO);
    close(STDIN_FILENO);
    REQUIRE_IN_CHILD(harden_process().ok());
    char byte = 'e';
    REQUIRE_IN_CHILD(write(STDERR_FILENO, &byte, 1) == 1);
    REQUIRE_IN_CHILD(read(ends[0], &byte, 1) == 1 && byte == 'e');
    return 0;
  });
  EXPECT_EQ(result, 0);
}

class FilterTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!syscall_filter_available()) GTEST_SKIP() << "no filter in a sanitizer build";
  }
  // 0 if `call` fails with EPERM under the filter.
  template <class Call>
  static int refused_in_child(Call call) {
    return run_in_child([&call] {
      REQUIRE_IN_CHILD(harden_process().ok());
      REQUIRE_IN_CHILD(install_syscall_filter().ok());
      errno = 0;
      REQUIRE_IN_CHILD(call() == -1);
      REQUIRE_IN_CHILD(errno == EPERM);
      return 0;
    });
  }
};

TEST_F(FilterTest, NoSocketButUnix) {
  for (const int family : {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK, AF_ALG}) {
    EXPECT_EQ(refused_in_child([family] { return socket(family, SOCK_DGRAM, 0); }), 0) << family;
    int fds[2];
    EXPECT_EQ(refused_in_child([&] { return socketpair(family, SOCK_STREAM, 0, fds); }), 0);
  }
  // A family that the kernel would cut to AF_INET, and one that it would cut to AF_UNIX.
  for (const long family : {0x100000000L + AF_INET, 0x100000000L + AF_UNIX}) {
    EXPECT_EQ(refused_in_child([family] { return syscall(SYS_socket, family, SOCK_STREAM, 0); }),
              0);
  }
}

TEST_F(FilterTest, NoOtherProgram) {
  char program[] = "/bin/true";
  char* arguments[] = {program, nullptr};
  char* environment[] = {nullptr};
  EXPECT_EQ(refused_in_child([&] { return execve(program, arguments, environment); }), 0);
  EXPECT_EQ(refused_in_child([&] {
              return syscall(SYS_execveat, AT_FDCWD, program, arguments, environment, 0);
            }),
            0);
  EXPECT_EQ(refused_in_child([&] {
              pid_t pid = 0;
              const int error =
                  posix_spawn(&pid, program, nullptr, nullptr, arguments, environment);
              errno = error;
              return error ? -1 : 0;
            }),
            0);
}

TEST_F(FilterTest, NoOtherProcess) {
  EXPECT_EQ(refused_in_child([] { return fork(); }), 0);
#ifdef SYS_fork
  EXPECT_EQ(refused_in_child([] { return syscall(SYS_fork); }), 0);
  EXPECT_EQ(refused_in_child([] { return syscall(SYS_vfork); }), 0);
#endif
  EXPECT_EQ(refused_in_child([] { return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }), 0);
  EXPECT_EQ(refused_in_child([] { return syscall(SYS_clone, CLONE_VM | CLONE_FILES, 0, 0, 0, 0); }),
            0);
  EXPECT_EQ(refused_in_child([] { return unshare(CLONE_NEWUSER); }), 0);
}

TEST_F(FilterTest, NoMemoryOfOthersAndNoWayRound) {
  char byte = 0;
  const iovec data{&byte, 1};
  EXPECT_EQ(refused_in_child([] { return ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }), 0);
  EXPECT_EQ(refused_in_child([&] { return process_vm_readv(getpid(), &data, 1, &data, 1, 0); }), 0);
  EXPECT_EQ(refused_in_child([&] { return process_vm_writev(getpid(), &data, 1, &data, 1, 0); }),
            0);
  EXPECT_EQ(refused_in_child([] { return syscall(SYS_io_uring_setup, 1, nullptr); }), 0);
  EXPECT_EQ(refused_in_child([] { return syscall(SYS_io_uring_enter, 0, 0, 0, 0, nullptr); }), 0);
  EXPECT_EQ(refused_in_child([] { return syscall(SYS_bpf, 0, nullptr, 0); }), 0);
  EXPECT_EQ(refused_in_child([] { return ioctl(0, TIOCSTI, "x"); }), 0);
}

TEST_F(FilterTest, ThreadsAndUnixSocketsGoOn) {
  const int result = run_in_child([] {
    REQUIRE_IN_CHILD(harden_process().ok());
    REQUIRE_IN_CHILD(install_syscall_filter().ok());
    REQUIRE_IN_CHILD(syscall(SYS_clone3, nullptr, 0) == -1 && errno == ENOSYS);
    int fds[2] = {-1, -1};
    int refused_in_thread = 0;
    std::thread thread([&] {
      refused_in_thread = socket(AF_INET, SOCK_STREAM, 0) == -1 && errno == EPERM;
      (void)!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds);
    });
    thread.join();
    REQUIRE_IN_CHILD(refused_in_thread);
    REQUIRE_IN_CHILD(fds[0] >= 0 && socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
    return 0;
  });
  EXPECT_EQ(result, 0);
}

}  // namespace
}  // namespace tacit
