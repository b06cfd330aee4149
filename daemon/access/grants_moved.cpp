// Grants and denials when a collection gets another name, or goes.
#include <algorithm>

#include "daemon/access/grants.h"

namespace tacit {

Grants::Moved Grants::plan_move(const std::string& from,
                                const std::optional<std::string>& to) const {
  Moved moved;
  for (const Grant& grant : all_) {
    const bool stored = grant.prepared || (grant.denied && grant.program.process == 0);
    Grant now = grant;
    if (grant.collection == from && to) {
      now.collection = *to;
      for (ItemName& name : now.names) name.collection = *to;
      if (stored) moved.records.push_back({kGrantSubject, grant.id, encode_grant(now)});
    } else if (!grant.denied && (grant.collection == from || grant.collection == to)) {
      // Left for what had the name before, or had it last: nobody said yes to what has it now.
      if (stored) moved.records.push_back({kGrantSubject, grant.id, std::nullopt});
      continue;
    }
    moved.all.push_back(std::move(now));
  }
  return moved;
}

void Grants::moved(Moved planned) { all_ = std::move(planned.all); }

}  // namespace tacit
