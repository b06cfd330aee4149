// What administration changes, in words for the log: names of rules and programs, never a value.
#pragma once
#include <string>

#include "daemon/access/grants.h"
#include "daemon/access/rule.h"

namespace tacit {

/// `read: ask -> open; decoy: no -> yes; programs: added /usr/bin/a, removed /usr/bin/b`.
std::string change_in_words(const Rule& before, const Rule& after);

/// `grant 3: read for /usr/bin/a; items: mail; 2 uses`. For a denial, `denial 3: ...`.
std::string grant_in_words(const Grant& grant);

}  // namespace tacit
