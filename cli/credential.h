// Passphrases, recovery keys and key files: from options or from the user.
#pragma once
#include <CLI/App.hpp>
#include <optional>
#include <string>

#include "client/cpp/terminal/terminal.h"
#include "tacit/client.h"

namespace tacit::cli {

inline constexpr std::size_t kMaxPassphraseBytes = 4096;
inline constexpr std::size_t kMaxKeyFileBytes = 64 * 1024;

/// Where a credential comes from when nobody is asked.
struct CredentialSource {
  std::string passphrase_file;
  int passphrase_fd = -1;
  std::string recovery_file;
  std::string key_file;

  /// --passphrase-file, --passphrase-fd, --recovery-file, --key-file; at most one of them.
  void add_to(CLI::App& app);
  bool given() const;
  /// None if no option was given. Errors: kIoError, kInvalidArgument (empty or too long).
  Result<std::optional<Credential>> load() const;
};

/// From a file or descriptor, one trailing newline stripped.
Result<SecretBytes> read_passphrase_file(const std::string& path);
Result<SecretBytes> read_passphrase_fd(int fd);
Result<SecretBytes> read_key_file(const std::string& path);

/// Asks twice until both are the same and not empty, and remarks on a weak one. Three tries.
Result<SecretBytes> ask_new_passphrase(Terminal& terminal, std::string_view question);

/// What to say about a passphrase that is easily guessed; empty if there is nothing to say.
/// A hint, no measurement: length and variety alone.
std::string weakness(std::span<const unsigned char> passphrase);

}  // namespace tacit::cli
