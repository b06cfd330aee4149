// What a change of an item is checked for before anything is written.
#pragma once
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "daemon/vault/item.h"

namespace tacit {

/// Errors of all: kInvalidArgument, but where another is told.
absl::Status check_where(const ItemName& where);
/// Also kValueTooLarge.
absl::Status check_change(const ItemChange& change);
/// kAlreadyExists: it must not exist, and does; kVersionMismatch.
absl::Status check_expected(std::optional<std::uint64_t> expected, std::uint64_t newest, bool live);
/// kNotFound.
absl::Status no_such_item();

}  // namespace tacit
