// How far a process may run ahead of its answers, counted before gRPC sees what it sends.
//
// gRPC 1.51 makes an object of some kilobytes of each call that a client begins, and makes them as
// fast as bytes come: for calls that are reset at once (CVE-2023-44487), and for more streams than
// are allowed as long as the client has not acknowledged SETTINGS. One such client took gigabytes,
// and half a minute of everybody's time. And where requests that never end fill gRPC's memory, it
// sends every other client away. call_meter_hook.cpp (an object of the executable) takes
// the place of the recvmsg(2) that gRPC reads by, and ends such a connection there.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>

#include "absl/status/status.h"
#include "daemon/os/boot_time.h"
#include "daemon/rpc/limits.h"
#include "daemon/session/process_key.h"

namespace tacit {

/// What a process has sent: paid back for calls that are answered and requests that are whole.
struct Sent {
  std::int64_t cost = 0;   ///< of calls and of frames that are no part of one
  std::int64_t bytes = 0;  ///< of requests
};
inline constexpr std::int64_t kCallCost = 16;
inline constexpr std::int64_t kControlFrameCost = 1;

/// One connection's bytes from its beginning, as HTTP/2 frames (RFC 9113, section 4.1).
class FrameCounter {
 public:
  /// Of the frames in `bytes`, which follow those of the last call: calls (HEADERS),
  /// requests (DATA), and what makes the daemon answer or gather without a call (CONTINUATION,
  /// PING, SETTINGS and so on). WINDOW_UPDATE is free: it comes with calls that are answered. So is
  /// RST_STREAM, for its call has been counted.
  Sent sent_in(std::span<const unsigned char> bytes);

 private:
  static constexpr std::size_t kPreface = 24;
  std::size_t to_skip_ = kPreface;
  bool in_data_ = false;  ///< what is skipped is of a request
  std::array<unsigned char, 9> header_{};
  std::size_t header_size_ = 0;
};

/// What one process has left. Thread-safe.
class Allowance {
 public:
  /// As many calls as of one process may wait, and as many bytes (Limits). What gRPC answers by
  /// itself is never paid back, so that some comes back with time.
  static constexpr Sent kMost{1024 * kCallCost, std::int64_t{34} << 20};
  static constexpr Sent kASecond{200 * kCallCost, std::int64_t{4} << 20};

  explicit Allowance(BootTime now) : since_(now) {}
  /// False: there was not so much left.
  bool spend(const Sent& sent, BootTime now);
  void pay_back(const Sent& sent);
  bool full(BootTime now);

 private:
  void refill(BootTime now);

  std::mutex mutex_;
  Sent left_ = kMost;
  BootTime since_;
};

// The connections of this process's gRPC server, by their descriptors' numbers.

/// Before the first of them.
void meter_numbers(NumberRange range);
/// Before gRPC gets it.
void meter_connection(int number, const ProcessKey& process);
/// Of what its connection has sent: a request of so many bytes is whole; a call was answered.
void meter_request_whole(int number, std::size_t bytes);
void meter_call_answered(int number);
/// Any thread: the bytes that were read from `number`, in their order. False: too much, and
/// whatever that connection has sent is not paid back any more. True also for what is no connection
/// of gRPC's.
bool meter_allows(int number, std::span<const std::span<const unsigned char>> parts);

/// Proves that gRPC reads by our recvmsg. Errors: kInternal.
absl::Status check_call_meter();

}  // namespace tacit
