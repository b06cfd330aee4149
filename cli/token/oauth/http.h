// One request to a server, by libcurl.
#pragma once
#include <span>
#include <string>
#include <variant>

#include "cli/token/oauth/break_off.h"
#include "tacit/secret_bytes.h"

namespace tacit::oauth {

inline constexpr std::size_t kMostAnswerBytes = std::size_t{1024} * 1024;

struct HttpAnswer {
  long status = 0;
  SecretBytes body;
};

/// No whole answer came.
struct HttpTrouble {
  enum class Kind {
    kRefused,     ///< the URL is none that is spoken to
    kNoAnswer,    ///< no connection, or it was cut
    kTimeout,     ///< no connection, or no answer, in time
    kNotTrusted,  ///< the server could not show that it is the one
    kTooLarge,    ///< of the answer
    kBrokenOff,
  };
  Kind kind = Kind::kNoAnswer;
  bool may_have_sent = false;  ///< something of the request may have left
  std::string message;         ///< what happened, with the server's name
};

using HttpOutcome = std::variant<HttpAnswer, HttpTrouble>;

/// Waits 10 s at most for a connection and 30 s for all of it, verifies the server's certificate,
/// follows no redirect, keeps no cookie, reads no .netrc, goes through the proxies that the usual
/// variables name (but straight to the loopback), and takes kMostAnswerBytes. Each request has a
/// connection of its own, so that the library never repeats one. What the library frees is wiped.
/// One thread at a time.
class Http {
 public:
  struct Limits {
    std::chrono::milliseconds connect{10'000};
    std::chrono::milliseconds total{30'000};
  };

  /// `ca_file` empty: the system's authorities. `break_off` ends every request; nullptr: nothing
  /// does.
  explicit Http(std::string ca_file, const BreakOff* break_off = nullptr)
      : Http(std::move(ca_file), break_off, Limits()) {}
  Http(std::string ca_file, const BreakOff* break_off, Limits limits);

  /// `authorization`: the header's value; empty: none.
  HttpOutcome get(const std::string& url, std::span<const unsigned char> authorization = {}) const;
  /// A form. `may_break_off` false: it is worse not to know what came of it than to wait.
  HttpOutcome post(const std::string& url, std::span<const unsigned char> form,
                   std::span<const unsigned char> authorization = {},
                   bool may_break_off = true) const;

 private:
  std::string ca_file_;
  const BreakOff* break_off_;
  Limits limits_;
};

/// `Basic` and both, encoded as they are (RFC 7617).
SecretBytes basic_authorization(std::span<const unsigned char> user,
                                std::span<const unsigned char> password);

}  // namespace tacit::oauth
