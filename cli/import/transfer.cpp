#include "cli/import/transfer.h"

#include <algorithm>
#include <set>

#include "cli/change_set.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

bool matches(const ImportItem& wanted, const Item& found) {
  const Metadata& metadata = found.metadata;
  return std::ranges::equal(wanted.value.bytes(), found.value.bytes()) &&
         (wanted.attributes.empty() || wanted.attributes == metadata.attributes) &&
         (!wanted.content_type || *wanted.content_type == metadata.content_type) &&
         (wanted.expires == 0 || wanted.expires == metadata.expires);
}

Result<Item> read(Context& context, const Reference& where) {
  return with_session(context, use_of(Verb::kRead, where),
                      [&](Client& client) { return client.get(where.collection, where.name); });
}

Result<void> compare(Context& context, PlannedItem& planned) {
  const Reference& where = planned.where;
  const auto found = read(context, where);
  if (found.ok() && !found->metadata.inherited) {
    planned.state = matches(planned.item, *found) ? ImportState::kSame : ImportState::kDifferent;
    planned.version = found->metadata.version;
    return {};
  }
  if (found.ok() || found.error().code == Reason::kNotFound) return {};
  if (found.error().code != Reason::kExpired) return about(context, where, found.error());
  const auto there = with_session(context, use_of(Verb::kList, where), [&](Client& client) {
    return client.describe(where.collection, where.name);
  });
  if (!there.ok()) return about(context, where, there.error());
  if (there->inherited) return {};
  planned.state = ImportState::kDifferent;
  planned.version = there->version;
  return {};
}

SetOptions options_of(const PlannedItem& planned) {
  const ImportItem& item = planned.item;
  SetOptions options;
  if (!item.attributes.empty()) options.attributes = item.attributes;
  options.content_type = item.content_type;
  if (item.expires != 0) options.expires = item.expires;
  options.expected_version = planned.version;
  return options;
}

}  // namespace

std::string_view import_state_name(ImportState state) noexcept {
  switch (state) {
    case ImportState::kNew:
      return "new";
    case ImportState::kSame:
      return "same";
    case ImportState::kDifferent:
      return "different";
  }
  return "unknown";
}

Result<std::vector<PlannedItem>> plan_import(Context& context, std::vector<ImportItem> items,
                                             const std::string& collection,
                                             const ImportProgress& progress) {
  std::vector<PlannedItem> plan;
  std::set<std::pair<std::string, std::string>> seen;
  for (ImportItem& item : items) {
    PlannedItem& planned = plan.emplace_back();
    planned.where.collection = item.collection.value_or(collection);
    planned.where.name = item.name;
    planned.item = std::move(item);
    if (auto good = check_name(planned.where.name, "name"); !good.ok()) {
      return Error{good.error().code,
                   "`" + visible(planned.where.name) + "`: " + good.error().message};
    }
    if (!seen.emplace(planned.where.collection, planned.where.name).second) {
      return Error{Reason::kInvalidArgument, "`" + visible(planned.where.name) +
                                                 "` is there twice; rename one of them first"};
    }
  }
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (auto done = compare(context, plan[i]); !done.ok()) return done.error();
    progress(i + 1, plan.size());
  }
  return plan;
}

Result<void> store_import(Context& context, std::span<const PlannedItem> plan, bool replace,
                          const ImportProgress& progress) {
  std::vector<ItemEdit> edits;
  std::size_t bytes = 0;
  const auto store = [&]() -> Result<void> {
    Use use{Verb::kWrite, {}};
    for (const ItemEdit& edit : edits) use.items.push_back({edit.collection, edit.name});
    const auto done =
        with_session(context, use, [&](Client& client) { return client.apply(edits); });
    if (!done.ok()) return not_applied(context, edits, done.error());
    edits.clear();
    bytes = 0;
    return {};
  };
  std::size_t done = 0;
  for (const PlannedItem& planned : plan) {
    progress(++done, plan.size());
    if (planned.state == ImportState::kSame) continue;
    if (planned.state == ImportState::kDifferent && !replace) continue;
    ItemEdit edit{planned.where.collection, planned.where.name,
                  SecretBytes::copy_of(planned.item.value.bytes()), options_of(planned)};
    const std::size_t size = edit_bytes(edit);
    // As many as one transaction takes, which is all of most stores.
    if (edits.size() == kMaxEdits || (!edits.empty() && bytes + size > kMaxEditsBytes)) {
      if (auto stored = store(); !stored.ok()) return stored;
    }
    bytes += size;
    edits.push_back(std::move(edit));
  }
  return edits.empty() ? Result<void>() : store();
}

Result<void> verify_import(Context& context, std::span<const PlannedItem> plan, bool replaced,
                           const ImportProgress& progress) {
  std::size_t done = 0;
  for (const PlannedItem& planned : plan) {
    progress(++done, plan.size());
    if (planned.state == ImportState::kDifferent && !replaced) continue;
    const auto found = read(context, planned.where);
    if (!found.ok()) return about(context, planned.where, found.error());
    if (found->metadata.inherited || !matches(planned.item, *found)) {
      return Error{Reason::kInternal, "`" + visible(shown_name(planned.where)) +
                                          "` is not in the vault as the source has it; the source "
                                          "was left alone"};
    }
  }
  return {};
}

}  // namespace tacit::cli
