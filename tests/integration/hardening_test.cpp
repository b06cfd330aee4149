// What the daemon forbids itself, read back from /proc.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {
namespace fs = std::filesystem;

class Hardening : public DaemonTest {
 protected:
  fs::path proc() const { return fs::path("/proc") / std::to_string(daemon_->pid()); }
  static std::string field(const fs::path& status, const std::string& name) {
    std::ifstream file(status);
    for (std::string line; std::getline(file, line);) {
      if (line.rfind(name + ":", 0) != 0) continue;
      const auto start = line.find_first_not_of(" \t", name.size() + 1);
      return start == std::string::npos ? "" : line.substr(start);
    }
    return "(none)";
  }
};

TEST_F(Hardening, NoThreadMayGainPrivilegesOrLeaveTheFilter) {
  start_unlocked();
  int threads = 0;
  for (const auto& thread : fs::directory_iterator(proc() / "task")) {
    ++threads;
    EXPECT_EQ(field(thread.path() / "status", "NoNewPrivs"), "1");
#ifndef TACIT_SANITIZER
    EXPECT_EQ(field(thread.path() / "status", "Seccomp"), "2") << thread.path();
#endif
  }
  EXPECT_GE(threads, 2);
  EXPECT_LE(threads, 64) << "a bounded number of threads";
}

TEST_F(Hardening, UmaskCoreLimitAndLockedMemory) {
  start_unlocked();
  EXPECT_EQ(field(proc() / "status", "Umask"), "0077");
#ifndef TACIT_SANITIZER
  EXPECT_NE(field(proc() / "status", "VmLck"), "0 kB") << "keys are locked into memory";
#endif
  std::ifstream limits(proc() / "limits");
  std::string line;
  while (std::getline(limits, line) && line.rfind("Max core file size", 0) != 0) {
  }
  std::istringstream words(line.substr(std::string("Max core file size").size()));
  std::string soft, hard;
  words >> soft >> hard;
  EXPECT_EQ(soft, "0");
  EXPECT_EQ(hard, "0");
}

TEST_F(Hardening, OthersOfTheUserCannotLookInside) {
  if (geteuid() != 0) GTEST_SKIP() << "only root starts a daemon for another user";
  // Files of a process that is not dumpable belong to root (proc(5)); so it takes a daemon that
  // is not root's own to see it.
  for (const auto& entry : fs::recursive_directory_iterator(home_.path())) {
    ASSERT_EQ(lchown(entry.path().c_str(), 65534, 65534), 0);
  }
  ASSERT_EQ(chown(home_.path().c_str(), 65534, 65534), 0);
  DaemonOptions as_nobody;
  as_nobody.launcher = {"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
  if (run({"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/test",
           "-x", TACIT_TEST_DAEMON},
          {})
          .code != 0) {
    GTEST_SKIP() << "the build folder is closed to other users";
  }
  daemon_.emplace(home_, as_nobody);
  EXPECT_EQ(field(proc() / "status", "Uid").substr(0, 5), "65534");
  struct stat facts {};
  ASSERT_EQ(stat((proc() / "environ").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_uid, 0u) << "the daemon is dumpable";

  // The daemon is nobody's: root's own connection is one of another uid, and is closed unserved.
  StockClient root(home_.socket());
  pb::StatusReply reply;
  const auto ctx = context(std::chrono::seconds(5));
  EXPECT_EQ(root.session().Status(ctx.get(), {}, &reply).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(reply.pid(), 0);
  std::vector<std::string> own = as_nobody.launcher;
  own.insert(own.end(), {TACIT_TEST_PEER, "call", home_.socket(), "/tacit.v1.Session/Status", ""});
  const Exit served = run(own, {});
  EXPECT_EQ(served.code, 0) << "its own user is served: " << served.errors;
}

TEST_F(Hardening, NoSocketButUnixOnes) {
  start_unlocked();
  std::set<std::string> network;
  for (const char* table : {"tcp", "tcp6", "udp", "udp6", "raw", "raw6", "netlink", "packet"}) {
    std::ifstream file(proc() / "net" / table);
    std::string line;
    std::getline(file, line);
    const bool inode_last = std::string(table) == "netlink" || std::string(table) == "packet";
    while (std::getline(file, line)) {
      std::istringstream words(line);
      std::string word;
      std::string inode;
      for (int i = 0; words >> word; ++i) {
        if (inode_last || i == 9) inode = word;
      }
      network.insert("socket:[" + inode + "]");
    }
  }
  if (!daemon_->descriptors()) GTEST_SKIP() << "only root sees the daemon's descriptors";
  int sockets = 0;
  for (const auto& fd : fs::directory_iterator(proc() / "fd")) {
    std::error_code gone;
    const std::string target = fs::read_symlink(fd.path(), gone);
    if (target.rfind("socket:", 0) != 0) continue;
    ++sockets;
    EXPECT_EQ(network.count(target), 0u) << fd.path() << " " << target;
  }
  EXPECT_GE(sockets, 2) << "the listener and this client";
}

TEST_F(Hardening, ValuesAreInNoLogWhateverTheEnvironmentAsks) {
  configure("[log]\nlevel = \"debug\"\n");
  DaemonOptions loud;
  loud.environment["GRPC_TRACE"] = "all";
  loud.environment["GRPC_VERBOSITY"] = "DEBUG";
  start_unlocked(loud);
  const std::string value = random_text(24);
  ASSERT_TRUE(succeeded(client_->set("name", value)));
  std::string got;
  ASSERT_TRUE(succeeded(client_->get("name", &got)));
  EXPECT_FALSE(client_->set(std::string("bad\0name", 8), value).ok());
  ASSERT_TRUE(succeeded(client_->lock()));
  EXPECT_TRUE(failed_with(client_->unlock(passphrase(value)), "WRONG_CREDENTIAL"));
  client_.reset();
  EXPECT_EQ(daemon_->stop().code, 0);
  EXPECT_EQ(daemon_->log().find(value), std::string::npos);
  EXPECT_EQ(daemon_->log().find(key_), std::string::npos);
}

}  // namespace
}  // namespace tacit::test
