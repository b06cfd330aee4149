// Messages of access.proto, and GetOrAsk: requests written, replies read.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "client/cpp/codec/secrets.h"

namespace tacit::codec {

MessageBuffer set_policy_request(const Subject& subject, const PolicyChange& change,
                                 const Credential* authorization, Interaction interaction);
MessageBuffer get_policy_request(const Subject& subject, Interaction interaction);
MessageBuffer explain_request(const Subject& subject, Verb verb, std::int64_t pid,
                              Interaction interaction);
MessageBuffer list_grants_request(Interaction interaction);
MessageBuffer add_grant_request(const Credential& authorization, const NewGrant& grant);
MessageBuffer revoke_grants_request(std::span<const std::uint64_t> ids, bool all,
                                    const Credential* authorization);
MessageBuffer narrow_request(std::span<const ItemRef> items, std::int64_t lifetime_ms,
                             Interaction interaction);
MessageBuffer prompt_request(const Credential* credential, std::string_view means);
MessageBuffer answer_request(std::uint64_t question_id, const Answer& answer);
MessageBuffer ask_request(const ConsentAbout& about);
MessageBuffer audit_request(const AuditFilter& filter, bool follow, Interaction interaction);
MessageBuffer verify_audit_request();
MessageBuffer get_or_ask_request(const ItemAt& item, const AskOptions& options);

Result<PolicyView> get_policy_reply(const SecretBytes& message);
Result<Explanation> explain_reply(const SecretBytes& message);
Result<std::vector<Grant>> list_grants_reply(const SecretBytes& message);
/// The grant's id.
Result<std::uint64_t> add_grant_reply(const SecretBytes& message);
/// How many were taken back.
Result<std::uint32_t> revoke_grants_reply(const SecretBytes& message);
Result<PromptEvent> prompt_event(const SecretBytes& message);
/// Answer and Ask: the question in field 1, if there is one.
Result<std::optional<Question>> question_reply(const SecretBytes& message);
Result<std::vector<AuditRecord>> audit_reply(const SecretBytes& message);
Result<AuditChain> verify_audit_reply(const SecretBytes& message);

}  // namespace tacit::codec
