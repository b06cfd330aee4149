#include "client/cpp/codec/access.h"

namespace tacit::codec {
namespace {

void add_subject(Writer& writer, std::uint32_t field, const Subject& subject) {
  if (subject.collection.empty() && !subject.name) {
    return writer.add_message(field, "", 0);  // the nested writer would leave an empty one out
  }
  Writer inner(writer, field);
  add_text(inner, 1, subject.collection);
  if (subject.name) add_text(inner, 2, *subject.name);
}

void add_verb(Writer& writer, std::uint32_t field, Verb verb) {
  writer.add_enum(field, static_cast<std::int32_t>(verb));
}

void add_verbs(Writer& writer, std::uint32_t field, std::span<const Verb> verbs) {
  std::vector<std::int32_t> numbers;
  for (const Verb verb : verbs) numbers.push_back(static_cast<std::int32_t>(verb));
  writer.add_packed_enum(field, numbers.begin(), numbers.end());
}

void add_items(Writer& writer, std::uint32_t field, std::span<const ItemRef> items) {
  for (const ItemRef& item : items) add_item(writer, field, {item.collection, item.name});
}

}  // namespace

MessageBuffer set_policy_request(const Subject& subject, const PolicyChange& change,
                                 const Credential* authorization, Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_subject(writer, 1, subject);
  for (const VerbPolicy& one : change.policies) {
    Writer inner(writer, 2);
    add_verb(inner, 1, one.verb);
    inner.add_enum(2, static_cast<std::int32_t>(one.policy));
  }
  if (change.pinned) {
    add_texts(writer, 3, *change.pinned);
    writer.add_bool(4, true);
  }
  if (change.tripwire) writer.add_bool(5, *change.tripwire);
  if (authorization) add_credential(writer, 6, *authorization);
  add_interaction(writer, 7, interaction);
  return out;
}

MessageBuffer get_policy_request(const Subject& subject, Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_subject(writer, 1, subject);
  add_interaction(writer, 2, interaction);
  return out;
}

MessageBuffer explain_request(const Subject& subject, Verb verb, std::int64_t pid,
                              Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_subject(writer, 1, subject);
  add_verb(writer, 2, verb);
  writer.add_int64(3, pid);
  add_interaction(writer, 4, interaction);
  return out;
}

MessageBuffer list_grants_request(Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_interaction(writer, 1, interaction);
  return out;
}

MessageBuffer add_grant_request(const Credential& authorization, const NewGrant& grant) {
  MessageBuffer out;
  Writer writer(out);
  add_credential(writer, 1, authorization);
  add_verbs(writer, 2, grant.verbs);
  add_text(writer, 3, grant.collection);
  add_texts(writer, 4, grant.items);
  add_text(writer, 5, grant.program);
  writer.add_int64(6, grant.pid);
  writer.add_int64(7, grant.lifetime.count());
  writer.add_uint64(8, grant.uses);
  return out;
}

MessageBuffer revoke_grants_request(std::span<const std::uint64_t> ids, bool all,
                                    const Credential* authorization) {
  MessageBuffer out;
  Writer writer(out);
  writer.add_packed_uint64(1, ids.begin(), ids.end());
  writer.add_bool(2, all);
  if (authorization) add_credential(writer, 3, *authorization);
  return out;
}

MessageBuffer narrow_request(std::span<const ItemRef> items, std::int64_t lifetime_ms,
                             Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_items(writer, 1, items);
  writer.add_int64(2, lifetime_ms);
  add_interaction(writer, 3, interaction);
  return out;
}

MessageBuffer prompt_request(const Credential* credential, std::string_view means) {
  MessageBuffer out;
  Writer writer(out);
  if (credential) add_credential(writer, 1, *credential);
  add_text(writer, 2, means);
  return out;
}

MessageBuffer answer_request(std::uint64_t question_id, const Answer& answer) {
  constexpr std::size_t kRest = 64;
  MessageBuffer out((answer.credential ? answer.credential->secret.size() : 0) +
                    answer.value.size() + answer.failure.size() + kRest);
  Writer writer(out);
  writer.add_uint64(1, question_id);
  writer.add_enum(2, static_cast<std::int32_t>(answer.decision));
  if (answer.credential) add_credential(writer, 3, *answer.credential);
  add_secret(writer, 4, answer.value);
  add_text(writer, 5, answer.failure);
  return out;
}

MessageBuffer ask_request(const ConsentAbout& about) {
  MessageBuffer out;
  Writer writer(out);
  add_verb(writer, 1, about.verb);
  add_items(writer, 2, about.items);
  writer.add_packed_uint64(3, about.versions.begin(), about.versions.end());
  writer.add_int64(4, about.lifetime.count());
  return out;
}

MessageBuffer audit_request(const AuditFilter& filter, bool follow, Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_text(writer, 1, filter.collection);
  add_text(writer, 2, filter.name);
  add_text(writer, 3, filter.program);
  writer.add_enum(4, filter.verdict ? static_cast<std::int32_t>(*filter.verdict) : 0);
  writer.add_int64(5, filter.since);
  writer.add_bool(6, follow);
  writer.add_uint64(7, filter.last);
  add_interaction(writer, 8, interaction);
  return out;
}

MessageBuffer verify_audit_request() { return MessageBuffer(); }

MessageBuffer get_or_ask_request(const ItemAt& item, const AskOptions& options) {
  MessageBuffer out;
  Writer writer(out);
  add_item(writer, 1, item);
  add_text(writer, 2, options.prompt);
  if (options.attributes && !options.attributes->empty()) {
    Writer inner(writer, 3);
    add_attributes(inner, 1, *options.attributes);
  }
  return out;
}

}  // namespace tacit::codec
