// Reading secrets from files and descriptors.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "tacit/result.h"
#include "tacit/secret_bytes.h"

namespace tacit::cli {

/// Everything up to the end of `fd`. Errors: kValueTooLarge, more than `limit` bytes; kIoError.
/// `what` names the source in messages.
Result<SecretBytes> read_all(int fd, std::size_t limit, std::string_view what);

/// The whole file. Errors as above; a file that cannot be opened is kIoError.
Result<SecretBytes> read_file(const std::string& path, std::size_t limit);

/// A regular file that others than its owner may read.
bool readable_by_others(const std::string& path);

/// Drops one newline (LF) from the end.
void strip_newline(SecretBytes& bytes) noexcept;

/// A new file (0600, never one that is there already) that is made before what it shall hold is
/// known. It is removed again unless it was filled.
class ReservedFile {
 public:
  explicit ReservedFile(std::string path) : path_(std::move(path)) {}
  ReservedFile(const ReservedFile&) = delete;
  ReservedFile& operator=(const ReservedFile&) = delete;
  ~ReservedFile();

  /// Errors: kAlreadyExists, kIoError.
  Result<void> create();
  Result<void> append(std::span<const unsigned char> bytes);
  /// Syncs and closes: it stays.
  Result<void> keep();
  /// `append` and `keep`.
  Result<void> fill(const SecretBytes& content);
  /// The same with a newline behind it, which reading takes away again.
  Result<void> fill_line(const SecretBytes& text);

 private:
  std::string path_;
  int fd_ = -1;
};

}  // namespace tacit::cli
