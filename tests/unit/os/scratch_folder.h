// A folder of its own for each test, removed with all that is in it.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace tacit {

class ScratchFolder {
 public:
  ScratchFolder() {
    // Short, since a socket's path has 107 bytes; /tmp's sticky bit keeps it ours.
    std::string pattern = "/tmp/tacit-test-XXXXXX";
    if (mkdtemp(pattern.data())) path_ = pattern;
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace tacit
