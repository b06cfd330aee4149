// The user logs in elsewhere (RFC 8628).
#pragma once
#include <functional>

#include "cli/token/oauth/server.h"

namespace tacit::oauth {

enum class Shown { kGoOn, kNowhere, kRefused };

struct DeviceFlow {
  const Http& http;
  const Server& server;
  const BreakOff& break_off;
  /// Is called at once and again at least as often, with where the user logs in.
  std::function<Shown(const DeviceAnswer&)> show;
  std::chrono::milliseconds show_every{0};
};

/// Asks for a code, shows it and polls until the user has logged in or the code's life is over:
/// every `interval` seconds (5 if the server does not say), 5 more after each `slow_down`, twice as
/// long after each connection that timed out and each answer that tells of the server's own
/// trouble (3.5). Failures: kDenied, the user or the server refused, or it took too long; kLogin,
/// `show` found nowhere to show it; kRetry, the server or the way to it failed.
Outcome<TokenAnswer> log_in(const DeviceFlow& flow);

}  // namespace tacit::oauth
