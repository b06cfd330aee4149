// A file's content replaced as a whole, so that a reader, or a power loss, finds the old one or the
// new one.
#pragma once
#include <sys/stat.h>

#include <optional>
#include <span>
#include <string>

#include "tacit/result.h"
#include "tacit/secret_bytes.h"

namespace tacit::cli {

/// A regular file as it was read.
struct ReadFile {
  SecretBytes content;
  struct stat facts {};
};

/// None: there is none at `path`, which may be a symbolic link to one. Errors: kIoError, it cannot
/// be read or is no regular file; kLimit, over `limit` bytes. Never waits for a pipe's writer.
Result<std::optional<ReadFile>> read_regular(const std::string& path, std::size_t limit);

/// The same file, with nothing written to it since.
bool unchanged(const struct stat& before, const struct stat& now) noexcept;

/// Writes `parts`, one behind the other, to a new file beside `path` and gives it that name.
/// `before`: whose mode and owner it gets; nullptr: there is no such file yet, and one that has
/// appeared meanwhile is left alone (kAlreadyExists). `path` must not be a symbolic link.
/// Error kIoError: nothing was changed.
Result<void> replace_file(const std::string& path,
                          std::span<const std::span<const unsigned char>> parts,
                          const struct stat* before);

}  // namespace tacit::cli
