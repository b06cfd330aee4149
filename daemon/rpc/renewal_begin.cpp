// Renewal.Begin: one caller gets the lease, the others wait for what comes of it.
#include <deque>
#include <utility>

#include "daemon/rpc/collection_names.h"
#include "daemon/rpc/convert.h"
#include "daemon/rpc/renewal_service.h"
#include "daemon/rpc/token_recipe.h"

namespace tacit {
namespace {

constexpr UnixMillis kAfterFailure = 5'000;  ///< so long nobody tries again unasked
constexpr std::size_t kHoldersKept = 256;

absl::Status login_needed(const std::string& why) {
  return make_error(Reason::kLoginNeeded,
                    why + "; log in with `tacit token login` and the item's name");
}

std::string why_login(const StoredToken& token, const TokenState& state) {
  const std::uint64_t version = token.metadata.version;
  if (state.in_doubt == version) {
    return "the last renewal was cut off after its refresh token may have been sent, and a server "
           "that sees one twice may revoke all";
  }
  if (state.refused == version) return "the server takes the refresh token no more";
  if (token.value.obtained == 0) return "no token was got yet";
  return "the token has run out and came without a refresh token";
}

}  // namespace

/// One caller of Begin, and what it has still to be told. Gives its lease up at its end.
struct RenewalService::Taking {
  explicit Taking(RenewalService& owner) : service(owner) {}
  ~Taking() {
    if (ticket != 0) service.renewals_.leave(ticket);
    if (lease != 0) service.hide_login(lease);
  }
  Taking(const Taking&) = delete;
  Taking& operator=(const Taking&) = delete;

  RenewalService& service;
  ProcessKey process;
  std::shared_ptr<const Asker> asker;
  std::function<void()> wake;
  std::deque<RenewalNews> news;
  Renewals::Ticket ticket = 0;
  std::uint64_t lease = 0;
};

void RenewalService::begin(BeginCall& call) {
  const absl::StatusOr<ItemName> where = item_name_from(call.request().item());
  if (!where.ok()) return call.fail(where.status());
  when_open(core_, call, may_ask(call.request()), [this, &call, where = *where] {
    call.peer().asker->then([this, &call, where](const std::shared_ptr<const Asker>& asker) {
      take_part(call, where, asker);
    });
  });
}

void RenewalService::take_part(BeginCall& call, const ItemName& where,
                               const std::shared_ptr<const Asker>& asker) {
  if (call.cancelled()) return call.fail(absl::CancelledError("the client gave up"));
  if (!asker->through_ours) {
    note_denied(core_, call, "not Tacit's own", {{where}, {}, Verb::kRead});
    return call.fail(make_error(Reason::kPolicyDenied,
                                "only Tacit's own programs renew tokens, since a renewal needs the "
                                "refresh token; read the item, or run `tacit token get`"));
  }
  const absl::StatusOr<Judgement> judged = core_.access.explain(*asker, Verb::kRead, where);
  if (!judged.ok()) return call.fail(judged.status());
  if (judged->outcome == Outcome::kDeny) {
    note_denied(core_, call, judged->rule, {{where}, {}, Verb::kRead});
    return call.fail(make_error(Reason::kPolicyDenied, "refused: " + judged->why));
  }
  ItemMetadata found;
  const absl::Status there =
      core_.session.with_vault(Use::kActive, [&](Vault& vault) -> absl::Status {
        const absl::StatusOr<ItemName> place = vault.inherited(where);
        if (!place.ok()) return place.status();
        absl::StatusOr<StoredToken> token = stored_token(vault, *place);
        if (token.ok()) found = std::move(token->metadata);
        return token.status();
      });
  if (!there.ok()) return call.fail(there);
  AuditEntry entry;
  entry.asker = asker;
  entry.verb = Verb::kRead;
  entry.method = call.name();
  entry.item = &found.where;
  entry.rule = judged->rule;
  core_.audit.note(entry).IgnoreError();  // as any read

  auto taking = std::make_shared<Taking>(*this);
  taking->process = call.peer().process->key;
  taking->asker = asker;
  taking->wake = [&call] { call.wake(); };
  const v1::BeginRenewalRequest& request = call.request();
  const auto ticket =
      renewals_.join(found.id, {request.may_log_in(), request.force(), request.log_in()},
                     [part = taking.get()](RenewalNews news) {
                       part->news.push_back(std::move(news));
                       part->wake();
                     });
  if (!ticket.ok()) return call.fail(ticket.status());
  taking->ticket = *ticket;
  call.stream([this, taking](v1::RenewalEvent& event) { return next(*taking, event); });
}

absl::StatusOr<Step> RenewalService::next(Taking& taking, v1::RenewalEvent& event) {
  if (taking.news.empty()) return Step::kWait;
  const RenewalNews news = std::move(taking.news.front());
  taking.news.pop_front();
  if (const auto* ended = std::get_if<absl::Status>(&news)) {
    if (ended->ok()) return Step::kEnd;
    return *ended;
  }
  if (const auto* renewed = std::get_if<RenewedTo>(&news)) {
    taking.news.push_back(absl::OkStatus());
    event.mutable_renewed()->set_version(renewed->version);
    return Step::kSend;
  }
  const auto& lease = std::get<RenewalLease>(news);
  taking.lease = lease.id;
  if (holders_.size() >= kHoldersKept) holders_.pop_front();
  holders_.push_back({lease.id, taking.process, taking.asker});
  absl::Status filled = fill_lease(lease, holders_.back(), *event.mutable_lease());
  if (!filled.ok()) return filled;
  return Step::kSend;
}

absl::Status RenewalService::fill_lease(const RenewalLease& lease, Holder& holder,
                                        v1::RenewalLease& to) {
  return core_.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::Status {
    const absl::StatusOr<ItemName> place = vault.place_of(lease.item);
    if (!place.ok()) return place.status();
    const absl::StatusOr<StoredToken> token = stored_token(vault, *place);
    if (!token.ok()) return token.status();
    absl::StatusOr<v1::TokenRecipe> recipe = recipe_of(token->value);
    if (!recipe.ok()) return recipe.status();
    const std::uint64_t version = token->metadata.version;
    const TokenState* state = core_.tokens.find(lease.item);
    holder.doubted = state != nullptr && state->in_doubt == version;
    holder.held_back = holder.doubted && !lease.wish.force;
    const bool refused = state != nullptr && state->refused == version && !lease.wish.log_in;
    to.set_id(lease.id);
    *to.mutable_recipe() = *std::move(recipe);
    if (!holder.held_back && !refused) to.set_refresh_token(field_of(token->value.refresh));
    to.set_access_token(field_of(token->value.access));
    const UnixMillis expires = token->metadata.expires;
    to.set_valid(token->value.obtained != 0 && (expires == 0 || core_.wall_clock() < expires));
    to.set_time_ms(renewals_.lease_time().count());
    return absl::OkStatus();
  });
}

std::variant<std::uint64_t, RenewedTo, absl::Status> RenewalService::consider(
    const ItemId& item, const RenewalWish& wish) {
  const UnixMillis now = core_.wall_clock();
  absl::Status needless;  // or impossible
  std::optional<std::uint64_t> renewed;
  std::uint64_t version = 0;
  const absl::Status looked =
      core_.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::Status {
        if (vault.read_only() != Reason::kUnspecified) {
          return make_error(vault.read_only(), vault.read_only_message());
        }
        const absl::StatusOr<ItemName> place = vault.place_of(item);
        if (!place.ok()) return place.status();
        const absl::StatusOr<StoredToken> token = stored_token(vault, *place);
        if (!token.ok()) return token.status();
        version = token->metadata.version;
        const UnixMillis expires = token->metadata.expires;
        const bool valid = token->value.obtained != 0 && (expires == 0 || now < expires);
        if (valid && !renewal_due(core_.tokens, *token, now) && !wish.force) {
          renewed = version;
          return absl::OkStatus();
        }
        const TokenState* kept = core_.tokens.find(item);
        const TokenState state = kept != nullptr ? *kept : TokenState();
        const bool refreshes = token->value.refresh.size() != 0 && state.refused != version &&
                               (state.in_doubt != version || wish.force);
        // Nobody but the user helps.
        if (!refreshes && !token->value.unattended && !wish.may_log_in && !wish.log_in) {
          return login_needed(why_login(*token, state));
        }
        const bool just_failed = !state.error.empty() && state.error_time <= now &&
                                 now - state.error_time < kAfterFailure;
        if (just_failed && !wish.force && !wish.may_log_in) {
          return make_error(Reason::kRenewalFailed, state.error);
        }
        return absl::OkStatus();
      });
  if (!looked.ok()) return looked;
  if (renewed) return RenewedTo{*renewed};
  return version;
}

}  // namespace tacit
