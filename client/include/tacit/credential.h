// What opens a slot of the vault.
#pragma once
#include "tacit/secret_bytes.h"

namespace tacit {

struct Credential {
  enum class Kind { kPassphrase, kRecoveryKey, kKeyFile };
  Kind kind = Kind::kPassphrase;
  SecretBytes secret;
};

}  // namespace tacit
