#include "cli/project/edit_text.h"

#include <algorithm>
#include <map>
#include <set>

#include "cli/env_file.h"
#include "cli/env_text.h"
#include "client/cpp/terminal/display_text.h"
#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::cli {
namespace {

constexpr std::string_view kFile = "the edited text";

bool is_token(const FoundItem& found) {
  return found.item.ok() ? found.item->metadata.token
                         : found.item.error().code == Reason::kRenewalNeeded;
}

bool is_own(const FoundItem& found) { return found.item.ok() && !found.item->metadata.inherited; }

bool is_shown(const FoundItem& found) {
  return is_own(found) && !is_token(found) &&
         fits_env_line(found.where.name, found.item->value.bytes());
}

void append_comment(SecretBuffer& text, std::string_view line) {
  text.append("# ");
  text.append(visible(line));
  text.append('\n');
}

/// One name a line, since names may hold commas and blanks.
void append_names(SecretBuffer& text, std::string_view title,
                  const std::vector<std::string_view>& names) {
  if (names.empty()) return;
  text.append('\n');
  append_comment(text, title);
  for (const std::string_view name : names) append_comment(text, "  " + std::string(name));
}

}  // namespace

SecretBytes text_of_project(const std::string& collection, const std::vector<FoundItem>& found) {
  SecretBuffer text;
  append_comment(text, "The secrets of " + collection +
                           ", as NAME=VALUE. Quote a value with blanks, "
                           "# or several lines:");
  append_comment(text,
                 "'as it stands' or \"with \\n, \\\" and \\$\". A line taken out deletes its "
                 "secret.");
  text.append('\n');
  std::vector<std::string_view> inherited;
  std::vector<std::string_view> unshown;
  std::vector<std::string_view> refused;
  std::vector<std::string_view> tokens;
  for (const FoundItem& each : found) {
    if (is_shown(each)) {
      append_env_line(text, each.where.name, each.item->value.bytes());
    } else if (is_token(each)) {
      tokens.push_back(each.where.name);
    } else if (!each.item.ok()) {
      refused.push_back(each.where.name);
    } else {
      (is_own(each) ? unshown : inherited).push_back(each.where.name);
    }
  }
  append_names(text, "Inherited; a line here gives them another value:", inherited);
  append_names(text, "No line can hold their name or value; `tacit edit NAME`:", unshown);
  append_names(text, "Tokens, which are got and not written; see `tacit token`:", tokens);
  append_names(text, "Not given to this program, and left as they are:", refused);
  return text.take();
}

Result<std::vector<PlannedChange>> changes_of(const std::vector<FoundItem>& found,
                                              std::string_view text) {
  auto entries = parse_env_file(text, kFile);
  if (!entries.ok()) return entries.error();
  std::map<std::string_view, const FoundItem*> own;
  for (const FoundItem& each : found) {
    if (is_own(each)) own.emplace(each.where.name, &each);
  }
  std::vector<PlannedChange> changes;
  std::set<std::string_view> there;
  for (EnvFileEntry& entry : *entries) {
    if (entry.reference) {
      return Error{Reason::kInvalidArgument,
                   std::string(kFile) + ":" + std::to_string(entry.line) +
                       ": a reference instead of a value; `tacit edit NAME` stores one as it "
                       "stands"};
    }
    const auto known = own.find(entry.variable);
    if (known == own.end()) {
      changes.push_back({entry.variable, std::move(entry.value), 0, 0});
      continue;
    }
    there.insert(known->first);
    const Item& item = *known->second->item;
    if (std::ranges::equal(item.value.bytes(), entry.value.bytes())) continue;
    changes.push_back(
        {entry.variable, std::move(entry.value), item.metadata.version, item.metadata.expires});
  }
  for (const FoundItem& each : found) {
    if (!is_shown(each) || there.contains(each.where.name)) continue;
    changes.push_back({each.where.name, {}, each.item->metadata.version, 0});
  }
  return changes;
}

}  // namespace tacit::cli
