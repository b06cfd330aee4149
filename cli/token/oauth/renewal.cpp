#include "cli/token/oauth/renewal.h"

#include "cli/token/oauth/course.h"

namespace tacit::oauth {
namespace {

Error error_of(const Failure& failure) {
  const bool user =
      failure.kind == RenewalFailure::kLogin || failure.kind == RenewalFailure::kDenied;
  return {user ? Reason::kLoginNeeded : Reason::kRenewalFailed, failure.message};
}

}  // namespace

Result<Done> renew(const Task& task, BreakOff& break_off) {
  ClientOptions options;
  options.renew_tokens = false;  // it is this program that would be run
  options.interaction = task.may_ask;
  Client waiting(options);
  Client speaking(options);

  RenewalWish wish;
  wish.may_log_in = task.may_ask;
  wish.force = task.force || task.mode != Mode::kRenew;
  wish.log_in = task.mode != Mode::kRenew;
  std::optional<Outcome<Done>> own;
  const auto on_lease = [&](const RenewalLease& lease) {
    if (own) return false;
    own.emplace(Course(task, lease, speaking, break_off).run());
    // Of a revocation nothing more comes that is worth knowing.
    return static_cast<bool>(*own) && task.mode != Mode::kRevoke;
  };
  const auto version = waiting.begin_renewal(task.item.collection, task.item.name, wish, on_lease,
                                             &break_off.stopper());
  if (own && *own) return **std::move(own);
  if (own) return error_of(own->failure());
  if (!version) return version.error();
  return Done{*version, {}};
}

}  // namespace tacit::oauth
