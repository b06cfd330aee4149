// What daemons of earlier boots left behind.
#pragma once
#include <string>

namespace tacit {

/// `current` is the folder of this boot's socket where there is no runtime folder, and its siblings
/// those of earlier boots. Removes each that is this user's and holds nothing but a socket on which
/// nobody answers and its lock which nobody holds. Whatever else is found stays.
void remove_older_boots(const std::string& current);

}  // namespace tacit
