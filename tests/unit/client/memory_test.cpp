// After a value was got and freed, or set and wiped, the process's memory holds none of it.
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tacit/client.h"
#include "tests/unit/client/raw_server.h"
#include "tests/unit/client/scratch.h"
#include "tests/unit/client/stock_server.h"

namespace tacit {
namespace {

std::string random_bytes(std::size_t size) {
  std::mt19937_64 random(size);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

/// How often any of some 12-byte windows of `secret` stands in the memory of `pid`.
int hits(pid_t pid, const std::string& secret) {
  constexpr std::size_t kWindow = 12;
  std::vector<std::string_view> windows;
  for (std::size_t at = 0; at + kWindow <= secret.size();
       at += std::max<std::size_t>(kWindow, secret.size() / 8)) {
    windows.push_back(std::string_view(secret).substr(at, kWindow));
  }
  int found = 0;
  const std::string folder = "/proc/" + std::to_string(pid);
  std::ifstream maps(folder + "/maps");
  std::ifstream memory(folder + "/mem", std::ios::binary);
  EXPECT_TRUE(memory.is_open());
  for (std::string line; std::getline(maps, line);) {
    unsigned long begin = 0;
    unsigned long end = 0;
    char readable = '-';
    if (std::sscanf(line.c_str(), "%lx-%lx %c", &begin, &end, &readable) != 3) continue;
    if (readable != 'r' || line.find("[v") != std::string::npos) continue;
    std::string bytes(end - begin, '\0');
    memory.clear();
    memory.seekg(static_cast<std::streamoff>(begin));
    memory.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    for (const std::string_view window : windows) {
      const std::boyer_moore_horspool_searcher searcher(window.begin(), window.end());
      found += std::search(bytes.begin(), bytes.end(), searcher) != bytes.end() ? 1 : 0;
    }
  }
  return found;
}

/// Runs the probe and looks at it once it is done.
int hits_after(const std::string& socket, std::string verb, const std::string& secret) {
  int ends[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], 0);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  std::string words[] = {MEMORY_PROBE, socket, std::move(verb), std::to_string(secret.size())};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
  pid_t pid = 0;
  EXPECT_EQ(::posix_spawn(&pid, MEMORY_PROBE, &actions, nullptr, arguments, environ), 0);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (words[2] == "set") testing::send_all(ends[0], secret);
  char word[5] = {};
  EXPECT_EQ(::recv(ends[0], word, sizeof(word), MSG_WAITALL), 5);
  const int found = hits(pid, secret);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  EXPECT_EQ(status, 0);
  return found;
}

TEST(Memory, HoldsNoValueAfterwards) {
  const testing::Scratch scratch;
  testing::StockServer server(scratch.socket());
  ClientOptions options;
  options.socket_path = scratch.socket();
  options.autostart = false;
  Client client(options);
  for (const std::size_t size : {24u, 270u, 4096u, 500'000u}) {
    const std::string secret = random_bytes(size);
    ASSERT_TRUE(client.set("", "probe", SecretBytes::copy_of(secret)).ok());
    EXPECT_EQ(hits_after(scratch.socket(), "get", secret), 0) << size;
    EXPECT_EQ(hits_after(scratch.socket(), "set", secret), 0) << size;
    EXPECT_GT(hits_after(scratch.socket(), "keep", secret), 0) << size;  // the search can find
  }
}

}  // namespace
}  // namespace tacit
