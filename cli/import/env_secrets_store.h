// The store of python-env-secrets: `~/.python/usersecrets/ID/.secrets`, in later releases
// `~/.python/envsecrets/ID/.secrets`.
#pragma once
#include <string_view>
#include <vector>

#include "cli/import/item.h"

namespace tacit::cli {

/// Lines `KEY=VALUE` as python-env-secrets reads them: UTF-8; white space (Python's) taken from
/// both ends; empty lines, `#...` and lines without `=` passed over; a leading `export ` dropped;
/// taken apart at the first `=`; one pair of equal quotes taken off. No escapes, nothing over
/// several lines. Of a key that is there twice the last counts, in the first one's place.
/// A line `=VALUE` names nothing and is left out; `nameless` is told which lines those are.
/// Errors, kInvalidArgument, naming `file` and the line, never what stands there: no UTF-8; a key
/// that no secret can have for a name.
Result<std::vector<ImportItem>> parse_env_secrets(std::string_view content, std::string_view file,
                                                  std::vector<std::size_t>* nameless = nullptr);

}  // namespace tacit::cli
