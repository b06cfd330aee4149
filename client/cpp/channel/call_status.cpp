#include "client/cpp/channel/call_status.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace tacit {
namespace {

constexpr std::size_t kMaxMessageText = 4096;

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The first reason that only the library itself finds.
constexpr int kFirstLocalReason = 100;
constexpr int kResourceExhausted = 8;  // a gRPC status code

}  // namespace

Reason reason_from_code(int code) {
  switch (code) {
    case 1:
      return Reason::kCancelled;
    case 3:
      return Reason::kInvalidArgument;
    case 4:
      return Reason::kTimeout;
    case 5:
      return Reason::kNotFound;
    case 6:
      return Reason::kAlreadyExists;
    case 7:
      return Reason::kPolicyDenied;
    case 8:
      return Reason::kLimit;
    case 10:
      return Reason::kVersionMismatch;
    case 11:
      return Reason::kInvalidArgument;
    case 12:
      return Reason::kUnsupported;
    case 13:
      return Reason::kInternal;
    case 14:
      return Reason::kNoDaemon;
    case 15:
      return Reason::kVaultDamaged;
    case 16:
      return Reason::kWrongCredential;
    default:
      return Reason::kUnspecified;
  }
}

std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex(text[i + 1]);
      const int low = hex(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out.push_back(static_cast<char>(high * 16 + low));
        i += 2;
        continue;
      }
    }
    out.push_back(text[i]);
  }
  return out;
}

std::string grpc_timeout(std::int64_t milliseconds) {
  constexpr std::int64_t kMaxDigits = 99'999'999;
  if (milliseconds <= kMaxDigits) return std::to_string(milliseconds) + "m";
  const std::int64_t seconds = milliseconds / 1000;
  if (seconds <= kMaxDigits) return std::to_string(seconds) + "S";
  return std::to_string(std::min(seconds / 3600, kMaxDigits)) + "H";
}

void CallStatus::header(std::string_view name, std::string_view value, bool ends_stream) {
  if (name == ":status") {
    http_status_ = value.substr(0, 3);
  } else if (name == "content-type") {
    grpc_content_ = value.starts_with("application/grpc");
  } else if (!ends_stream) {
    return;
  } else if (name == "grpc-status") {
    int code = 0;
    const char* end = value.data() + value.size();
    const auto parsed = std::from_chars(value.data(), end, code);
    const bool number = parsed.ec == std::errc() && parsed.ptr == end && code >= 0;
    grpc_status_ = number ? code : 2;  // UNKNOWN, as the specification asks
  } else if (name == "grpc-message") {
    message_ = percent_decode(value.substr(0, kMaxMessageText));
  } else if (name == "tacit-reason") {
    reason_ = value.substr(0, 64);
  }
}

Error CallStatus::error() const {
  const int code = grpc_status_.value_or(2);
  Reason reason = reason_from_name(reason_);
  if (reason == Reason::kUnspecified || static_cast<int>(reason) >= kFirstLocalReason) {
    reason = reason_from_code(code);
  }
  if (code == kResourceExhausted && reason_.empty()) {
    // Not the daemon's own words but those of gRPC below it, which speak of its buffers.
    const bool too_long = message_.find("larger than max") != std::string::npos;
    return {
        too_long ? Reason::kValueTooLarge : Reason::kLimit,
        std::string(too_long ? "the request is longer than the daemon takes; a message has at most "
                               "1 MiB and a value 768 KiB: send less at once"
                             : "the daemon has no room for this request now; ask for less at once, "
                               "or try again when other programs are done") +
            (message_.empty() ? "" : " (gRPC: " + message_ + ")")};
  }
  if (!message_.empty()) return {reason, message_};
  return {reason, "the daemon refused without a message (gRPC status " + std::to_string(code) +
                      (reason_.empty() ? ")" : ", " + reason_ + ")")};
}

std::string CallStatus::describe_missing() const {
  if (http_status_.empty()) return "the answer ended before its headers";
  if (http_status_ != "200") return "the answer is not gRPC (HTTP status " + http_status_ + ")";
  if (!grpc_content_) return "the answer is not gRPC (its content type is another)";
  return "the answer ended without a status";
}

}  // namespace tacit
