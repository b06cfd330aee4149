#include "cli/ask_value.h"

#include "cli/session_gate.h"
#include "cli/terminal_consent.h"
#include "client/cpp/terminal/value.h"

namespace tacit::cli {
namespace {

Result<SecretBytes> ask_here(Context& context, Terminal& terminal, const Reference& reference,
                             const std::string& prompt) {
  // Nobody types for a collection that it then must not be stored in.
  const Use use = use_of(Verb::kWrite, reference);
  const auto question = context.client().ask(use);
  if (!question.ok()) return question.error();
  if (*question) {
    if (auto may = settle_on_terminal(context.client(), terminal, **question); !may.ok()) {
      return may.error();
    }
  }
  auto value = ask_missing_value(terminal, reference.name, prompt);
  if (!value.ok()) return value;
  const SetOptions new_item{
      .attributes = {}, .content_type = {}, .expires = {}, .expected_version = 0};
  const auto stored = with_session(context, use, [&](Client& client) {
    return client.set(reference.collection, reference.name, *value, new_item);
  });
  if (stored.ok()) return value;
  if (stored.error().code != Reason::kAlreadyExists) return stored.error();
  return with_session(context, use_of(Verb::kRead, reference),
                      [&](Client& client) { return client.get(reference); });
}

}  // namespace

Result<void> may_be_asked_for(const Reference& reference) {
  if (!reference.attribute && reference.version == 0) return {};
  return Error{Reason::kInvalidArgument,
               "--ask is for the newest value of a secret: leave out attribute and version"};
}

Result<SecretBytes> ask_and_store(Context& context, const Reference& reference,
                                  const std::string& prompt) {
  if (input_refused(context.options.no_input)) {
    return Error{Reason::kNoPrompter,
                 "it is not stored, and with --no-input nobody is asked; run `tacit set` first"};
  }
  (void)context.use_prompter();
  const AskOptions options{.prompt = prompt, .attributes = {}, .terminal = false};
  auto item = context.client().get_or_ask(reference.collection, reference.name, options);
  if (item.ok()) return std::move(item->value);
  if (item.error().code != Reason::kNoPrompter) return item.error();
  if (Terminal* terminal = context.terminal()) {
    return ask_here(context, *terminal, reference, prompt);
  }
  return Error{
      Reason::kNoPrompter,
      "it is not stored and nobody can be asked for it; start `tacit prompter`, run `tacit "
      "set` first, or " +
          context.how_to_be_asked()};
}

}  // namespace tacit::cli
