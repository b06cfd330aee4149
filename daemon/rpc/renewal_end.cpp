// What the holder of a lease says: that it sends, what is to be shown, what came of it.
#include <algorithm>
#include <utility>

#include "daemon/rpc/convert.h"
#include "daemon/rpc/renewal_service.h"
#include "daemon/rpc/token_recipe.h"

namespace tacit {
namespace {

/// A token that does not say when it runs out is tried out so often.
constexpr UnixMillis kTryOutEvery = 60'000;
constexpr std::int64_t kLongestLifeMs = 10LL * 366 * 24 * 3600 * 1000;
constexpr std::size_t kMaxUriBytes = 2048;
constexpr std::size_t kMaxCodeBytes = 128;

absl::Status lease_over() {
  return make_error(Reason::kNotFound,
                    "the renewal is over: it took too long, or was another process's");
}

/// At most so many bytes, at the end of a code point.
std::string cut(const std::string& text, std::size_t most) {
  std::size_t end = std::min(text.size(), most);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) {
    --end;
  }
  return text.substr(0, end);
}

}  // namespace

RenewalService::Holder* RenewalService::holder(std::uint64_t lease, const ProcessKey& process) {
  const auto found = std::ranges::find_if(
      holders_, [&](const Holder& one) { return one.lease == lease && one.process == process; });
  return found == holders_.end() ? nullptr : &*found;
}

void RenewalService::hide_login(std::uint64_t lease) {
  const auto found = std::ranges::find(holders_, lease, &Holder::lease);
  if (found == holders_.end() || found->waiting == 0) return;
  core_.prompts.give_up(std::exchange(found->waiting, 0));
}

template <class CallType>
absl::StatusOr<const RenewalLease*> RenewalService::lease_of(CallType& call) {
  if (const auto gate = core_.session.unlocked(Use::kPassive); !gate.ok()) return gate.status();
  const std::uint64_t number = call.request().lease();
  if (holder(number, call.peer().process->key) == nullptr) return lease_over();
  const RenewalLease* lease = renewals_.find(number);
  if (lease == nullptr) return lease_over();
  return lease;
}

void RenewalService::sending(Unary<v1::SendingRequest, v1::SendingReply>& call) {
  const auto lease = lease_of(call);
  if (!lease.ok()) return call.fail(lease.status());
  call.finish(core_.session.with_vault(Use::kPassive, [&](Vault& vault) {
    const TokenState* kept = core_.tokens.find((*lease)->item);
    TokenState state = kept != nullptr ? *kept : TokenState();
    state.in_doubt = (*lease)->version;
    state.error = "a renewal was cut off after its refresh token may have been sent";
    state.error_time = core_.wall_clock();
    return core_.tokens.set(vault, (*lease)->item, state);
  }));
}

void RenewalService::show_login(Unary<v1::ShowLoginRequest, v1::ShowLoginReply>& call) {
  const auto lease = lease_of(call);
  if (!lease.ok()) return call.fail(lease.status());
  const v1::ShowLoginRequest& request = call.request();
  if (request.verification_uri().empty() || request.verification_uri().size() > kMaxUriBytes ||
      request.verification_uri_complete().size() > kMaxUriBytes ||
      request.user_code().size() > kMaxCodeBytes) {
    return call.fail(invalid("a login needs a URI and a code, of at most 2,048 and 128 bytes"));
  }
  Holder& one = *holder((*lease)->id, call.peer().process->key);
  const bool begun = one.waiting != 0 || one.shown != v1::LOGIN_SHOWN_NOWHERE;
  if (!begun && core_.prompts.can_ask(*one.asker)) {
    Question question;
    question.kind = QuestionKind::kLogin;
    question.asker = one.asker;
    question.login = {request.verification_uri(), request.verification_uri_complete(),
                      request.user_code()};
    one.shown = v1::LOGIN_SHOWN_SHOWN;
    const std::uint64_t number = one.lease;
    const Waiting waiting =
        core_.prompts.ask(std::move(question), [this, number](const absl::StatusOr<Reply>& reply) {
          const auto told = std::ranges::find(holders_, number, &Holder::lease);
          if (told == holders_.end()) return;
          told->waiting = 0;
          if (reply.ok()) return;
          const bool no = reason_of(reply.status()) == Reason::kUserDenied;
          told->shown = no ? v1::LOGIN_SHOWN_REFUSED : v1::LOGIN_SHOWN_NOWHERE;
        });
    if (Holder* now = holder(number, call.peer().process->key)) now->waiting = waiting;
  }
  const Holder* now = holder((*lease)->id, call.peer().process->key);
  call.reply().set_shown(now != nullptr ? now->shown : v1::LOGIN_SHOWN_NOWHERE);
  call.finish(absl::OkStatus());
}

absl::StatusOr<std::uint64_t> RenewalService::store(Vault& vault, const RenewalLease& lease,
                                                    v1::CommitRenewalRequest& request) {
  const absl::StatusOr<ItemName> place = vault.place_of(lease.item);
  if (!place.ok()) return place.status();
  absl::StatusOr<StoredToken> token = stored_token(vault, *place);
  if (!token.ok()) return token.status();
  if (token->metadata.version != lease.version) {
    return make_error(Reason::kVersionMismatch,
                      "the token was changed while it was renewed; read it again");
  }
  const UnixMillis now = core_.wall_clock();
  if (request.access_token().empty()) {
    if (absl::Status told = core_.tokens.set(vault, lease.item, {}); !told.ok()) return told;
    core_.tokens.found_good(lease.item, now + kTryOutEvery);
    return lease.version;
  }
  const absl::StatusOr<v1::TokenRecipe> recipe = recipe_of(token->value);
  if (!recipe.ok()) return recipe.status();
  TokenValue& value = token->value;
  value.access = secret_from(*request.mutable_access_token());
  if (request.has_refresh_token()) value.refresh = secret_from(*request.mutable_refresh_token());
  value.obtained = now;
  const std::chrono::milliseconds lives(request.lives_ms());
  const bool ends = lives.count() != 0;
  value.due = ends ? now + (lives - margin_of(*recipe, lives)).count() : now + kTryOutEvery;
  if (!ends && recipe->check_url().empty()) value.due = 0;
  ItemChange change;
  change.value = encode_token(value);
  change.expires = ends ? now + lives.count() : 0;
  change.expected_version = lease.version;
  const absl::StatusOr<ItemMetadata> stored = vault.set(*place, std::move(change));
  if (!stored.ok()) return stored.status();
  // It speaks of an older version by now: what it says does not count any more.
  core_.tokens.set(vault, lease.item, {}).IgnoreError();
  return stored->version;
}

void RenewalService::commit(Unary<v1::CommitRenewalRequest, v1::CommitRenewalReply>& call) {
  const auto found = lease_of(call);
  if (!found.ok()) return call.fail(found.status());
  const RenewalLease lease = **found;
  v1::CommitRenewalRequest& request = call.request();
  if (request.access_token().size() > kMaxTokenBytes ||
      request.refresh_token().size() > kMaxTokenBytes) {
    return call.fail(make_error(Reason::kValueTooLarge, "a token has at most 256 KiB"));
  }
  if (request.lives_ms() < 0 || request.lives_ms() > kLongestLifeMs) {
    return call.fail(invalid("a token lives for at most ten years"));
  }
  const auto stored = core_.session.with_vault(
      Use::kPassive, [&](Vault& vault) { return store(vault, lease, request); });
  if (!stored.ok()) return call.fail(stored.status());
  call.reply().set_version(*stored);
  hide_login(lease.id);
  renewals_.renewed(lease.item, *stored);
  call.finish(absl::OkStatus());
}

absl::Status RenewalService::forget_tokens(Vault& vault, const RenewalLease& lease) {
  const absl::StatusOr<ItemName> place = vault.place_of(lease.item);
  if (!place.ok()) return place.status();
  absl::StatusOr<StoredToken> token = stored_token(vault, *place);
  if (!token.ok()) return token.status();
  TokenValue empty;
  empty.recipe = std::move(token->value.recipe);
  empty.unattended = token->value.unattended;
  ItemChange change;
  change.value = encode_token(empty);
  change.expected_version = lease.version;
  return vault.set(*place, std::move(change)).status();
}

void RenewalService::learn(TokenState& state, v1::RenewalFailure failure, std::uint64_t version,
                           const Holder& holder) {
  switch (failure) {
    case v1::RENEWAL_FAILURE_IN_DOUBT:
      state.in_doubt = version;
      break;
    case v1::RENEWAL_FAILURE_RETRY:
      state.in_doubt = holder.doubted ? version : 0;
      break;
    case v1::RENEWAL_FAILURE_LOGIN:
      if (holder.held_back) break;
      state.in_doubt = 0;
      state.refused = version;
      break;
    default:  // of a login that came to nothing the refresh token knows nothing
      break;
  }
}

void RenewalService::fail(Unary<v1::FailRenewalRequest, v1::FailRenewalReply>& call) {
  const auto found = lease_of(call);
  if (!found.ok()) return call.fail(found.status());
  const RenewalLease lease = **found;
  const v1::FailRenewalRequest& request = call.request();
  if (!v1::RenewalFailure_IsValid(request.failure())) return call.fail(invalid("no such failure"));
  const Holder who = *holder(lease.id, call.peer().process->key);
  const bool revoked = request.failure() == v1::RENEWAL_FAILURE_REVOKED;
  const bool login = request.failure() == v1::RENEWAL_FAILURE_LOGIN;
  const std::string why = cut(request.message(), kMaxTokenErrorBytes);
  const absl::Status kept =
      core_.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::Status {
        if (revoked) {
          if (absl::Status gone = forget_tokens(vault, lease); !gone.ok()) return gone;
          return core_.tokens.set(vault, lease.item, {});
        }
        const TokenState* before = core_.tokens.find(lease.item);
        TokenState state = before != nullptr ? *before : TokenState();
        learn(state, request.failure(), lease.version, who);
        state.error = why;
        state.error_time = core_.wall_clock();
        return core_.tokens.set(vault, lease.item, state);
      });
  hide_login(lease.id);
  const bool user = login || revoked || request.failure() == v1::RENEWAL_FAILURE_DENIED;
  renewals_.failed(lease.item,
                   make_error(user ? Reason::kLoginNeeded : Reason::kRenewalFailed, why), login);
  call.finish(kept);
}

}  // namespace tacit
