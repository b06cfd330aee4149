// A process of its own that speaks to the daemon in raw bytes: what a test needs another pid for.
//   tacit_test_peer call SOCKET PATH HEX      one call; exits 0 when it was answered
//   tacit_test_peer drop SOCKET PATH HEX      sends the call and ends at once
//   tacit_test_peer silent SOCKET COUNT       so many silent connections, until killed;
//                                             prints `connected` when they stand
//   tacit_test_peer unread SOCKET PATH HEX COUNT  so many connections with this call, whose
//                                             replies nobody takes; prints `asked`
//   tacit_test_peer throw SOCKET SEED COUNT   so many connections that say what is nearly HTTP/2;
//   exits
//                                             0 when the daemon let go of each
//   tacit_test_peer flood SOCKET KIND         misbehaves until killed (harness/flood.h)
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "tests/integration/harness/flood.h"
#include "tests/integration/harness/http2_thrower.h"
#include "tests/integration/harness/raw_connection.h"

namespace {

int throw_at(const std::string& socket, unsigned seed, int connections) {
  constexpr std::chrono::seconds kPatience{30};
  tacit::test::Thrower thrower(seed);
  for (int i = 0; i < connections; ++i) {
    const std::string bytes = thrower.conversation();
    tacit::test::RawConnection connection(socket);
    const std::size_t cut = thrower.below(bytes.size() + 1);
    // It may have hung up after the first part.
    if (connection.send(bytes.substr(0, cut))) connection.send(bytes.substr(cut));
    // Calls whose client has gone are dropped unserved: most stay a while for an answer.
    if (thrower.below(4) != 0) connection.answered_within(std::chrono::milliseconds(20));
    if (thrower.below(4) == 0) continue;
    connection.end_sending();
    if (connection.closed_within(kPatience)) continue;
    std::fprintf(stderr, "connection %d of seed %u is kept\n", i, seed);
    return 1;
  }
  return 0;
}

int run(const std::vector<std::string>& words) {
  using tacit::test::from_hex;
  using tacit::test::RawConnection;
  if (words.size() == 3 && words[0] == "silent") {
    std::vector<RawConnection> connections;
    for (int i = 0; i < std::stoi(words[2]); ++i) connections.emplace_back(words[1]);
    std::puts("connected");
    std::fflush(stdout);
    for (;;) pause();
  }
  if (words.size() == 5 && words[0] == "unread") {
    std::vector<RawConnection> connections;
    for (int i = 0; i < std::stoi(words[4]); ++i) {
      connections.emplace_back(words[1]);
      if (!connections.back().send(tacit::test::grpc_call(words[2], from_hex(words[3])))) return 1;
    }
    std::puts("asked");
    std::fflush(stdout);
    for (;;) pause();
  }
  if (words.size() == 4 && words[0] == "throw") {
    return throw_at(words[1], static_cast<unsigned>(std::stoul(words[2])), std::stoi(words[3]));
  }
  if (words.size() == 3 && words[0] == "flood") tacit::test::flood(words[2], words[1]);
  if (words.size() != 4) return 2;
  RawConnection connection(words[1]);
  if (!connection.send(tacit::test::grpc_call(words[2], from_hex(words[3])))) return 1;
  if (words[0] == "drop") return 0;
  return connection.answered_within(std::chrono::seconds(30)) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
}
