#include "cli/change_set.h"

#include <algorithm>

#include "cli/options.h"
#include "cli/session_gate.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

bool overtaken(Reason code) {
  return code == Reason::kVersionMismatch || code == Reason::kAlreadyExists ||
         code == Reason::kNotFound;
}

/// The newest version of an item of this very collection; 0: there is none, or it is not told.
std::uint64_t version_of(Client& client, const ItemEdit& edit) {
  const auto there = client.describe(edit.collection, edit.name);
  return there.ok() && !there->inherited ? there->version : 0;
}

/// Which of them it was, which the daemon does not tell of several.
bool stands_in_the_way(Client& client, const ItemEdit& edit, const Error& error) {
  if (overtaken(error.code)) {
    const auto& expected = edit.options.expected_version;
    return expected && version_of(client, edit) != *expected;
  }
  if (error.code != Reason::kPolicyDenied) return false;
  const auto told = client.explain({edit.collection, edit.name}, Verb::kWrite);
  return told.ok() && told->verdict == "deny";
}

std::string names_of(Context& context, std::span<const ItemEdit> edits, const Error& error) {
  constexpr std::size_t kMostNames = 10;
  const bool one_place = std::ranges::all_of(
      edits, [&](const ItemEdit& edit) { return edit.collection == edits.front().collection; });
  std::string names;
  std::size_t count = 0;
  for (const ItemEdit& edit : edits) {
    if (edits.size() > 1 && !stands_in_the_way(context.client(), edit, error)) continue;
    if (++count > kMostNames) continue;
    const std::string name =
        one_place ? edit.name : shown_name({edit.collection, edit.name, {}, 0});
    names += (count == 1 ? "`" : ", `") + visible(name) + "`";
  }
  if (count > kMostNames) names += " and " + std::to_string(count - kMostNames) + " more";
  return names;
}

}  // namespace

Error not_applied(Context& context, std::span<const ItemEdit> edits, const Error& error) {
  if (error.code == Reason::kLimit) return error;
  const std::string names = names_of(context, edits, error);
  if (overtaken(error.code)) {
    return {Reason::kVersionMismatch, (names.empty() ? std::string("one of the secrets") : names) +
                                          " was changed meanwhile; nothing was stored"};
  }
  return {error.code, (names.empty() ? "" : names + ": ") + error.message + "; nothing was stored"};
}

Result<void> apply(Context& context, const std::string& collection,
                   const std::vector<PlannedChange>& changes) {
  Use use{Verb::kWrite, {}};
  std::vector<ItemEdit> edits;
  for (const PlannedChange& change : changes) {
    use.items.push_back({collection, change.name});
    ItemEdit& edit = edits.emplace_back();
    edit.collection = collection;
    edit.name = change.name;
    edit.options.expected_version = change.version;
    if (!change.value) continue;
    edit.value = SecretBytes::copy_of(change.value->bytes());
    if (change.expires != 0) edit.options.expires = change.expires;
  }
  const auto done = with_session(context, use, [&](Client& client) { return client.apply(edits); });
  if (done.ok()) return {};
  return not_applied(context, edits, done.error());
}

}  // namespace tacit::cli
