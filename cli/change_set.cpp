#include "cli/change_set.h"

#include "cli/session_gate.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

/// Returns the version that stands afterwards; 0: none.
Result<std::uint64_t> make(Context& context, const Use& use, const std::string& collection,
                           const PlannedChange& change) {
  return with_session(context, use, [&](Client& client) -> Result<std::uint64_t> {
    if (change.value) {
      SetOptions options;
      options.expected_version = change.version;
      if (change.expires != 0) options.expires = change.expires;
      return client.set(collection, change.name, *change.value, options);
    }
    const auto removed = client.remove(collection, change.name, false, change.version);
    if (!removed.ok()) return removed.error();
    return std::uint64_t{0};
  });
}

Result<void> take_back(Client& client, const std::string& collection, const PlannedChange& change,
                       std::uint64_t made) {
  if (change.version == 0) return client.remove(collection, change.name, false, made);
  std::optional<std::uint64_t> expected;
  if (made != 0) expected = made;
  const auto restored = client.restore(collection, change.name, change.version, expected);
  if (!restored.ok()) return restored.error();
  return {};
}

Error failed(const PlannedChange& change, const Error& error) {
  const bool overtaken = error.code == Reason::kVersionMismatch ||
                         error.code == Reason::kAlreadyExists || error.code == Reason::kNotFound;
  if (!overtaken) return {error.code, "`" + visible(change.name) + "`: " + error.message};
  return {Reason::kVersionMismatch, "`" + visible(change.name) + "` was changed meanwhile"};
}

}  // namespace

Result<void> apply(Context& context, const std::string& collection,
                   const std::vector<PlannedChange>& changes) {
  Use use{Verb::kWrite, {}};
  for (const PlannedChange& change : changes) use.items.push_back({collection, change.name});
  std::vector<std::uint64_t> made;
  for (const PlannedChange& change : changes) {
    const auto version = make(context, use, collection, change);
    if (version.ok()) {
      made.push_back(*version);
      continue;
    }
    Error error = failed(change, version.error());
    std::string left;
    for (std::size_t i = made.size(); i-- > 0;) {
      const auto back = take_back(context.client(), collection, changes[i], made[i]);
      if (!back.ok()) left += (left.empty() ? "" : ", ") + visible(changes[i].name);
    }
    error.message +=
        left.empty() ? "; nothing was stored" : "; stored already and not taken back: " + left;
    return error;
  }
  return {};
}

}  // namespace tacit::cli
