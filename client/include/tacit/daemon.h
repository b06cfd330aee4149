// The daemon's program, for whoever looks after it.
#pragma once
#include <string>

#include "tacit/result.h"

namespace tacit {

/// Where tacitd is: $TACIT_DAEMON (absolute, set on purpose like TACIT_SOCKET), else the first
/// trustworthy file of: beside the library or program that this code is in, its ../bin and
/// ../../bin, and the folder it was configured to be installed in. Trustworthy: an executable
/// regular file that only its owner, this user or root, can write. Error kNoDaemon.
Result<std::string> find_daemon();

}  // namespace tacit
