// A file for its owner alone that appears whole or not at all.
#pragma once
#include <span>
#include <string>

#include "tacit/result.h"

namespace tacit::cli {

/// Written beside its name and then given it.
class PrivateFile {
 public:
  explicit PrivateFile(std::string path) : path_(std::move(path)) {}
  PrivateFile(const PrivateFile&) = delete;
  PrivateFile& operator=(const PrivateFile&) = delete;
  /// What was not published is wiped and gone.
  ~PrivateFile();

  /// A new file (`mode` as of open(2), the umask does not count) in the folder of the path. Errors:
  /// kIoError.
  Result<void> write(std::span<const unsigned char> content, unsigned mode = 0600);
  /// Synced, under its name. kAlreadyExists: something has the name, and `replace` is not set; a
  /// symbolic link is replaced, not followed.
  Result<void> publish(bool replace);

 private:
  std::string path_;
  std::string written_;
  int fd_ = -1;
  std::size_t size_ = 0;
};

}  // namespace tacit::cli
