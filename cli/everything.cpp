#include "cli/everything.h"

#include <optional>

#include "cli/session_gate.h"

namespace tacit::cli {

Result<std::vector<FoundItem>> everything(Context& context, const std::string& collection) {
  Use use{Verb::kRead, {}};
  return with_session(context, use, [&](Client& client) {
    auto found = client.get_all(collection);
    use.items.clear();
    std::optional<Error> unasked;
    if (found.ok() && context.terminal() != nullptr) {
      for (const FoundItem& each : *found) {
        if (each.item.ok() || each.item.error().code != Reason::kNoPrompter) continue;
        use.items.push_back(each.where);
        unasked = each.item.error();
      }
    }
    return unasked ? Result<std::vector<FoundItem>>(*unasked) : std::move(found);
  });
}

}  // namespace tacit::cli
