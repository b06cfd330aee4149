// HTTP/2 that is right but for some frames or bytes, thrown at the real daemon's socket: whatever
// comes, the daemon stays up, lets go of the connection, and serves an honest client.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/harness/daemon_test.h"
#include "tests/integration/harness/raw_connection.h"

namespace tacit::test {
namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr unsigned kSeed = 20;
constexpr std::uint8_t kData = 0, kHeaders = 1, kPriority = 2, kReset = 3, kSettings = 4, kPing = 6,
                       kGoAway = 7, kWindowUpdate = 8, kContinuation = 9;
constexpr std::uint8_t kEndStream = 1, kAck = 1, kEndHeaders = 4, kPadded = 8;

struct Frame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string payload;
};

/// Makes conversations, the same ones for the same seed.
class Thrower {
 public:
  explicit Thrower(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t end) { return random_() % end; }

  std::string conversation() {
    std::vector<Frame> frames = good_frames();
    for (std::size_t changes = below(6); changes > 0; --changes) change(frames);
    std::string bytes = kHttp2Preface;
    for (const Frame& frame : frames) {
      bytes += http2_frame(frame.type, frame.flags, frame.stream, frame.payload);
    }
    // Below the frames: lengths that lie, bits that flip, an end in the midst of something.
    for (std::size_t flips = below(4) == 0 ? 1 + below(8) : 0; flips > 0; --flips) flip(bytes);
    if (below(4) == 0) bytes.resize(below(bytes.size()));
    if (below(16) == 0) bytes += noise(below(300));
    return bytes;
  }

 private:
  std::string noise(std::size_t size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    return bytes;
  }

  std::string number(std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
    return bytes;
  }

  /// What numbers go wrong at: none, one, the ends of the ranges, or any.
  std::uint32_t odd_number() {
    constexpr std::uint32_t kOdd[] = {0, 1, 0x4000, 0x7fffffff, 0x80000000, 0xffffffff};
    const std::size_t which = below(std::size(kOdd) + 1);
    return which < std::size(kOdd) ? kOdd[which] : static_cast<std::uint32_t>(random_());
  }

  void flip(std::string& bytes) {
    if (bytes.empty()) return;
    const std::size_t at = below(bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
  }

  std::pair<std::string, std::string> good_call() {
    pb::GetRequest get;
    get.mutable_item()->set_name("name");
    pb::SetRequest set;
    set.mutable_item()->set_collection("thrown");
    set.mutable_item()->set_name("name");
    set.set_value(noise(below(2000)));
    pb::GetBatchRequest batch;
    for (int i = 0; i < 20; ++i) *batch.add_items() = get;
    pb::UnlockRequest unlock;
    unlock.mutable_credential()->set_passphrase("wrong");
    switch (below(8)) {
      case 0:
        return {"/tacit.v1.Session/Status", ""};
      case 1:
        return {"/tacit.v1.Secrets/Set", set.SerializeAsString()};
      case 2:
        return {"/tacit.v1.Secrets/GetBatch", batch.SerializeAsString()};
      case 3:
        return {"/tacit.v1.Secrets/List", ""};
      case 4:
        return {"/tacit.v1.Secrets/Watch", ""};
      case 5:
        return {"/tacit.v1.Session/Unlock", unlock.SerializeAsString()};
      case 6:
        return {"/tacit.v1.Admin/Verify", ""};
      default:
        return {"/tacit.v1.Secrets/Get", get.SerializeAsString()};
    }
  }

  std::vector<Frame> good_frames() {
    std::vector<Frame> frames{{kSettings, 0, 0, ""}};
    if (below(2) == 0) frames.push_back({kWindowUpdate, 0, 0, number(1 << 20)});
    const auto calls = static_cast<std::uint32_t>(1 + below(4));
    for (std::uint32_t stream = 1; stream < 2 * calls; stream += 2) {
      const auto [path, message] = good_call();
      const std::string headers = grpc_headers(path);
      if (below(4) == 0) {
        const std::size_t cut = below(headers.size());
        frames.push_back({kHeaders, 0, stream, headers.substr(0, cut)});
        frames.push_back({kContinuation, kEndHeaders, stream, headers.substr(cut)});
      } else {
        frames.push_back({kHeaders, kEndHeaders, stream, headers});
      }
      if (below(4) == 0) frames.push_back({kPing, 0, 0, noise(8)});
      const std::string body = grpc_message(message);
      if (below(4) == 0) {
        const std::size_t cut = below(body.size());
        frames.push_back({kData, 0, stream, body.substr(0, cut)});
        frames.push_back({kData, kEndStream, stream, body.substr(cut)});
      } else if (below(4) == 0) {
        frames.push_back(
            {kData, kEndStream | kPadded, stream, '\x03' + body + std::string(3, '\0')});
      } else {
        frames.push_back({kData, kEndStream, stream, body});
      }
      if (below(8) == 0) frames.push_back({kReset, 0, stream, number(8)});
    }
    if (below(4) == 0) frames.push_back({kSettings, kAck, 0, ""});
    if (below(8) == 0) frames.push_back({kGoAway, 0, 0, number(0) + number(0)});
    return frames;
  }

  Frame any_frame() {
    const auto stream = static_cast<std::uint32_t>(below(8));
    switch (below(8)) {
      case 0: {  // a setting, known or not, with a number that is often out of its range
        std::string settings;
        for (std::size_t left = 1 + below(4); left > 0; --left) {
          settings += '\0';
          settings += static_cast<char>(below(10));
          settings += number(odd_number());
        }
        return {kSettings, 0, 0, settings};
      }
      case 1:
        return {kWindowUpdate, 0, stream, number(odd_number())};
      case 2:
        return {kReset, 0, stream, number(odd_number())};
      case 3:
        return {kPriority, 0, stream, number(odd_number()) + noise(1)};
      case 4:
        return {kHeaders, kEndHeaders, stream, noise(below(200))};  // HPACK
      case 5:
        return {kContinuation, static_cast<std::uint8_t>(random_()), stream, noise(below(100))};
      case 6:  // a length prefix that promises much
        return {kData, 0, stream, '\0' + number(odd_number()) + noise(below(100))};
      default:
        return {static_cast<std::uint8_t>(random_()), static_cast<std::uint8_t>(random_()),
                odd_number(), noise(below(300))};
    }
  }

  void change(std::vector<Frame>& frames) {
    const auto place = [&] { return frames.begin() + static_cast<long>(below(frames.size() + 1)); };
    if (frames.empty()) {
      frames.push_back(any_frame());
      return;
    }
    Frame& frame = frames[below(frames.size())];
    switch (below(9)) {
      case 0:
        std::swap(frame, frames[below(frames.size())]);
        break;
      case 1: {
        const Frame again = frame;
        frames.insert(place(), 1 + below(20), again);
        break;
      }
      case 2:
        frames.erase(frames.begin() + static_cast<long>(below(frames.size())));
        break;
      case 3:
        flip(frame.payload);
        break;
      case 4:
        frame.flags = static_cast<std::uint8_t>(random_());
        break;
      case 5:
        frame.stream = below(2) == 0 ? odd_number() : static_cast<std::uint32_t>(below(12));
        break;
      case 6:
        frame.payload.resize(below(frame.payload.size() + 20));
        break;
      default:
        frames.insert(place(), any_frame());
    }
  }

  std::mt19937 random_;
};

class Http2Bytes : public DaemonTest {
 protected:
  void serves(StockClient& client) {
    std::string value;
    ASSERT_TRUE(succeeded(client.get("name", &value))) << daemon_->log();
    ASSERT_EQ(value, "value");
  }
};

TEST_F(Http2Bytes, WhateverIsThrownTheDaemonStaysUpAndServes) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("name", "value")));
  const std::optional<std::size_t> at_first = daemon_->descriptors();
  const int connections = std::getenv("TACIT_TEST_LONG") != nullptr ? 100'000 : 1'500;
  Thrower thrower(kSeed);
  for (int i = 0; i < connections; ++i) {
    SCOPED_TRACE("connection " + std::to_string(i) + " of seed " + std::to_string(kSeed));
    const std::string bytes = thrower.conversation();
    RawConnection connection(home_.socket());
    const std::size_t cut = thrower.below(bytes.size() + 1);
    // It may have hung up after the first part.
    if (connection.send(bytes.substr(0, cut))) connection.send(bytes.substr(cut));
    // Calls whose client has gone are dropped unserved: most stay a while for an answer.
    if (thrower.below(4) != 0) connection.answered_within(std::chrono::milliseconds(20));
    if (thrower.below(4) != 0) {
      connection.end_sending();
      ASSERT_TRUE(connection.closed_within(kPatience)) << daemon_->log();
    }
    connection.close();
    if (i % 50 == 0) {
      ASSERT_NO_FATAL_FAILURE(serves(*client_));
      ASSERT_NO_FATAL_FAILURE(serves(*connect()));
    }
  }
  EXPECT_TRUE(daemon_->running());
  pb::GetRequest thrown;
  thrown.mutable_item()->set_collection("thrown");
  thrown.mutable_item()->set_name("name");
  pb::GetReply reply;
  ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &pb::Secrets::Stub::Get, thrown, reply)));
  EXPECT_GT(reply.metadata().version(), 20u) << "too few got as far as a call";
  ASSERT_TRUE(succeeded(client_->set("after", "all")));
  const auto end = std::chrono::steady_clock::now() + kPatience;
  const auto kept = [&] { return at_first && daemon_->descriptors() > *at_first + 3; };
  while (kept() && std::chrono::steady_clock::now() < end) serves(*client_);
  EXPECT_FALSE(kept()) << "connections that are over are kept";
}

}  // namespace
}  // namespace tacit::test
