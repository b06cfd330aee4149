#include "client/cpp/checks.h"
#include "client/cpp/client_impl.h"
#include "client/cpp/codec/access.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxItems = 1000;

Result<void> check_subject(const Subject& subject) {
  if (subject.name) return check_item({subject.collection, *subject.name});
  return check_collection(subject.collection);
}

Result<void> check_items(std::span<const ItemRef> items, bool nameless = false) {
  if (items.empty() || items.size() > kMaxItems) {
    return Error{Reason::kInvalidArgument,
                 "1 to 1,000 items at once, these are " + std::to_string(items.size())};
  }
  for (const ItemRef& item : items) {
    if (nameless && item.name.empty()) {
      if (auto good = check_collection(item.collection); !good) return good;
      continue;
    }
    if (auto good = check_item({item.collection, item.name}); !good) return good;
  }
  return {};
}

}  // namespace

Result<void> Client::set_policy(const Subject& subject, const PolicyChange& change,
                                const Credential* authorization) {
  if (auto good = check_subject(subject); !good) return good;
  if (change.pinned) {
    if (auto good = check_programs(*change.pinned); !good) return good;
  }
  if (auto good = check_credential(authorization); !good) return good;
  return impl_->tell(
      "/tacit.v1.Access/SetPolicy",
      codec::set_policy_request(subject, change, authorization, impl_->interaction()),
      authorization ? impl_->slow_limits() : impl_->patient_limits());
}

Result<PolicyView> Client::get_policy(const Subject& subject) {
  if (auto good = check_subject(subject); !good) return good.error();
  return impl_->ask("/tacit.v1.Access/GetPolicy",
                    codec::get_policy_request(subject, impl_->interaction()),
                    impl_->patient_limits(), codec::get_policy_reply);
}

Result<Explanation> Client::explain(const Subject& subject, Verb verb, std::int64_t pid) {
  if (auto good = check_subject(subject); !good) return good.error();
  return impl_->ask("/tacit.v1.Access/Explain",
                    codec::explain_request(subject, verb, pid, impl_->interaction()),
                    impl_->patient_limits(), codec::explain_reply);
}

Result<std::vector<Grant>> Client::list_grants() {
  std::vector<Grant> out;
  const auto done =
      impl_->follow("/tacit.v1.Access/ListGrants", codec::list_grants_request(impl_->interaction()),
                    impl_->stream_limits(), codec::list_grants_reply, [&](std::vector<Grant> part) {
                      std::ranges::move(part, std::back_inserter(out));
                      return true;
                    });
  if (!done) return done.error();
  return out;
}

Result<std::uint64_t> Client::add_grant(const Credential& authorization, const NewGrant& grant) {
  if (auto good = check_collection(grant.collection); !good) return good.error();
  for (const std::string& name : grant.items) {
    if (auto good = check_item({grant.collection, name}); !good) return good.error();
  }
  if (grant.items.size() > kMaxItems) {
    return Error{Reason::kInvalidArgument, "a grant is for at most 1,000 items, these are " +
                                               std::to_string(grant.items.size())};
  }
  if (auto good = check_text(grant.program, "program's path"); !good) return good.error();
  if (auto good = check_credential(authorization); !good) return good.error();
  return impl_->ask("/tacit.v1.Access/AddGrant", codec::add_grant_request(authorization, grant),
                    impl_->slow_limits(), codec::add_grant_reply);
}

Result<std::uint32_t> Client::revoke_grants(std::span<const std::uint64_t> ids,
                                            const Credential* authorization) {
  if (auto good = check_credential(authorization); !good) return good.error();
  return impl_->ask(
      "/tacit.v1.Access/RevokeGrants", codec::revoke_grants_request(ids, false, authorization),
      authorization ? impl_->slow_limits() : impl_->limits(), codec::revoke_grants_reply);
}

Result<std::uint32_t> Client::revoke_all_grants() {
  return impl_->ask("/tacit.v1.Access/RevokeGrants",
                    codec::revoke_grants_request({}, true, nullptr), impl_->limits(),
                    codec::revoke_grants_reply);
}

Result<void> Client::narrow(std::span<const ItemRef> items, std::chrono::milliseconds lifetime) {
  if (auto good = check_items(items); !good) return good;
  return impl_->tell("/tacit.v1.Access/Narrow",
                     codec::narrow_request(items, lifetime.count(), impl_->interaction()),
                     impl_->patient_limits());
}

Result<void> Client::prompt(const Credential* credential, std::string_view means,
                            const std::function<bool(PromptEvent)>& on_event,
                            const Stopper* stopper) {
  if (auto good = check_text(means, "means of asking"); !good) return good;
  if (auto good = check_credential(credential); !good) return good;
  return impl_->follow("/tacit.v1.Access/Prompt", codec::prompt_request(credential, means), {},
                       codec::prompt_event, on_event, stopper);
}

Result<std::optional<Question>> Client::answer(std::uint64_t question_id, const Answer& answer) {
  if (auto good = check_text(answer.failure, "reason of the failure"); !good) return good.error();
  if (auto good = check_value(answer.value.size()); !good) return good.error();
  if (answer.credential) {
    if (auto good = check_credential(*answer.credential); !good) return good.error();
  }
  return impl_->ask("/tacit.v1.Access/Answer", codec::answer_request(question_id, answer),
                    answer.credential ? impl_->slow_limits() : impl_->limits(),
                    codec::question_reply);
}

Result<std::optional<Question>> Client::ask(const ConsentAbout& about) {
  if (auto good = check_items(about.items, true); !good) return good.error();
  return impl_->ask("/tacit.v1.Access/Ask", codec::ask_request(about), impl_->limits(),
                    codec::question_reply);
}

Result<void> Client::audit(const AuditFilter& filter, bool follow,
                           const std::function<bool(const AuditRecord&)>& on_record,
                           const Stopper* stopper) {
  if (auto good = check_text(filter.program, "part of a program's path"); !good) return good;
  if (auto good = check_collection(filter.collection); !good) return good;
  if (!filter.name.empty()) {
    if (auto good = check_item({filter.collection, filter.name}); !good) return good;
  }
  return impl_->follow(
      "/tacit.v1.Access/Audit", codec::audit_request(filter, follow, impl_->interaction()),
      follow ? CallLimits() : Impl::progress_limits(), codec::audit_reply,
      [&](const std::vector<AuditRecord>& part) { return std::ranges::all_of(part, on_record); },
      stopper);
}

Result<AuditChain> Client::verify_audit() {
  return impl_->ask("/tacit.v1.Access/VerifyAudit", codec::verify_audit_request(),
                    impl_->slow_limits(), codec::verify_audit_reply);
}

}  // namespace tacit
