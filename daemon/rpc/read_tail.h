// What gRPC has read leaves memory as soon as it is parsed.
#pragma once
#include "absl/status/status.h"

namespace tacit {

/// gRPC 1.51 reads into blocks and keeps the unused end of each for the next read, and with it the
/// whole block: the last requests on an open connection, values and all, would stay in memory
/// after a lock. read_tail.cpp (an object of the executable) takes the place of the public
/// function by which gRPC cuts that end off, and drops it.
/// Proves that gRPC meets ours. Errors: kInternal.
absl::Status check_read_tail();

}  // namespace tacit
