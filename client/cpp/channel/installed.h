// Where the programs are that were installed with this code.
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace tacit {

/// The file that this code was loaded from; empty if the loader does not tell it absolutely.
std::string own_file();

/// An executable regular file that only its owner, this user or root, can write.
bool is_trustworthy(const std::string& path);

/// The first trustworthy one of these, each seen from the folder of `own_file`, else `elsewhere`
/// if that is. Nothing is looked up in PATH.
std::optional<std::string> find_installed(const std::vector<std::string>& from_here,
                                          const std::string& elsewhere);

}  // namespace tacit
