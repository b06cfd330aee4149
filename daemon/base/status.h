// The daemon's errors: absl::Status with a Reason as its payload.
#pragma once
#include <string_view>

#include "absl/status/status.h"
#include "tacit/reason.h"

namespace tacit {

/// A status with the code that belongs to `reason`. The message says what happened, to what,
/// and what to do next; never a value, and a name only where the caller gave it.
absl::Status make_error(Reason reason, std::string_view message);

/// The reason of a status made above; kInternal for any other error, kUnspecified for OK.
Reason reason_of(const absl::Status& status);

}  // namespace tacit
