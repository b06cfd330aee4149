#include "cli/token/oauth/course.h"

#include <sys/prctl.h>

#include <algorithm>

#include "cli/token/oauth/check.h"
#include "cli/token/oauth/device_flow.h"
#include "cli/token/oauth/discovery.h"
#include "cli/token/oauth/exchange.h"
#include "cli/token/oauth/login_place.h"
#include "cli/token/oauth/refresh.h"
#include "cli/token/oauth/revoke.h"
#include "cli/token/oauth/subject_file.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::oauth {
namespace {

using std::chrono::milliseconds;

Failure retry(std::string message) { return {RenewalFailure::kRetry, std::move(message)}; }

/// What of a token's life is left; 0: unknown.
milliseconds left_of(const TokenAnswer& answer) {
  if (!answer.lives) return milliseconds(0);
  const auto passed = std::chrono::ceil<milliseconds>(Clock::now() - answer.asked);
  return std::max(milliseconds(1), *answer.lives - passed);
}

/// Whether there is anything that could show the user where to log in, so that no server is asked
/// for a code in vain.
bool can_show(const Task& task, Client& client) {
  if (task.terminal && Terminal::open(false)) return true;
  const auto status = client.status();
  return !status || status->prompter != PrompterState::kNone;
}

/// From here on no other process of the user's may look into this one. Not sooner: /proc would not
/// tell the daemon which program this is, and that is what it asks before it gives a secret.
void close_to_others() { ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

}  // namespace

Course::Course(const Task& task, const RenewalLease& lease, Client& client,
               const BreakOff& break_off)
    : task_(task),
      lease_(lease),
      client_(client),
      break_off_(break_off),
      http_(lease.recipe.ca_file, &break_off) {}

Outcome<Done> Course::run() {
  auto done = take_its_way();
  // A commit ended the lease already, and so did a revocation.
  if (!done && !kept_) {
    (void)client_.fail_renewal(lease_.id, done.failure().kind, done.failure().message);
  }
  return done;
}

Outcome<Done> Course::take_its_way() {
  const auto server = prepared();
  if (!server) return server.failure();
  const bool try_out = is_to_be_checked();
  close_to_others();
  if (task_.mode == Mode::kRevoke) return revoked(*server);
  if (task_.mode == Mode::kLogin) return by_login(*server);
  if (try_out) {
    const auto good = is_good(http_, lease_.recipe, lease_.access_token);
    if (!good) return good.failure();
    if (*good) return commit({});
  }
  if (!lease_.recipe.subject_token_file.empty()) return by_subject_file(*server);
  if (!lease_.refresh_token.empty()) return by_refresh(*server);
  return by_login(*server);
}

Outcome<Server> Course::prepared() {
  Server server;
  server.recipe = lease_.recipe;
  TokenRecipe& recipe = server.recipe;
  if (!server.package_manager() && recipe.token_endpoint.empty() && !recipe.issuer.empty()) {
    auto found = discover(http_, recipe.issuer);
    if (!found) return found.failure();
    recipe.token_endpoint = found->token_endpoint;
    if (recipe.device_authorization_endpoint.empty()) {
      recipe.device_authorization_endpoint = found->device_authorization_endpoint;
    }
    if (recipe.revocation_endpoint.empty()) recipe.revocation_endpoint = found->revocation_endpoint;
  }
  if (const auto good = check_recipe(recipe); !good) return retry(good.error().message);
  if (!recipe.client_secret.name.empty()) {
    auto secret = client_.get(recipe.client_secret.collection, recipe.client_secret.name);
    if (!secret) {
      return retry("the client's secret, `" + visible(recipe.client_secret.name) +
                   "`, cannot be read: " + secret.error().message);
    }
    server.client_secret = std::move(secret->value);
  }
  return server;
}

bool Course::is_to_be_checked() {
  if (task_.mode != Mode::kRenew || task_.force || lease_.recipe.check_url.empty() ||
      !lease_.valid || lease_.access_token.empty()) {
    return false;
  }
  // A lease does not tell the expiry.
  const auto all = client_.tokens(task_.item.collection);
  if (!all) return false;
  const auto found =
      std::ranges::find(*all, task_.item.name, [](const TokenInfo& one) { return one.item.name; });
  return found != all->end() && found->expires == 0;
}

Outcome<Done> Course::by_subject_file(const Server& server) {
  auto subject = read_subject(lease_.recipe.subject_token_file);
  if (!subject) return retry(subject.error().message);
  if (server.exchanged().empty()) {
    return retry("the token's recipe names an identity token's file but no exchange for it");
  }
  auto tokens = exchange(http_, server, *subject, break_off_);
  if (!tokens) {
    // Another content of the file may be taken; no login helps.
    const Failure& failure = tokens.failure();
    return retry(failure.message + "; the identity token is that of " +
                 visible(lease_.recipe.subject_token_file));
  }
  return commit({std::move(tokens->access_token), {}, left_of(*tokens)});
}

Outcome<Done> Course::by_refresh(const Server& server) {
  if (const auto noted = client_.sending_refresh_token(lease_.id); !noted) {
    return retry(noted.error().message);
  }
  auto tokens = refresh(http_, server, lease_.refresh_token);
  if (tokens) return finish(server, *std::move(tokens), true);
  const Failure refused = tokens.failure();
  if (refused.kind != RenewalFailure::kLogin) return refused;
  if (!task_.may_ask || !server.can_log_in()) {
    return Failure{RenewalFailure::kLogin, refused.message + login_hint()};
  }
  auto login = by_login(server);
  if (login || login.failure().kind != RenewalFailure::kRetry) return login;
  // The refresh token stays as useless as it was.
  return Failure{RenewalFailure::kLogin, login.failure().message + login_hint()};
}

Outcome<Done> Course::by_login(const Server& server) {
  // With a refresh token that was not refused nothing is lost by a login that came to nothing.
  const RenewalFailure nowhere =
      lease_.refresh_token.empty() ? RenewalFailure::kLogin : RenewalFailure::kDenied;
  if (!server.can_log_in()) {
    return Failure{nowhere,
                   "the token's recipe names no endpoint to log in at; give it one with "
                   "`tacit token add --replace --device-endpoint URL`"};
  }
  if (!task_.may_ask || input_refused(false)) {
    return Failure{nowhere, "only the user can renew it" + login_hint()};
  }
  if (!can_show(task_, client_)) {
    return Failure{nowhere, "there is nowhere to show the user where to log in" + login_hint() +
                                ", on a terminal"};
  }
  // With the longest poll between two times the lease holds still.
  LoginScreen screen(
      task_.item.name, task_.terminal, task_.browser,
      [this](const LoginPlace& place) { return client_.show_login(lease_.id, place); });
  auto tokens =
      log_in({http_, server, break_off_,
              [&](const DeviceAnswer& code) { return screen.show(code); }, lease_.time / 5});
  if (tokens) return finish(server, *std::move(tokens), false);
  Failure failure = tokens.failure();
  if (failure.kind == RenewalFailure::kLogin) {
    failure = {nowhere, failure.message + login_hint() + ", on a terminal"};
  }
  return failure;
}

Outcome<TokenAnswer> Course::exchanged(const Server& server, const TokenAnswer& first) {
  const SecretBytes* const subject = subject_of(first, server.exchanged());
  if (subject == nullptr) {
    return retry("the server gave no " + visible(server.exchanged()) +
                 ", which is to be exchanged; check the token's scopes");
  }
  return exchange(http_, server, *subject, break_off_);
}

Outcome<Done> Course::finish(const Server& server, TokenAnswer first, bool by_refresh) {
  std::optional<Failure> failed;
  GotTokens got;
  if (!server.exchanged().empty()) {
    auto second = exchanged(server, first);
    if (second) {
      got.lives = left_of(*second);
      got.access_token = std::move(second->access_token);
    } else {
      failed = second.failure();
    }
  } else if (first.access_token.empty()) {
    failed = retry("the server gave no access token; check the token's scopes");
  } else {
    got.lives = left_of(first);
    got.access_token = std::move(first.access_token);
  }
  const bool rotated = !first.refresh_token.empty();
  if (failed) {
    if (by_refresh && rotated) keep_refresh_token(std::move(first));
    if (by_refresh && rotated && !kept_) failed->kind = RenewalFailure::kLogin;
    return *std::move(failed);
  }
  // Not that of a login before.
  if (rotated || !by_refresh) got.refresh_token = std::move(first.refresh_token);
  return commit(got);
}

void Course::keep_refresh_token(TokenAnswer first) {
  if (lease_.access_token.empty()) return;
  // The token that there was, as one that has run out.
  const auto kept =
      commit({lease_.access_token.clone(), std::move(first.refresh_token), milliseconds(1)});
  if (kept) kept_ = *kept;
}

Outcome<Done> Course::commit(const GotTokens& tokens) {
  const auto version = client_.commit_renewal(lease_.id, tokens);
  if (version) return Done{*version, {}};
  // What was got is lost, and a refresh token that it came for with it.
  return Failure{RenewalFailure::kInDoubt,
                 "the server gave a token, but it cannot be stored: " + version.error().message};
}

Outcome<Done> Course::revoked(const Server& server) {
  Done done;
  // The refresh token first: with it servers revoke what came of it.
  const std::pair<std::string, const SecretBytes*> tokens[] = {
      {"refresh token", &lease_.refresh_token}, {"access token", &lease_.access_token}};
  for (const auto& [which, token] : tokens) {
    if (token->empty()) continue;
    std::string why = "its recipe names no endpoint to revoke it at";
    if (!server.recipe.revocation_endpoint.empty()) {
      const std::string hint = which == "refresh token" ? "refresh_token" : "access_token";
      const auto gone = revoke(http_, server, *token, hint);
      if (gone) continue;
      why = gone.failure().message;
    }
    done.message += (done.message.empty() ? "" : "; ") + ("the " + which) +
                    " is forgotten but not revoked: " + why;
  }
  const auto told = client_.fail_renewal(lease_.id, RenewalFailure::kRevoked,
                                         "the token was revoked" + login_hint());
  if (told) return done;
  return retry("the token cannot be forgotten: " + told.error().message);
}

std::string Course::login_hint() const {
  const std::string& collection = task_.item.collection;
  const bool elsewhere = !collection.empty() && collection != kDefaultCollection;
  return "; log in with `tacit " + (elsewhere ? "-c " + visible(collection) + " " : "") +
         "token login " + visible(task_.item.name) + "`";
}

}  // namespace tacit::oauth
