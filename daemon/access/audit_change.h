// What administration changes, in words for the log: names of rules and programs, never a value.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "daemon/access/audit.h"
#include "daemon/access/grants.h"
#include "daemon/access/rule.h"

namespace tacit {

/// `read: ask -> open; decoy: no -> yes; programs: added /usr/bin/a, removed /usr/bin/b`.
std::string change_in_words(const Rule& before, const Rule& after);

/// `grant 3: read for /usr/bin/a; items: mail; 2 uses`. For a denial, `denial 3: ...`.
std::string grant_in_words(const Grant& grant);

/// What an administrating call is to do, for the user who is asked: `change the policy of mail in
/// the collection work: read: ask -> open`.
std::string planned_in_words(std::string_view method, const AdminChange& change);

/// One record for each subject, so that each is found by its name; one if there is none. Errors: of
/// the first that fails.
absl::Status note_of_each(Audit& audit, AuditEntry entry, const std::vector<ItemName>& subjects);

}  // namespace tacit
