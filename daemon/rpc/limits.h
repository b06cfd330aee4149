// Every limit of the daemon in one place, so that a test can lower any of them.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "daemon/session/backoff.h"

namespace tacit {

struct Limits {
  // Connections.
  std::uint32_t max_connections = 1024;
  std::uint32_t max_connections_per_process = 64;
  std::chrono::milliseconds first_call{2'000};         ///< a connection without a call by then goes
  std::chrono::milliseconds idle_connection{600'000};  ///< 0: never

  // gRPC.
  int streams_per_connection = 32;
  int message_bytes = 1 << 20;  ///< over twice that gRPC itself refuses a request
  int metadata_bytes = 8 << 10;
  std::size_t quota_bytes = std::size_t{64} << 20;
  int threads = 16;

  // Calls that wait for their turn.
  std::size_t calls_per_process = 1024;
  std::size_t call_bytes_per_process = std::size_t{32} << 20;
  std::size_t calls_in_all = 16'384;
  std::size_t call_bytes_in_all = std::size_t{128} << 20;

  /// Replies that gRPC has and no client has taken, each of which is in memory twice: beyond it
  /// the process that holds most is cut. Not a bound for each process: who reads its streams one
  /// after another would wait for itself.
  std::size_t unsent_bytes = std::size_t{32} << 20;

  // Streams.
  std::size_t chunk_bytes = std::size_t{256} << 10;
  std::chrono::microseconds slice{5'000};  ///< the longest that a stream keeps the vault thread
  std::size_t watch_events = 256;          ///< that wait for one watcher
  std::size_t watches = 1024;

  // Credentials.
  std::size_t derivations_waiting = 32;
  BackoffRules backoff;
  bool kdf_at_floor = false;  ///< new slots cost as little as is allowed

  /// How long replies that are on their way may take to leave at lock, and calls to end at exit.
  std::chrono::milliseconds grace{200};

  /// Fits the connections to the process's descriptors: each takes three, and numbers need room to
  /// rotate. `descriptors`: RLIMIT_NOFILE's soft limit.
  void fit_descriptors(std::uint64_t descriptors);
  /// Sets one by name, `max_connections=48`; durations in milliseconds, slices in microseconds.
  /// Errors: kInvalidArgument.
  absl::Status set(std::string_view assignment);
};

/// The descriptor numbers given to gRPC: [first, first + count).
struct NumberRange {
  int first = 0;
  int count = 0;
};
/// Above what all else in the process needs, and below the soft limit.
NumberRange numbers_for(const Limits& limits, std::uint64_t descriptors);

}  // namespace tacit
