// The text that `tacit project edit` shows, and what a changed one asks for.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/change_set.h"
#include "tacit/client.h"

namespace tacit::cli {

/// The collection as it is shown: its own secrets as lines of a `.env`, and in comments the names
/// of those that are inherited, or not shown because they cannot be lines, or were not given.
SecretBytes text_of_project(const std::string& collection, const std::vector<FoundItem>& found);

/// What has to be done for the collection to be as `text` says. A name that is not among `found`
/// is new; one that was shown and is no more there is deleted; what was not shown stays. Errors,
/// kInvalidArgument: those of `parse_env_file`; a reference in a value's place.
Result<std::vector<PlannedChange>> changes_of(const std::vector<FoundItem>& found,
                                              std::string_view text);

}  // namespace tacit::cli
