// Secrets.GetOrAsk: what is not there is asked of the user and kept.
#include <utility>

#include "daemon/rpc/convert.h"
#include "daemon/rpc/secrets_service.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxPromptBytes = 256;

}  // namespace

void SecretsService::get_or_ask(Unary<v1::GetOrAskRequest, v1::GetReply>& call) {
  const absl::StatusOr<ItemName> where = item_name_from(call.request().item());
  if (!where.ok()) return call.fail(where.status());
  if (call.request().prompt().size() > kMaxPromptBytes) {
    return call.fail(make_error(Reason::kInvalidArgument, "a prompt has at most 256 bytes"));
  }
  const auto attributes = attributes_from(call.request().attributes().attributes());
  if (!attributes.ok()) return call.fail(attributes.status());
  const auto serve = [this, &call, where = *where] {
    const absl::Status there = core_.session
                                   .with_vault(Use::kPassive,
                                               [&](Vault& vault) -> absl::StatusOr<ItemMetadata> {
                                                 const absl::StatusOr<ItemName> place =
                                                     vault.inherited(where);
                                                 if (!place.ok()) return place.status();
                                                 return vault.describe(*place, 0);
                                               })
                                   .status();
    if (there.ok()) return read_there(call, where);
    if (reason_of(there) != Reason::kNotFound) return call.fail(there);
    const Wanted wanted{.items = {&where, 1}, .may_ask = true};
    judged(core_, call, Verb::kWrite, wanted, [this, &call, where](const AccessVerdict& verdict) {
      ask_for(call, where, verdict.asker);
    });
  };
  // Which verb it is shows only in the open vault.
  const Wanted open{.items = {&*where, 1}, .unlock_alone = true, .may_ask = true};
  authorized(core_, call, open, serve);
}

void SecretsService::read_there(Unary<v1::GetOrAskRequest, v1::GetReply>& call,
                                const ItemName& where) {
  const Wanted wanted{.items = {&where, 1}, .may_ask = true, .inherits = true};
  judged(core_, call, Verb::kRead, wanted, [this, &call, where](const AccessVerdict& verdict) {
    call.finish(read(verdict, call.name(), where, 0, call.reply()));
  });
}

void SecretsService::ask_for(Unary<v1::GetOrAskRequest, v1::GetReply>& call, const ItemName& where,
                             const std::shared_ptr<const Asker>& asker) {
  if (call.cancelled()) return call.fail(absl::CancelledError("the client gave up"));
  Question question;
  question.kind = QuestionKind::kValue;
  question.asker = asker;
  question.verb = Verb::kWrite;
  question.collection = where.collection;
  question.names = {where.name};
  question.prompt = call.request().prompt();
  const Waiting waiting = core_.prompts.ask(
      std::move(question), [this, &call, where, asker](absl::StatusOr<Reply> reply) {
        call.on_cancel({});
        if (!reply.ok()) {
          note_denied(core_, call, refusal_rule(reply.status()), {{where}, {}});
          return call.fail(reply.status());
        }
        // Another call waited for the same answer, and has stored it.
        if (reply->value.empty()) return read_there(call, where);
        ItemChange change;
        change.value = std::move(reply->value);
        change.expected_version = 0;
        absl::StatusOr<Attributes> attributes =
            attributes_from(call.request().attributes().attributes());
        if (attributes.ok()) change.attributes = *std::move(attributes);
        const absl::Status stored =
            core_.session
                .with_vault(Use::kActive,
                            [&](Vault& vault) { return vault.set(where, std::move(change)); })
                .status();
        if (stored.ok()) {
          // The user typed it for this program just now, which is consent to have it.
          AccessVerdict verdict;
          verdict.asker = asker;
          return call.finish(read(verdict, call.name(), where, 0, call.reply()));
        }
        // Somebody was faster: what is there counts, for whoever may read it.
        if (reason_of(stored) == Reason::kAlreadyExists) return read_there(call, where);
        call.fail(stored);
      });
  if (waiting == 0) return;
  call.on_cancel([this, &call, waiting] {
    core_.prompts.give_up(waiting);
    call.fail(absl::CancelledError("the client gave up"));
  });
}

}  // namespace tacit
