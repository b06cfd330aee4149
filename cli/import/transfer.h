// Bringing items into the vault, and making sure that they are there.
#pragma once
#include <span>
#include <vector>

#include "cli/context.h"
#include "cli/import/source.h"

namespace tacit::cli {

enum class ImportState { kNew, kSame, kDifferent };
std::string_view import_state_name(ImportState state) noexcept;

struct PlannedItem {
  ImportItem item;
  Reference where;
  ImportState state = ImportState::kNew;
  std::uint64_t version = 0;  ///< that is there; 0: none
};

/// What would happen to each item, by name. `collection`: of those whose source names none. The
/// same means value, and attributes, content type and expiry as far as the source has them. Errors:
/// kInvalidArgument, two items of one name; those of Client::get.
Result<std::vector<PlannedItem>> plan_import(Context& context, std::vector<ImportItem> items,
                                             const std::string& collection,
                                             const ImportProgress& progress);

/// Stores what is new, and with `replace` what is different, if it is still as it was planned: in
/// transactions of up to 1,000 items or 1 MiB, of which those before the one that fails stay.
Result<void> store_import(Context& context, std::span<const PlannedItem> plan, bool replace,
                          const ImportProgress& progress);

/// Reads back what was stored or was there already, and compares it, byte for byte. Error kInternal
/// names the first that is not what the source says.
Result<void> verify_import(Context& context, std::span<const PlannedItem> plan, bool replaced,
                           const ImportProgress& progress);

}  // namespace tacit::cli
