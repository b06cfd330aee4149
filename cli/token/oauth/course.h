// What the holder of a lease does.
#pragma once
#include "cli/token/oauth/break_off.h"
#include "cli/token/oauth/outcome.h"
#include "cli/token/oauth/server.h"
#include "cli/token/oauth/task.h"
#include "tacit/client.h"

namespace tacit::oauth {

/// From a lease to its Commit or Fail. For one lease.
class Course {
 public:
  /// `client` is another one than that which waits in begin_renewal. All outlive this.
  Course(const Task& task, const RenewalLease& lease, Client& client, const BreakOff& break_off);

  /// Ends the lease. A failure has been told to the daemon.
  Outcome<Done> run();

 private:
  Outcome<Done> take_its_way();
  Outcome<Server> prepared();
  /// Whether the token has to be tried out, since nothing says when it runs out.
  bool is_to_be_checked();
  Outcome<Done> by_subject_file(const Server& server);
  Outcome<Done> by_refresh(const Server& server);
  Outcome<Done> by_login(const Server& server);
  Outcome<Done> revoked(const Server& server);
  /// Exchanges what was got where the recipe says so, and commits it.
  Outcome<Done> finish(const Server& server, TokenAnswer first, bool by_refresh);
  Outcome<TokenAnswer> exchanged(const Server& server, const TokenAnswer& first);
  /// So that a refresh token that was given in place of another is not lost with the exchange.
  void keep_refresh_token(TokenAnswer first);
  Outcome<Done> commit(const GotTokens& tokens);
  std::string login_hint() const;

  const Task& task_;
  const RenewalLease& lease_;
  Client& client_;
  const BreakOff& break_off_;
  const Http http_;
  std::optional<Done> kept_;  ///< something was committed though the renewal failed
};

}  // namespace tacit::oauth
