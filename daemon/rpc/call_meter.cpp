#include "daemon/rpc/call_meter.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <unordered_map>

#include "daemon/rpc/hand_over.h"

namespace tacit {
namespace {

/// Processes that are remembered after their last connection, so that a new one is no new start.
constexpr std::size_t kRemembered = 1024;

struct Connection {
  std::shared_ptr<Allowance> allowance;  ///< none: not gRPC's
  FrameCounter frames;
  std::atomic<bool> refused{false};
};

struct Meter {
  int first = 0;
  std::deque<Connection> connections;  ///< by number - first
  std::unordered_map<ProcessKey, std::shared_ptr<Allowance>, ProcessKeyHash> processes;

  Connection* find(int number) {
    const auto index = static_cast<std::size_t>(number - first);
    return number >= first && index < connections.size() ? &connections[index] : nullptr;
  }
};

/// As there is one recvmsg in a process.
Meter& meter() {
  static Meter the_one;
  return the_one;
}

BootTime now() {
  return std::chrono::duration_cast<BootTime>(std::chrono::steady_clock::now().time_since_epoch());
}

constexpr unsigned char kData = 0, kHeaders = 1, kReset = 3, kWindowUpdate = 8;

std::int64_t cost_of(unsigned char type) {
  switch (type) {
    case kHeaders:
      return kCallCost;
    case kData:
    case kReset:
    case kWindowUpdate:
      return 0;
    default:
      return kControlFrameCost;
  }
}

void pay_back(int number, const Sent& sent) {
  Connection* const connection = meter().find(number);
  if (connection == nullptr || !connection->allowance || connection->refused) return;
  connection->allowance->pay_back(sent);
}

}  // namespace

Sent FrameCounter::sent_in(std::span<const unsigned char> bytes) {
  Sent sent;
  while (!bytes.empty()) {
    const std::size_t skipped = std::min(to_skip_, bytes.size());
    to_skip_ -= skipped;
    if (in_data_) sent.bytes += static_cast<std::int64_t>(skipped);
    bytes = bytes.subspan(skipped);
    const std::size_t taken = std::min(header_.size() - header_size_, bytes.size());
    std::copy_n(bytes.begin(), taken, header_.begin() + static_cast<std::ptrdiff_t>(header_size_));
    header_size_ += taken;
    bytes = bytes.subspan(taken);
    if (header_size_ < header_.size()) break;
    header_size_ = 0;
    to_skip_ = std::size_t{header_[0]} << 16 | std::size_t{header_[1]} << 8 | header_[2];
    in_data_ = header_[3] == kData;
    sent.cost += cost_of(header_[3]);
  }
  return sent;
}

void Allowance::refill(BootTime now) {
  const std::int64_t time = (now - since_) / std::chrono::milliseconds(1);
  if (time <= 0) return;
  since_ = now;
  // No longer than it takes to be full, or the products below would overflow.
  const std::int64_t ms = std::min<std::int64_t>(time, 60'000);
  left_.cost = std::min(kMost.cost, left_.cost + ms * kASecond.cost / 1000);
  left_.bytes = std::min(kMost.bytes, left_.bytes + ms * kASecond.bytes / 1000);
}

bool Allowance::spend(const Sent& sent, BootTime now) {
  const std::lock_guard lock(mutex_);
  const auto enough = [&] { return left_.cost >= sent.cost && left_.bytes >= sent.bytes; };
  if (!enough()) refill(now);
  if (!enough()) return false;
  left_.cost -= sent.cost;
  left_.bytes -= sent.bytes;
  return true;
}

void Allowance::pay_back(const Sent& sent) {
  const std::lock_guard lock(mutex_);
  left_.cost = std::min(kMost.cost, left_.cost + sent.cost);
  left_.bytes = std::min(kMost.bytes, left_.bytes + sent.bytes);
}

bool Allowance::full(BootTime now) {
  const std::lock_guard lock(mutex_);
  refill(now);
  return left_.cost == kMost.cost && left_.bytes == kMost.bytes;
}

void meter_numbers(NumberRange range) {
  meter().first = range.first;
  meter().processes.clear();
  meter().connections.clear();
  meter().connections.resize(static_cast<std::size_t>(std::max(range.count, 0)));
}

void meter_connection(int number, const ProcessKey& process) {
  Connection* const connection = meter().find(number);
  if (connection == nullptr) return;
  auto& processes = meter().processes;
  if (processes.size() >= kRemembered) {
    std::erase_if(processes, [time = now()](const auto& each) {
      return each.second.use_count() == 1 && each.second->full(time);
    });
  }
  std::shared_ptr<Allowance>& allowance = processes[process];
  if (!allowance) allowance = std::make_shared<Allowance>(now());
  connection->allowance = allowance;
  connection->frames = {};
  connection->refused = false;
  hand_over(connection);
}

void meter_request_whole(int number, std::size_t bytes) {
  pay_back(number, {0, static_cast<std::int64_t>(bytes)});
}

void meter_call_answered(int number) { pay_back(number, {kCallCost, 0}); }

bool meter_allows(int number, std::span<const std::span<const unsigned char>> parts) {
  Connection* const connection = meter().find(number);
  if (connection == nullptr) return true;
  // gRPC reads a connection on one thread after another, and orders them by its own lock.
  take_over(connection);
  Sent sent;
  for (const auto& part : parts) {
    const Sent more = connection->frames.sent_in(part);
    sent.cost += more.cost;
    sent.bytes += more.bytes;
  }
  const bool allowed = (sent.cost == 0 && sent.bytes == 0) || !connection->allowance ||
                       connection->allowance->spend(sent, now());
  if (!allowed) connection->refused = true;
  hand_over(connection);
  return allowed;
}

}  // namespace tacit
