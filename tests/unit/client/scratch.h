// A folder for one test, and an environment without the user's own.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <string>

namespace tacit::testing {

/// A new 0700 folder with every XDG folder inside it; removed at the end.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tacit-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
    for (const char* name : {"TACIT_SOCKET", "TACIT_DAEMON", "TACIT_AUTOSTART"}) ::unsetenv(name);
    for (const char* name : {"HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
                             "XDG_STATE_HOME", "XDG_CACHE_HOME"}) {
      const std::string folder = path_ + "/" + name;
      std::filesystem::create_directory(folder);
      std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
      ::setenv(name, folder.c_str(), 1);
    }
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::string& path() const { return path_; }
  std::string socket() const { return path_ + "/tacit.sock"; }

 private:
  std::string path_;
};

}  // namespace tacit::testing
