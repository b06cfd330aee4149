// A folder in memory for a secret that another program has to see as a file.
#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "tacit/result.h"
#include "tacit/secret_bytes.h"

namespace tacit::cli {

/// Zeros over the first `size` bytes.
void wipe_file(int fd, std::size_t size) noexcept;

/// New, 0700, in the user's runtime folder, which has to be a file system in memory (tmpfs or
/// ramfs), so that nothing of it gets to a disk but by swap.
class WipedFolder {
 public:
  /// Errors: kPermissions, naming the reason: there is no runtime folder, it is not the user's
  /// alone, or it is on a disk; kIoError.
  static Result<WipedFolder> make();
  WipedFolder(WipedFolder&& other) noexcept;
  WipedFolder& operator=(WipedFolder&&) = delete;
  /// Wipes every file in it, also those that others left there, and removes it.
  ~WipedFolder();

  const std::string& path() const noexcept { return path_; }
  /// A new file (0600) in it; returns its path. Error: kIoError.
  Result<std::string> add(const std::string& name, const SecretBytes& content);
  /// None: it is gone. Errors: kIoError, it is no regular file or cannot be read; kValueTooLarge.
  static Result<std::optional<SecretBytes>> read(const std::string& path, std::size_t limit);
  /// From now on it stays when this object goes.
  void keep() noexcept { kept_ = true; }

 private:
  explicit WipedFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
  bool kept_ = false;
};

}  // namespace tacit::cli
