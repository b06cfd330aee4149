// All secrets of a collection at once.
#pragma once
#include <string>
#include <vector>

#include "cli/context.h"

namespace tacit::cli {

/// Client::get_all, with what has to be asked for asked for, where that can be.
Result<std::vector<FoundItem>> everything(Context& context, const std::string& collection);

}  // namespace tacit::cli
