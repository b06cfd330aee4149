#include "daemon/rpc/access_service.h"

#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "daemon/access/audit_change.h"
#include "daemon/rpc/access_convert.h"
#include "daemon/rpc/authorization.h"
#include "daemon/rpc/convert.h"
#include "daemon/rpc/own_process.h"
#include "daemon/rpc/question_convert.h"

namespace tacit {
namespace {

absl::Status needs_credential() {
  return make_error(Reason::kWrongCredential,
                    "this opens what was guarded, and the vault's passphrase is needed again for "
                    "it; give it with the call");
}

absl::Status no_such_item() {
  return make_error(Reason::kNotFound,
                    "no such item; a policy for items to come is set on their collection");
}

/// What a subject's own rule is, and what it would be.
struct Change {
  Rule before;
  Rule after;
};

absl::StatusOr<Rule> own_rule(Vault& vault, const Rules& rules, const ItemName& where) {
  if (where.name.empty()) {
    const std::optional<CollectionId> collection = vault.collection_id(where.collection);
    return collection ? rules.own(*collection) : Rule();
  }
  const auto ids = vault.find(where);
  if (!ids.ok()) return ids.status();
  if (*ids) return rules.own((*ids)->item);
  return no_such_item();
}

absl::StatusOr<Change> planned(Vault& vault, const Rules& rules, const ItemName& where,
                               const v1::SetPolicyRequest& request) {
  absl::StatusOr<Rule> before = own_rule(vault, rules, where);
  if (!before.ok()) return before.status();
  absl::StatusOr<Rule> after = changed_by(*before, request);
  if (!after.ok()) return after.status();
  return Change{*std::move(before), *std::move(after)};
}

/// The subject as what access judges.
Wanted about(const ItemName& where, bool ask) {
  Wanted wanted{.rules_alone = true, .may_ask = ask, .inherits = true};
  if (where.name.empty()) {
    wanted.collection = where.collection;
  } else {
    wanted.items = {&where, 1};
  }
  return wanted;
}

}  // namespace

AccessService::AccessService(Core& core, Server& server, AccessRpc& rpc) : core_(core) {
  v1::Access::AsyncService& service = rpc.service;
  server.add(service, {"Access.SetPolicy", 2, true}, this, &AccessService::set_policy);
  server.add(service, {"Access.GetPolicy", 2, true}, this, &AccessService::get_policy);
  server.add(service, {"Access.Explain", 2, true}, this, &AccessService::explain);
  server.add(service, {"Access.ListGrants", 2, true}, this, &AccessService::list_grants);
  server.add(service, {"Access.AddGrant", 2, true}, this, &AccessService::add_grant);
  server.add(service, {"Access.RevokeGrants", 2, true}, this, &AccessService::revoke_grants);
  server.add(service, {"Access.Narrow", 2, true}, this, &AccessService::narrow);
}

void AccessService::set_policy(Unary<v1::SetPolicyRequest, v1::SetPolicyReply>& call) {
  const absl::StatusOr<ItemName> where = subject_from(call.request().subject());
  if (!where.ok()) return call.fail(where.status());
  const auto plan = [this, &call, where = *where](Vault& vault) {
    return planned(vault, core_.access.rules(), where, call.request());
  };
  const absl::StatusOr<Change> change = core_.session.with_vault(Use::kPassive, plan);
  if (!change.ok()) return call.fail(change.status());
  const bool loosens = change->before.loosened_by(change->after);
  // Told of what is there when it is changed.
  const auto told = [this, where = *where, plan] {
    AdminChange out{{where}, {}};
    const absl::StatusOr<Change> now = core_.session.with_vault(Use::kPassive, plan);
    if (now.ok()) out.change = change_in_words(now->before, now->after);
    return out;
  };
  if (loosens && !call.request().has_authorization()) return call.fail(needs_credential());
  // Planned anew: another call may have come first.
  const auto apply = [this, where = *where, plan, loosens] {
    return core_.session.with_vault(Use::kActive, [&](Vault& vault) -> absl::Status {
      const absl::StatusOr<Change> now = plan(vault);
      if (!now.ok()) return now.status();
      if (!loosens && now->before.loosened_by(now->after)) return needs_credential();
      Rules& rules = core_.access.rules();
      return where.name.empty() ? rules.set_collection(vault, where.collection, now->after)
                                : rules.set_item(vault, where, now->after);
    });
  };
  if (loosens) {
    with_authorization(
        core_, call, [](SlotWork&) { return absl::OkStatus(); },
        [told](const SlotWork&) { return told(); }, [apply](SlotWork&) { return apply(); });
  } else {
    const Wanted wanted{.may_ask = may_ask(call.request()), .told_later = true, .planned = told()};
    authorized(core_, call, wanted, [this, &call, told, apply](const AccessVerdict& verdict) {
      carry_out(core_, call, verdict, told(), apply);
    });
  }
}

void AccessService::get_policy(Unary<v1::GetPolicyRequest, v1::GetPolicyReply>& call) {
  const absl::StatusOr<ItemName> where = subject_from(call.request().subject());
  if (!where.ok()) return call.fail(where.status());
  const bool ask = may_ask(call.request());
  const auto tell = [this, &call, where = *where] { call.finish(tell_policy(call, where)); };
  if (where->name.empty()) return authorized(core_, call, about(*where, ask), tell);
  // An item that may not be listed is answered as one that is not there, which the collection's
  // policy alone decides.
  const Wanted open{.items = {&*where, 1}, .unlock_alone = true, .may_ask = ask};
  authorized(core_, call, open,
             [this, &call, where = *where, ask, tell](const AccessVerdict& opened) {
               const absl::StatusOr<bool> listed = core_.access.may_be_listed(*opened.asker, where);
               if (!listed.ok()) return call.fail(listed.status());
               Wanted wanted{.may_ask = ask};
               if (*listed) {
                 wanted.items = {&where, 1};
                 return authorized(core_, call, wanted, tell);
               }
               wanted.collection = where.collection;
               authorized(core_, call, wanted, [&call] { call.fail(no_such_item()); });
             });
}

absl::Status AccessService::tell_policy(Unary<v1::GetPolicyRequest, v1::GetPolicyReply>& call,
                                        const ItemName& where) {
  return core_.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::Status {
    const Rules& rules = core_.access.rules();
    const absl::StatusOr<Rule> own = own_rule(vault, rules, where);
    if (!own.ok()) return own.status();
    const absl::StatusOr<Guard> guard =
        where.name.empty() ? rules.of_collection(vault.collection_id(where.collection))
                           : rules.of_item(vault, where, 0);
    if (!guard.ok()) return guard.status();
    v1::GetPolicyReply& reply = call.reply();
    for (const Verb verb : kRuledVerbs) {
      v1::VerbPolicy& one = *reply.add_own();
      one.set_verb(to_proto(verb));
      one.set_policy(static_cast<v1::Policy>(own->policy_for(verb)));
      v1::VerbPolicy& in_force = *reply.add_effective();
      in_force.set_verb(to_proto(verb));
      in_force.set_policy(static_cast<v1::Policy>(guard->policy(verb).policy));
    }
    for (const std::string& path : own->pinned) reply.add_pinned(path);
    return absl::OkStatus();
  });
}

void AccessService::explain(Unary<v1::ExplainRequest, v1::ExplainReply>& call) {
  const v1::ExplainRequest& request = call.request();
  const absl::StatusOr<ItemName> where = subject_from(request.subject());
  if (!where.ok()) return call.fail(where.status());
  if (request.verb() < v1::VERB_LIST || request.verb() > v1::VERB_ADMIN) {
    return call.fail(make_error(Reason::kInvalidArgument, "name a verb: list, read, write, admin"));
  }
  authorized(core_, call, about(*where, may_ask(request)),
             [this, &call, where = *where](const AccessVerdict& verdict) {
               const std::int64_t pid = call.request().pid();
               if (pid == 0) return explain_to(call, where, *verdict.asker);
               absl::StatusOr<PeerIdentity> identity = own_process(pid);
               if (!identity.ok()) return call.fail(identity.status());
               const std::shared_ptr<AskerLookup> other = core_.askers.look_up(*identity);
               other->then([this, &call, where, other](const std::shared_ptr<const Asker>& asker) {
                 explain_to(call, where, *asker);
               });
             });
}

void AccessService::explain_to(Unary<v1::ExplainRequest, v1::ExplainReply>& call,
                               const ItemName& where, const Asker& asker) {
  const Verb verb = static_cast<Verb>(static_cast<int>(call.request().verb()));
  const absl::StatusOr<Judgement> judged = core_.access.explain(asker, verb, where);
  if (!judged.ok()) return call.fail(judged.status());
  call.reply().set_verdict(std::string(outcome_name(judged->outcome)));
  call.reply().set_rule(judged->why);
  fill(asker, *call.reply().mutable_asker());
  call.finish(absl::OkStatus());
}

}  // namespace tacit
