#include "tests/integration/harness/flood.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "tests/integration/harness/raw_connection.h"

namespace tacit::test {
namespace {

constexpr std::uint8_t kData = 0, kHeaders = 1, kReset = 3, kSettings = 4, kPing = 6,
                       kWindowUpdate = 8, kContinuation = 9;
constexpr std::uint8_t kEndStream = 1, kEndHeaders = 4;
constexpr std::uint32_t kLastStream = 0x7fffffff;
constexpr int kConnections = 60;  // under the limit for one process

std::string number(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

std::string beginning() { return kHttp2Preface + http2_frame(kSettings, 0, 0, ""); }

void begun() {
  static bool told = false;
  if (std::exchange(told, true)) return;
  std::puts("begun");
  std::fflush(stdout);
}

/// Sends what `next` gives, stream by stream; a new connection whenever one has ended.
[[noreturn]] void without_end(const std::string& socket, bool reads,
                              const std::function<std::string(std::uint32_t stream)>& next) {
  for (;;) {
    RawConnection connection(socket);
    bool open = connection.send(beginning());
    for (std::uint32_t stream = 1; open && stream < kLastStream;) {
      std::string bytes;
      for (; bytes.size() < 16'384; stream += 2) bytes += next(stream);
      open = connection.send(bytes);
      begun();
      if (reads) connection.receive(std::chrono::milliseconds(0));
    }
  }
}

[[noreturn]] void storm(const std::string& socket) {
  for (int i = 0;; ++i) {
    RawConnection(socket).close();
    if (i == 100) begun();
  }
}

/// A field of 3,900 bytes in the dynamic table, named again and again with a byte each.
std::string bomb(std::uint32_t stream) {
  std::string block = grpc_headers("/tacit.v1.Secrets/Get");
  block += std::string("\x40\x01x\x7f\xbd\x1d", 6) + std::string(3900, 'x');
  block += std::string(16'000, '\xbe');
  const std::size_t half = block.size() / 2;
  return http2_frame(kHeaders, 0, stream, block.substr(0, half)) +
         http2_frame(kContinuation, kEndHeaders, stream, block.substr(half));
}

[[noreturn]] void drip(const std::string& socket) {
  const std::string call = grpc_call("/tacit.v1.Session/Status", "");
  std::vector<std::pair<RawConnection, std::size_t>> slow;
  for (;;) {
    while (slow.size() < kConnections) slow.emplace_back(RawConnection(socket), 0);
    begun();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::erase_if(slow, [&](auto& each) {
      auto& [connection, sent] = each;
      return sent + 1 == call.size() || !connection.send(call.substr(sent++, 1));
    });
  }
}

/// 32 calls on one connection, whose requests come as fast as the server's windows let them, but
/// for their last byte.
class EndlessCalls {
 public:
  explicit EndlessCalls(const std::string& socket) : connection_(socket) {
    std::string bytes = beginning();
    for (Call& call : calls_) {
      bytes += http2_frame(kHeaders, kEndHeaders, stream_of(call),
                           grpc_headers("/tacit.v1.Secrets/Set")) +
               http2_frame(kData, 0, stream_of(call), std::string(1, '\0') + number(kMessage));
      window_ -= kPrefix;
    }
    connection_.send(bytes);
  }

  /// False: the server has ended it.
  bool go_on() {
    read_windows();
    for (Call& call : calls_) {
      const std::int64_t room =
          std::min({window_, initial_ + call.granted - call.sent,
                    kMessage + kPrefix - 1 - call.sent, std::int64_t{16'000}});
      if (room <= 0) continue;
      const std::string part(static_cast<std::size_t>(room), 'b');
      if (!connection_.send(http2_frame(kData, 0, stream_of(call), part))) return false;
      call.sent += room;
      window_ -= room;
    }
    return !connection_.ended();
  }

 private:
  static constexpr std::int64_t kMessage = 1 << 20;
  static constexpr std::int64_t kPrefix = 5;
  struct Call {
    std::int64_t sent = kPrefix;
    std::int64_t granted = 0;  ///< over the first window
  };
  std::uint32_t stream_of(const Call& call) const {
    return static_cast<std::uint32_t>(2 * (&call - calls_.data()) + 1);
  }

  void read_windows() {
    received_ += connection_.receive(std::chrono::milliseconds(0));
    while (received_.size() >= 9) {
      const auto byte = [&](std::size_t i) {
        return std::uint32_t{static_cast<std::uint8_t>(received_[i])};
      };
      const auto number_at = [&](std::size_t i) {
        return byte(i) << 24 | byte(i + 1) << 16 | byte(i + 2) << 8 | byte(i + 3);
      };
      const std::size_t length = byte(0) << 16 | byte(1) << 8 | byte(2);
      if (received_.size() < 9 + length) return;
      if (byte(3) == kSettings) {
        for (std::size_t at = 9; at + 6 <= 9 + length; at += 6) {
          if ((byte(at) << 8 | byte(at + 1)) == 4) initial_ = number_at(at + 2);
        }
      }
      if (byte(3) == kWindowUpdate && length == 4) {
        const std::uint32_t stream = number_at(5);
        if (stream == 0) window_ += number_at(9);
        if (stream % 2 == 1 && stream / 2 < calls_.size()) {
          calls_[stream / 2].granted += number_at(9);
        }
      }
      received_.erase(0, 9 + length);
    }
  }

  RawConnection connection_;
  std::string received_;
  std::int64_t window_ = 65'535;
  std::int64_t initial_ = 65'535;
  std::array<Call, 32> calls_{};
};

[[noreturn]] void bodies(const std::string& socket) {
  std::vector<std::unique_ptr<EndlessCalls>> all;
  for (int i = 0; i < kConnections; ++i) all.push_back(std::make_unique<EndlessCalls>(socket));
  for (;;) {
    for (auto& each : all) {
      if (!each->go_on()) each = std::make_unique<EndlessCalls>(socket);
    }
    begun();
  }
}

}  // namespace

void flood(const std::string& kind, const std::string& socket) {
  const std::string headers = grpc_headers("/tacit.v1.Session/Status");
  if (kind == "storm") storm(socket);
  if (kind == "drip") drip(socket);
  if (kind == "bodies") bodies(socket);
  if (kind == "resets") {
    without_end(socket, true, [&](std::uint32_t stream) {
      return http2_frame(kHeaders, kEndHeaders, stream, headers) +
             http2_frame(kReset, 0, stream, number(8));
    });
  }
  if (kind == "calls") {
    without_end(socket, true, [&](std::uint32_t stream) {
      return http2_frame(kHeaders, kEndHeaders, stream, headers) +
             http2_frame(kData, kEndStream, stream, grpc_message("")) +
             http2_frame(kReset, 0, stream, number(8));
    });
  }
  if (kind == "streams") {
    without_end(socket, true, [&](std::uint32_t stream) {
      return http2_frame(kHeaders, kEndHeaders, stream, headers);
    });
  }
  if (kind == "answers") {
    without_end(socket, false, [&](std::uint32_t stream) {
      return http2_frame(kHeaders, kEndHeaders, stream, headers) +
             http2_frame(kData, kEndStream, stream, grpc_message(""));
    });
  }
  if (kind == "pings") {
    without_end(socket, false, [](std::uint32_t) { return http2_frame(kPing, 0, 0, "12345678"); });
  }
  if (kind == "settings") {
    without_end(socket, false, [](std::uint32_t) { return http2_frame(kSettings, 0, 0, ""); });
  }
  if (kind == "headers") {
    without_end(socket, true, [&](std::uint32_t stream) {
      return stream == 1 ? http2_frame(kHeaders, 0, 1, headers)
                         : http2_frame(kContinuation, 0, 1, std::string("\0\1n\1v", 5));
    });
  }
  if (kind == "bomb") without_end(socket, true, bomb);
  if (kind == "windows") {
    without_end(socket, true,
                [](std::uint32_t) { return http2_frame(kWindowUpdate, 0, 0, number(1)); });
  }
  throw std::invalid_argument("no such flood: " + kind);
}

}  // namespace tacit::test
