#include "daemon/base/status.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"

namespace tacit {
namespace {

constexpr char kPayload[] = "tacit.v1.Reason";

// Debian's Abseil is built as C++14: its string_view is not std's.
absl::string_view view(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

absl::Status make_error(Reason reason, std::string_view message) {
  absl::Status status(static_cast<absl::StatusCode>(grpc_code(reason)), view(message));
  status.SetPayload(kPayload, absl::Cord(view(reason_name(reason))));
  return status;
}

Reason reason_of(const absl::Status& status) {
  if (status.ok()) return Reason::kUnspecified;
  const auto payload = status.GetPayload(kPayload);
  return payload ? reason_from_name(std::string(*payload)) : Reason::kInternal;
}

}  // namespace tacit
