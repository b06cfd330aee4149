#include "tests/integration/harness/http2_thrower.h"

#include <cstdint>
#include <iterator>

#include "tacit/v1/secrets.pb.h"
#include "tacit/v1/session.pb.h"
#include "tests/integration/harness/raw_connection.h"

namespace tacit::test {
namespace {

namespace pb = tacit::v1;

constexpr std::uint8_t kData = 0, kHeaders = 1, kPriority = 2, kReset = 3, kSettings = 4, kPing = 6,
                       kGoAway = 7, kWindowUpdate = 8, kContinuation = 9;
constexpr std::uint8_t kEndStream = 1, kAck = 1, kEndHeaders = 4, kPadded = 8;

std::string number(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

}  // namespace

std::string Thrower::good_conversation() { return bytes_of(good_frames()); }

std::string Thrower::conversation() {
  std::vector<Frame> frames = good_frames();
  for (std::size_t changes = below(6); changes > 0; --changes) change(frames);
  std::string bytes = bytes_of(frames);
  // Below the frames: lengths that lie, bits that flip, an end in the midst of something.
  for (std::size_t flips = below(4) == 0 ? 1 + below(8) : 0; flips > 0; --flips) flip(bytes);
  if (below(4) == 0) bytes.resize(below(bytes.size()));
  if (below(16) == 0) bytes += noise(below(300));
  return bytes;
}

std::string Thrower::bytes_of(const std::vector<Frame>& frames) {
  std::string bytes = kHttp2Preface;
  for (const Frame& frame : frames) {
    bytes += http2_frame(frame.type, frame.flags, frame.stream, frame.payload);
  }
  return bytes;
}

std::string Thrower::noise(std::size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random_());
  return bytes;
}

/// What numbers go wrong at: none, one, the ends of the ranges, or any.
std::uint32_t Thrower::odd_number() {
  constexpr std::uint32_t kOdd[] = {0, 1, 0x4000, 0x7fffffff, 0x80000000, 0xffffffff};
  const std::size_t which = below(std::size(kOdd) + 1);
  return which < std::size(kOdd) ? kOdd[which] : static_cast<std::uint32_t>(random_());
}

void Thrower::flip(std::string& bytes) {
  if (bytes.empty()) return;
  const std::size_t at = below(bytes.size());
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
}

std::pair<std::string, std::string> Thrower::good_call() {
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

std::vector<Thrower::Frame> Thrower::good_frames() {
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
      frames.push_back({kData, kEndStream | kPadded, stream, '\x03' + body + std::string(3, '\0')});
    } else {
      frames.push_back({kData, kEndStream, stream, body});
    }
    if (below(8) == 0) frames.push_back({kReset, 0, stream, number(8)});
  }
  if (below(4) == 0) frames.push_back({kSettings, kAck, 0, ""});
  if (below(8) == 0) frames.push_back({kGoAway, 0, 0, number(0) + number(0)});
  return frames;
}

Thrower::Frame Thrower::any_frame() {
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

void Thrower::change(std::vector<Frame>& frames) {
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

}  // namespace tacit::test
