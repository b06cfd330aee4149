// What a wrong include would bring into a room: a call of the vault, from beside crypto.
#include <array>

#include "daemon/crypto/padding.h"
#include "daemon/vault/recovery_key.h"

int main() {
  const std::array<unsigned char, tacit::kRecoveryKeyBytes> key{};
  return tacit::recovery_key_text(key).empty() ? 1 : 0;
}
