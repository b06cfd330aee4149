// Which `keyring` a program finds that looks for one in PATH, as pip and uv do.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace tacit::cli {

inline constexpr std::string_view kKeyringName = "keyring";  ///< what the tools look for

struct KeyringProgram {
  std::string path;
  bool is_tacit = false;
};

/// Whether it is `tacit`, of this installation or another, through any number of links. Also a
/// link to one that is gone.
bool is_tacit_keyring(const std::string& path);

/// The executables of that name in the folders of `path`, a value of $PATH, in their order; a
/// folder that is named twice counts once.
std::vector<KeyringProgram> keyrings_on_path(std::string_view path);
/// Of this process's.
std::vector<KeyringProgram> keyrings_on_path();

}  // namespace tacit::cli
