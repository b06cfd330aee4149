// The RPCs of Access about grants and narrowings.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "daemon/access/audit_change.h"
#include "daemon/access/interpreters.h"
#include "daemon/rpc/access_convert.h"
#include "daemon/rpc/access_service.h"
#include "daemon/rpc/authorization.h"
#include "daemon/rpc/collection_names.h"
#include "daemon/rpc/convert.h"
#include "daemon/rpc/own_process.h"

namespace tacit {
namespace {

constexpr int kMaxNarrowed = 1000;
constexpr std::int64_t kLeastLifetimeMs = 1000;
constexpr std::int64_t kMostLifetimeMs = std::int64_t{366} * 24 * 3600 * 1000;
constexpr std::size_t kGrantsAtOnce = 64;
constexpr std::size_t kMostRecords = 256;

absl::StatusOr<std::chrono::milliseconds> lifetime_from(std::int64_t milliseconds) {
  if (milliseconds >= kLeastLifetimeMs && milliseconds <= kMostLifetimeMs) {
    return std::chrono::milliseconds(milliseconds);
  }
  return invalid("a lifetime is 1 second to 366 days");
}

/// What the request asks for, but for its items.
absl::StatusOr<Grant> grant_from(const v1::AddGrantRequest& request) {
  Grant grant;
  v1::ItemRef collection;
  collection.set_collection(request.collection());
  collection.set_name("collection");
  const absl::StatusOr<ItemName> checked = item_name_from(collection);
  if (!checked.ok()) return checked.status();
  grant.collection = checked->collection;
  for (const int verb : request.verbs()) {
    const absl::StatusOr<Verb> one = ruled_verb_from(static_cast<v1::Verb>(verb));
    if (!one.ok()) return one.status();
    grant.verbs |= verb_bit(*one);
  }
  if (grant.verbs == 0) return invalid("a grant needs a verb: list, read or write");
  if (request.program().empty() == (request.pid() == 0)) {
    return invalid("a grant is for a program or for a process tree: give one of them");
  }
  if (request.pid() != 0) {
    const absl::StatusOr<PeerIdentity> root = own_process(request.pid());
    if (!root.ok()) return root.status();
    grant.root = root->pid;
    grant.root_start = root->start_time;
  } else {
    const std::filesystem::path path(request.program());
    if (!path.is_absolute() || path.lexically_normal() != path) {
      return invalid("a program is an absolute path without `.` and `..`");
    }
    if (script_argument(request.program(), {}).interpreter) {
      return invalid(
          "this program runs what its arguments name, so that a grant for it would be one for "
          "every "
          "program of the user; name the script instead, or a process tree by its pid");
    }
    grant.path = request.program();
  }
  if (request.uses() != 0) grant.uses_left = request.uses();
  grant.prepared = true;
  return grant;
}

/// What the log files it under: its items, else its collection.
std::vector<ItemName> subjects_of(const Grant& grant) {
  if (!grant.names.empty()) return grant.names;
  if (grant.collection.empty()) return {};
  return {ItemName{grant.collection, {}}};
}

/// Ids of items that must be there.
absl::StatusOr<std::vector<ItemId>> ids_of(Vault& vault, std::span<const ItemName> names) {
  std::vector<ItemId> ids;
  for (const ItemName& name : names) {
    const auto found = vault.find(name);
    if (!found.ok()) return found.status();
    if (!*found) {
      return make_error(Reason::kNotFound,
                        "one of the items is not there; `tacit list` shows "
                        "what is");
    }
    ids.push_back((*found)->item);
  }
  return ids;
}

/// The same, where a read finds them.
absl::StatusOr<std::vector<ItemId>> ids_where_found(Vault& vault, std::span<const ItemName> names) {
  std::vector<ItemName> places;
  for (const ItemName& name : names) {
    absl::StatusOr<ItemName> place = vault.inherited(name);
    if (!place.ok()) return place.status();
    places.push_back(*std::move(place));
  }
  return ids_of(vault, places);
}

}  // namespace

void AccessService::list_grants(StreamCall<v1::ListGrantsRequest, v1::ListGrantsReply>& call) {
  const Wanted wanted{.may_ask = may_ask(call.request())};
  authorized(core_, call, wanted, [this, &call] {
    if (const auto gate = core_.session.unlocked(Use::kPassive); !gate.ok()) {
      return call.fail(gate.status());
    }
    const GrantTimes times{core_.clock.now(), core_.wall_clock(), core_.access.grants().idle()};
    std::vector<v1::Grant> all;
    for (const Grant& grant : core_.access.grants().all()) fill(grant, times, all.emplace_back());
    for (const Narrowing& narrowing : core_.access.narrowings().all()) {
      fill(narrowing, times, all.emplace_back());
    }
    call.stream([this, all = std::move(all), next = std::size_t{0}](
                    v1::ListGrantsReply& reply) mutable -> absl::StatusOr<Step> {
      if (const auto gate = core_.session.unlocked(Use::kPassive); !gate.ok()) {
        return gate.status();
      }
      if (next == all.size()) return Step::kEnd;
      std::size_t bytes = 0;
      for (std::size_t i = 0; i < kGrantsAtOnce && next < all.size(); ++i) {
        bytes += all[next].ByteSizeLong();
        if (i != 0 && bytes > core_.limits.chunk_bytes) break;
        *reply.add_grants() = std::move(all[next++]);
      }
      return Step::kSend;
    });
  });
}

void AccessService::add_grant(Unary<v1::AddGrantRequest, v1::AddGrantReply>& call) {
  absl::StatusOr<Grant> asked = grant_from(call.request());
  if (!asked.ok()) return call.fail(asked.status());
  const absl::StatusOr<std::chrono::milliseconds> lifetime =
      lifetime_from(call.request().lifetime_ms());
  if (!lifetime.ok()) return call.fail(lifetime.status());
  auto grant = std::make_shared<Grant>(*std::move(asked));
  for (const std::string& name : call.request().items()) {
    v1::ItemRef ref;
    ref.set_collection(grant->collection);
    ref.set_name(name);
    absl::StatusOr<ItemName> where = item_name_from(ref);
    if (!where.ok()) return call.fail(where.status());
    grant->names.push_back(*std::move(where));
  }
  with_authorization(
      core_, call, [](SlotWork&) { return absl::OkStatus(); },
      [this, grant, lifetime = *lifetime](const SlotWork&) {
        grant->id = core_.access.grants().coming_id();
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(lifetime).count();
        return AdminChange{subjects_of(*grant), "add " + grant_in_words(*grant) + "; for " +
                                                    std::to_string(seconds) + " s"};
      },
      [this, &call, grant, lifetime = *lifetime](SlotWork&) {
        return core_.session.with_vault(Use::kActive, [&](Vault& vault) -> absl::Status {
          absl::StatusOr<std::vector<ItemId>> ids = ids_of(vault, grant->names);
          if (!ids.ok()) return ids.status();
          grant->items = *std::move(ids);
          const auto id = core_.access.grants().prepare(vault, std::move(*grant), lifetime);
          if (id.ok()) call.reply().set_id(*id);
          return id.status();
        });
      });
}

void AccessService::revoke_grants(Unary<v1::RevokeGrantsRequest, v1::RevokeGrantsReply>& call) {
  const v1::RevokeGrantsRequest& request = call.request();
  if (request.all() == !request.ids().empty()) {
    return call.fail(invalid("name the grants to take back, or take back all"));
  }
  // Which of them are denials is in the open vault.
  when_open(core_, call, true, [this, &call] { revoke_when_open(call); });
}

void AccessService::revoke_when_open(Unary<v1::RevokeGrantsRequest, v1::RevokeGrantsReply>& call) {
  const v1::RevokeGrantsRequest& request = call.request();
  Grants& grants = core_.access.grants();
  bool denials = false;
  for (const std::uint64_t id : request.ids()) {
    if (const auto grant = grants.find(id)) denials = denials || grant->denied;
  }
  const auto wanted_ids = [this, &call] {
    std::vector<std::uint64_t> ids(call.request().ids().begin(), call.request().ids().end());
    if (!call.request().all()) return ids;
    for (const Grant& grant : core_.access.grants().all()) {
      if (!grant.denied) ids.push_back(grant.id);
    }
    return ids;
  };
  const auto told = [this, wanted_ids] {
    AdminChange out{{}, "revoke"};
    const std::vector<std::uint64_t> ids = wanted_ids();
    for (const std::uint64_t id : ids) {
      const std::optional<Grant> grant = core_.access.grants().find(id);
      out.change += (id == ids.front() ? " " : " | ") +
                    (grant ? grant_in_words(*grant) : std::to_string(id) + " (not there)");
      if (!grant) continue;
      for (ItemName& subject : subjects_of(*grant)) {
        const auto same = [&](const ItemName& other) {
          return other.collection == subject.collection && other.name == subject.name;
        };
        if (std::ranges::none_of(out.subjects, same)) out.subjects.push_back(std::move(subject));
      }
    }
    // Each has a record, and one that tells of everything names them all.
    if (out.subjects.size() > kMostRecords) out.subjects.clear();
    if (ids.empty()) out.change = "revoke all grants: there is none";
    return out;
  };
  const auto needs_credential = [] {
    return make_error(Reason::kWrongCredential,
                      "a denial is taken back with the vault's passphrase; give it with the call");
  };
  const auto revoke = [this, &call, wanted_ids, denials, needs_credential] {
    return core_.session.with_vault(Use::kActive, [&](Vault& vault) -> absl::Status {
      Grants& all = core_.access.grants();
      // The vault may have been locked and opened again while the user was asked.
      for (const std::uint64_t id : wanted_ids()) {
        const auto grant = all.find(id);
        if (grant && grant->denied && !denials) return needs_credential();
      }
      const std::vector<std::uint64_t> ids = wanted_ids();
      std::uint32_t revoked = 0;
      for (const std::uint64_t id : ids) {
        if (!all.find(id)) {
          // A narrowing is never undone: what it leaves is taken away as well.
          const absl::StatusOr<bool> closed = core_.access.narrowings().close(vault, id);
          if (!closed.ok()) return closed.status();
          revoked += *closed ? 1 : 0;
          continue;
        }
        if (absl::Status status = all.revoke(vault, id); !status.ok()) return status;
        ++revoked;
      }
      call.reply().set_revoked(revoked);
      return absl::OkStatus();
    });
  };
  if (!denials) {
    const Wanted wanted{.may_ask = true, .told_later = true, .planned = told()};
    return authorized(core_, call, wanted,
                      [this, &call, told, revoke](const AccessVerdict& verdict) {
                        carry_out(core_, call, verdict, told(), revoke);
                      });
  }
  if (!request.has_authorization()) return call.fail(needs_credential());
  with_authorization(
      core_, call, [](SlotWork&) { return absl::OkStatus(); },
      [told](const SlotWork&) { return told(); }, [revoke](SlotWork&) { return revoke(); });
}

void AccessService::narrow(Unary<v1::NarrowRequest, v1::NarrowReply>& call) {
  const v1::NarrowRequest& request = call.request();
  const absl::StatusOr<std::chrono::milliseconds> lifetime = lifetime_from(request.lifetime_ms());
  if (!lifetime.ok()) return call.fail(lifetime.status());
  if (request.items_size() < 1 || request.items_size() > kMaxNarrowed) {
    return call.fail(invalid("a process is narrowed to 1 to 1,000 items, these are " +
                             std::to_string(request.items_size())));
  }
  auto names = std::make_shared<std::vector<ItemName>>();
  for (const v1::ItemRef& ref : request.items()) {
    absl::StatusOr<ItemName> where = item_name_from(ref);
    if (!where.ok()) return call.fail(where.status());
    names->push_back(*std::move(where));
  }
  const PeerIdentity& peer = call.peer().identity;
  if (peer.pid == 0 || peer.start_time == 0) {
    return call.fail(make_error(Reason::kPolicyDenied,
                                "the calling process cannot be told from others, so that nothing "
                                "could be narrowed for it alone"));
  }
  const Wanted wanted{
      .items = *names, .may_ask = may_ask(request), .inherits = true, .lifetime = *lifetime};
  authorized(
      core_, call, wanted,
      [this, &call, names, lifetime = *lifetime](const AccessVerdict& verdict) {
        call.finish(core_.session.with_vault(Use::kActive, [&](Vault& vault) -> absl::Status {
          const absl::StatusOr<std::vector<ItemId>> ids = ids_where_found(vault, *names);
          if (!ids.ok()) return ids.status();
          Narrowing narrowing;
          narrowing.id = core_.access.grants().next_id();
          narrowing.root = call.peer().identity.pid;
          narrowing.root_start = call.peer().identity.start_time;
          narrowing.cgroup = verdict.asker->cgroup;
          narrowing.items = *ids;
          narrowing.names = *names;
          narrowing.until = core_.clock.now() + lifetime;
          narrowing.created = core_.wall_clock();
          for (std::size_t i = 0; i < ids->size(); ++i) {
            narrowing.consented.emplace_back((*ids)[i], verdict.hold_until[i]);
          }
          return core_.access.narrowings().add(vault, std::move(narrowing));
        }));
      });
}

}  // namespace tacit
