// Writing to a descriptor without a stream's buffer.
#pragma once
#include <span>
#include <string_view>

#include "tacit/result.h"

namespace tacit {

/// All of it, by write(2), so that no buffer of a stream keeps a secret. Error kIoError names
/// `what`; a closed pipe included (if SIGPIPE did not end the process).
Result<void> write_all(int fd, std::span<const unsigned char> bytes, std::string_view what);

}  // namespace tacit
