// What servers answer with (RFC 6749, 5.1 and 5.2; RFC 8628, 3.2; RFC 8414, 2).
#pragma once
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tacit/result.h"
#include "tacit/secret_bytes.h"

namespace tacit::oauth {

/// Of one token; larger ones are refused.
inline constexpr std::size_t kMostTokenBytes = std::size_t{128} * 1024;

/// Of a token endpoint. What it did not give is empty.
struct TokenAnswer {
  SecretBytes access_token;
  SecretBytes refresh_token;
  SecretBytes id_token;
  std::optional<std::chrono::milliseconds> lives;  ///< from when it was asked for
  std::chrono::steady_clock::time_point asked{};   ///< set by who asked
};

struct DeviceAnswer {
  SecretBytes device_code;
  std::string user_code;
  std::string verification_uri;
  std::string verification_uri_complete;  ///< empty: there is none
  std::chrono::seconds interval{5};
  std::chrono::seconds lives{0};
};

/// Both sanitised: printable characters alone, and not many.
struct ErrorAnswer {
  std::string code;         ///< `invalid_grant`; of [A-Za-z0-9_.:/-]
  std::string description;  ///< what the server says about it; empty: nothing
};

struct Metadata {
  std::string issuer;
  std::string device_authorization_endpoint;
  std::string token_endpoint;
  std::string revocation_endpoint;
  std::vector<std::string> grant_types;
  std::vector<std::string> code_challenge_methods;
};

// Error kProtocol says what is wrong with the answer and quotes none of its values. A member of
// another type than it has to be of is an error, `null` is as if it were not there, unknown ones
// are passed over. Everything that the library holds is wiped.

/// Also an error: no token at all; a token of other characters than VSCHAR (RFC 6749, A.12) or
/// none; a life that is over.
Result<TokenAnswer> parse_token_answer(std::span<const unsigned char> body);
Result<DeviceAnswer> parse_device_answer(std::span<const unsigned char> body);
/// None: it is no such answer.
std::optional<ErrorAnswer> parse_error_answer(std::span<const unsigned char> body);
Result<Metadata> parse_metadata(std::span<const unsigned char> body);

}  // namespace tacit::oauth
