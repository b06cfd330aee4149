// Which calls change nothing, so that one that broke off may simply be made again.
#pragma once
#include <string_view>

namespace tacit {

/// `method`: `/package.Service/Method`. A method that is not known here may change something.
bool only_reads(std::string_view method) noexcept;

}  // namespace tacit
