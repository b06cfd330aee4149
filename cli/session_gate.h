// Calls that need an unlocked vault: what stands in the way is mended, where somebody can be
// asked, and the call made again.
#pragma once
#include <utility>

#include "cli/context.h"

namespace tacit::cli {

/// kLocked: asks for the passphrase, three times at most; kNoVault: offers to make one. Where
/// nobody can be asked, and for any other error, an error at once that says what to do.
Result<void> mend(Context& context, const Error& error);

/// `call(Client&)` until it succeeds or fails for good. Returns its Result.
template <class Call>
auto with_session(Context& context, Call&& call) {
  for (;;) {
    auto result = call(context.client());
    if (result.ok()) return result;
    if (auto mended = mend(context, result.error()); !mended.ok()) {
      return decltype(result)(mended.error());
    }
  }
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
