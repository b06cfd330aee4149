// Calls that need an unlocked vault: what stands in the way is mended, where somebody can be
// asked, and the call made again.
#pragma once
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "cli/context.h"

namespace tacit::cli {

/// What a call does to which items, for the question whether it may. No items: no question can be
/// put for it on the terminal.
using Use = ConsentAbout;

/// Of one item, or of several in one question.
Use use_of(Verb verb, const Reference& reference);
Use use_of(Verb verb, std::span<const Reference> references);

/// kLocked: asks for the passphrase, three times at most; kNoVault: offers to make one;
/// kNoPrompter: asks whether this may be, by the prompter and else on the terminal. Where nobody
/// can be asked, and for any other error, an error at once that says what to do.
/// `retried`: it was called once more though nothing was to be asked any more; never twice.
Result<void> mend(Context& context, const Use& use, const Error& error, bool& retried);

/// What one item of a batch was refused for stands before all of them: mended once, it is mended
/// for every one. Without a terminal each tells by itself what it needs.
bool stands_before_all(Context& context, const Error& error);

/// The first of a batch's errors that stands before all. None where one is refused whatever the
/// user says: nobody is asked in vain, and each tells by itself.
template <class Values>
std::optional<Error> to_mend(Context& context, const Values& values) {
  std::optional<Error> first;
  for (const auto& value : values) {
    if (value.ok()) continue;
    if (value.error().code == Reason::kPolicyDenied) return std::nullopt;
    if (!first && stands_before_all(context, value.error())) first = value.error();
  }
  return first;
}

/// `call(Client&)` until it succeeds or fails for good. Returns its Result.
template <class Call>
auto with_session(Context& context, const Use& use, Call&& call) {
  // Unlocking, the prompter, and a question for each collection of a batch; then it is enough.
  constexpr int kMostRounds = 20;
  bool retried = false;
  for (int round = 1;; ++round) {
    auto result = call(context.client());
    if (result.ok() || round == kMostRounds) return result;
    if (auto mended = mend(context, use, result.error(), retried); !mended.ok()) {
      return decltype(result)(mended.error());
    }
  }
}
/// For calls that are about no item.
template <class Call>
auto with_session(Context& context, Call&& call) {
  return with_session(context, Use{}, std::forward<Call>(call));
}

/// Makes sure beforehand, so that nobody types a value for a vault that then does not open.
Result<void> ensure_unlocked(Context& context);

/// Asks for the passphrase, three times at most. Errors: kWrongCredential, kCancelled, those of
/// Client::unlock.
Result<UnlockOutcome> unlock_by_passphrase(Context& context, Terminal& terminal);

/// Tells what an unlock found that the user should know: above all why the vault is served
/// read-only, if it is.
void remark_on(Context& context, const UnlockOutcome& outcome);

}  // namespace tacit::cli
