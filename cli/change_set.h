// Several changes, stored together or not at all.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/context.h"

namespace tacit::cli {

/// One of them.
struct PlannedChange {
  std::string name;
  std::optional<SecretBytes> value;  ///< none: the item is deleted
  std::uint64_t version = 0;         ///< the newest there has to be; 0: no item yet
  UnixMillis expires = 0;            ///< kept, where not 0
};

/// Makes all of them in one transaction, if each still finds the version it expects. Errors: as of
/// `not_applied`; kLimit, over 1,000 changes or 1 MiB.
Result<void> apply(Context& context, const std::string& collection,
                   const std::vector<PlannedChange>& changes);

/// What Client::apply failed with, and the names of what stood in the way, as far as they can be
/// found out afterwards. kVersionMismatch: something was changed meanwhile.
Error not_applied(Context& context, std::span<const ItemEdit> edits, const Error& error);

}  // namespace tacit::cli
