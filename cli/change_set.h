// Several changes of one collection, stored together or not at all as far as that can be had.
#pragma once
#include <optional>
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

/// Makes each if it still finds the version it expects; the contract has no call for several items
/// in one. When one fails those before it are taken back, unless they in their turn were changed
/// meanwhile, and the error names what failed, and says whether anything could not be taken back.
/// Asks for what stands in the way before the first.
Result<void> apply(Context& context, const std::string& collection,
                   const std::vector<PlannedChange>& changes);

}  // namespace tacit::cli
