// The course of one renewal: the lease, the way by which the token is got, what came of it.
#pragma once
#include "cli/token/oauth/break_off.h"
#include "cli/token/oauth/task.h"

namespace tacit::oauth {

/// For every mode but kDiscover. Waits for the lease or for what comes of another's renewal.
/// Errors: those of Client::begin_renewal; kLoginNeeded, only the user can renew it;
/// kRenewalFailed.
Result<Done> renew(const Task& task, BreakOff& break_off);

}  // namespace tacit::oauth
