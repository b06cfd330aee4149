// How a call ended, from what stood in its headers and trailers.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tacit/result.h"

namespace tacit {

/// Undoes gRPC's percent-encoding of `grpc-message`. Lenient, as the specification asks: a
/// broken sequence stays as it is.
std::string percent_decode(std::string_view text);

/// The reason that goes best with a gRPC status code, for servers that tell none or one that this
/// release does not know.
Reason reason_from_code(int code);

/// A `grpc-timeout` value: at most eight digits and a unit.
std::string grpc_timeout(std::int64_t milliseconds);

/// What the answer's headers said. Only a block that ends the stream may carry the status.
class CallStatus {
 public:
  void header(std::string_view name, std::string_view value, bool ends_stream);

  bool has_grpc_status() const { return grpc_status_.has_value(); }
  bool ok() const { return grpc_status_ == 0; }
  /// For a call that has a grpc-status other than 0.
  Error error() const;
  /// For an answer without a grpc-status: what it was instead.
  std::string describe_missing() const;
  /// A first block of headers has come and is gRPC's.
  bool is_grpc() const { return http_status_ == "200" && grpc_content_; }
  bool has_headers() const { return !http_status_.empty(); }

 private:
  std::optional<int> grpc_status_;
  std::string message_;
  std::string reason_;
  std::string http_status_;
  bool grpc_content_ = false;
};

}  // namespace tacit
