// Proof key for code exchange (RFC 7636, S256).
#pragma once
#include <span>
#include <string>

#include "tacit/secret_bytes.h"

namespace tacit::oauth {

struct Pkce {
  SecretBytes verifier;
  std::string challenge;
};

/// A fresh one: 32 random bytes in base64url make a verifier of 43 characters (4.1).
Pkce make_pkce();
/// BASE64URL(SHA256(verifier)), without padding (4.2).
std::string challenge_of(std::span<const unsigned char> verifier);

}  // namespace tacit::oauth
