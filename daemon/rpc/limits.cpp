#include "daemon/rpc/limits.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <type_traits>

#include "daemon/base/status.h"

namespace tacit {
namespace {

// Log, sockets, timers, the vault's files, gRPC's own, connections not yet looked at.
constexpr std::uint64_t kOtherDescriptors = 64;

template <class T>
bool assign(T& member, std::uint64_t number) {
  if constexpr (std::is_arithmetic_v<T>) {
    member = static_cast<T>(number);
    return number <= static_cast<std::uint64_t>(std::numeric_limits<T>::max());
  } else {
    member = T(static_cast<std::int64_t>(number));
    return number <= 86'400'000'000u;
  }
}

}  // namespace

void Limits::fit_descriptors(std::uint64_t descriptors) {
  // Two beside gRPC's (kill switch, pidfd), and two numbers a connection to rotate through.
  const std::uint64_t usable =
      descriptors > kOtherDescriptors ? (descriptors - kOtherDescriptors) / 4 : 1;
  max_connections =
      static_cast<std::uint32_t>(std::clamp<std::uint64_t>(usable, 1, max_connections));
  max_connections_per_process = std::min(max_connections_per_process, max_connections);
}

NumberRange numbers_for(const Limits& limits, std::uint64_t descriptors) {
  const std::uint64_t first = kOtherDescriptors + 2 * std::uint64_t{limits.max_connections};
  const std::uint64_t left = descriptors > first ? descriptors - first : 1;
  return {static_cast<int>(first),
          static_cast<int>(std::min<std::uint64_t>(left, 4 * limits.max_connections))};
}

absl::Status Limits::set(std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  const std::string_view name = assignment.substr(0, equals);
  const std::string_view digits =
      equals == std::string_view::npos ? std::string_view() : assignment.substr(equals + 1);
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const auto bad = [&](const std::string& why) {
    return make_error(Reason::kInvalidArgument, "--limit " + std::string(assignment) + ": " + why);
  };
  if (digits.empty() || parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) {
    return bad("expected NAME=NUMBER");
  }
  bool fits = true;
  if (name == "max_connections")
    fits = assign(max_connections, number);
  else if (name == "max_connections_per_process")
    fits = assign(max_connections_per_process, number);
  else if (name == "first_call")
    fits = assign(first_call, number);
  else if (name == "idle_connection")
    fits = assign(idle_connection, number);
  else if (name == "streams_per_connection")
    fits = assign(streams_per_connection, number);
  else if (name == "calls_per_process")
    fits = assign(calls_per_process, number);
  else if (name == "call_bytes_per_process")
    fits = assign(call_bytes_per_process, number);
  else if (name == "calls_in_all")
    fits = assign(calls_in_all, number);
  else if (name == "unsent_bytes")
    fits = assign(unsent_bytes, number);
  else if (name == "chunk_bytes")
    fits = assign(chunk_bytes, number) && number <= (256u << 10);
  else if (name == "slice")
    fits = assign(slice, number);
  else if (name == "watch_events")
    fits = assign(watch_events, number);
  else if (name == "watches")
    fits = assign(watches, number);
  else if (name == "derivations_waiting")
    fits = assign(derivations_waiting, number);
  else if (name == "backoff_free")
    fits = assign(backoff.free_failures, number);
  else if (name == "backoff_first")
    fits = assign(backoff.first, number);
  else if (name == "backoff_longest")
    fits = assign(backoff.longest, number);
  else if (name == "backoff_free_in_all")
    fits = assign(backoff.free_failures_in_all, number);
  else if (name == "kdf_at_floor")
    fits = assign(kdf_at_floor, number);
  else if (name == "grace")
    fits = assign(grace, number);
  else
    return bad("no such limit");
  return fits ? absl::OkStatus() : bad("out of range");
}

}  // namespace tacit
