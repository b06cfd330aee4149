#include "cli/credential.h"

#include <algorithm>
#include <bitset>
#include <utility>

#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"

namespace tacit::cli {
namespace {

Result<SecretBytes> checked_passphrase(Result<SecretBytes> read, std::string_view source) {
  if (!read.ok()) return read;
  strip_newline(*read);
  if (read->empty()) {
    return Error{Reason::kInvalidArgument, "the passphrase in " + std::string(source) +
                                               " is empty; it must have at least one byte"};
  }
  if (read->size() > kMaxPassphraseBytes) {
    return Error{Reason::kInvalidArgument, "the passphrase in " + std::string(source) +
                                               " is longer than 4,096 bytes; choose a shorter one"};
  }
  return read;
}

void warn_if_readable_by_others(const std::string& path) {
  if (readable_by_others(path)) {
    remark("warning: " + path + " can be read by other users; chmod 600 it");
  }
}

template <class... Options>
void exclude_each_other(Options*... options) {
  CLI::Option* const all[] = {options...};
  for (auto* one : all) {
    for (auto* other : all) {
      if (one != other) one->excludes(other);
    }
  }
}

}  // namespace

void CredentialSource::add_to(CLI::App& app) {
  auto* file =
      add_path(app, "--passphrase-file", passphrase_file, "Take the passphrase from this file");
  auto* fd = add_descriptor(app, "--passphrase-fd", passphrase_fd,
                            "Take the passphrase from this open descriptor");
  auto* recovery =
      add_path(app, "--recovery-file", recovery_file, "Take the recovery key from this file");
  auto* key = add_path(app, "--key-file", key_file, "Use this key file");
  exclude_each_other(file, fd, recovery, key);
}

bool CredentialSource::given() const {
  return !passphrase_file.empty() || passphrase_fd >= 0 || !recovery_file.empty() ||
         !key_file.empty();
}

Result<SecretBytes> read_passphrase_file(const std::string& path) {
  warn_if_readable_by_others(path);
  // Room for a newline behind the longest passphrase.
  return checked_passphrase(read_file(path, kMaxPassphraseBytes + 1), path);
}

Result<SecretBytes> read_passphrase_fd(int fd) {
  const std::string what = "descriptor " + std::to_string(fd);
  return checked_passphrase(read_all(fd, kMaxPassphraseBytes + 1, what), what);
}

Result<SecretBytes> read_key_file(const std::string& path) {
  warn_if_readable_by_others(path);
  auto content = read_file(path, kMaxKeyFileBytes);
  constexpr std::size_t kLeast = 32;
  if (content.ok() && content->size() < kLeast) {
    return Error{Reason::kInvalidArgument,
                 path + " is too short for a key file; it needs 32 random bytes or more"};
  }
  return content;
}

Result<std::optional<Credential>> CredentialSource::load() const {
  using Kind = Credential::Kind;
  const auto with = [](Kind kind, Result<SecretBytes> secret) -> Result<std::optional<Credential>> {
    if (!secret.ok()) return secret.error();
    return std::optional<Credential>(Credential{kind, std::move(*secret)});
  };
  if (!passphrase_file.empty()) {
    return with(Kind::kPassphrase, read_passphrase_file(passphrase_file));
  }
  if (passphrase_fd >= 0) return with(Kind::kPassphrase, read_passphrase_fd(passphrase_fd));
  if (!recovery_file.empty()) {
    constexpr std::size_t kLongest = 1024;
    auto key = read_file(recovery_file, kLongest);
    if (key.ok()) strip_newline(*key);
    return with(Kind::kRecoveryKey, std::move(key));
  }
  if (!key_file.empty()) return with(Kind::kKeyFile, read_key_file(key_file));
  return std::optional<Credential>{};
}

Result<SecretBytes> ask_new_passphrase(Terminal& terminal, std::string_view question) {
  constexpr int kTries = 3;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    auto first = terminal.ask_secret(std::string(question) + ": ");
    if (!first.ok()) return first;
    if (first->empty()) {
      terminal.say("An empty passphrase protects nothing; type one.\n");
      continue;
    }
    if (const std::string hint = weakness(first->bytes()); !hint.empty()) {
      terminal.say("Warning: " + hint + "\n");
    }
    auto second = terminal.ask_secret("The same again: ");
    if (!second.ok()) return second;
    if (std::ranges::equal(first->bytes(), second->bytes())) return first;
    terminal.say("These two are not the same.\n");
  }
  return Error{Reason::kInvalidArgument,
               "no passphrase was chosen in three tries; nothing was done"};
}

std::string weakness(std::span<const unsigned char> passphrase) {
  constexpr std::size_t kShort = 12;
  constexpr std::size_t kFewKinds = 6;
  std::bitset<256> kinds;
  std::size_t characters = 0;  // code points: continuation bytes do not count
  for (const unsigned char byte : passphrase) {
    kinds.set(byte);
    if ((byte & 0xc0) != 0x80) ++characters;
  }
  if (characters < kShort) {
    return "this passphrase has only " + std::to_string(characters) +
           (characters == 1 ? " character" : " characters") +
           "; four random words or more are hard to guess";
  }
  if (kinds.count() < kFewKinds) {
    return "this passphrase repeats few characters; four random words or more are hard to guess";
  }
  return {};
}

}  // namespace tacit::cli
