// Decrypting with the user's own gpg, his agent and his keys.
#pragma once
#include <string>

#include "tacit/result.h"
#include "tacit/secret_bytes.h"

namespace tacit::cli {

class Gpg {
 public:
  /// Error kNotFound: none is installed that no other user could have written.
  static Result<Gpg> find();

  /// What is in the encrypted `file`. gpg may ask for a passphrase, by its agent, and says on
  /// standard error what went wrong. Errors: kIoError, it did not decrypt; kValueTooLarge, over
  /// `limit` bytes.
  Result<SecretBytes> decrypt(const std::string& file, std::size_t limit) const;

 private:
  explicit Gpg(std::string program) : program_(std::move(program)) {}

  std::string program_;
};

}  // namespace tacit::cli
