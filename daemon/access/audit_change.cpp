#include "daemon/access/audit_change.h"

#include <algorithm>
#include <string_view>

namespace tacit {
namespace {

std::string_view policy_name(Policy policy) {
  switch (policy) {
    case Policy::kOpen:
      return "open";
    case Policy::kAsk:
      return "ask";
    case Policy::kConfirm:
      return "confirm";
    case Policy::kPinned:
      return "pinned";
    case Policy::kDeny:
      return "deny";
  }
  return "deny";
}

/// With `separator` between it and what is there.
void append(std::string& text, std::string_view separator, const std::string& part) {
  if (!text.empty()) text += separator;
  text += part;
}

/// What is in one sorted list and not in the other, each with `verb` before it.
void append_missing(std::string& text, const std::vector<std::string>& list,
                    const std::vector<std::string>& other, const std::string& verb) {
  for (const std::string& path : list) {
    if (!std::ranges::binary_search(other, path)) append(text, ", ", verb + " " + path);
  }
}

std::string program_of(const Grant& grant) {
  if (grant.prepared) {
    if (!grant.path.empty()) return grant.path;
    return "the process tree of " + std::to_string(grant.root);
  }
  const ProgramIdentity& program = grant.program;
  std::string text = program.script.empty() ? program.executable : program.script;
  if (text.empty()) text = "an unknown program";
  if (program.process != 0) text += ", process " + std::to_string(program.process);
  return text;
}

/// What a method does that has no words of its own in its change.
std::string_view deed_of(std::string_view method) {
  if (method == "Access.SetPolicy") return "change the policy";
  if (method == "Admin.Backup") return "copy the whole vault";
  if (method == "Admin.Verify") return "check the whole vault";
  return {};
}

}  // namespace

std::string planned_in_words(std::string_view method, const AdminChange& change) {
  std::string text(deed_of(method));
  for (std::size_t i = 0; i < change.subjects.size(); ++i) {
    const auto& [collection, name] = change.subjects[i];
    text += i != 0 ? ", " : text.empty() ? "of " : " of ";
    if (!name.empty()) text += name + " in ";
    text += "the collection " + collection;
  }
  if (!change.change.empty()) append(text, ": ", change.change);
  return text;
}

absl::Status note_of_each(Audit& audit, AuditEntry entry, const std::vector<ItemName>& subjects) {
  if (subjects.empty()) return audit.note(entry);
  absl::Status first;
  for (const ItemName& subject : subjects) {
    entry.item = &subject;
    if (absl::Status noted = audit.note(entry); first.ok()) first = noted;
  }
  return first;
}

std::string change_in_words(const Rule& before, const Rule& after) {
  std::string text;
  for (std::size_t i = 0; i < kRuledVerbs.size(); ++i) {
    if (before.policies[i] == after.policies[i]) continue;
    append(text, "; ",
           std::string(verb_name(kRuledVerbs[i])) + ": " +
               std::string(policy_name(before.policies[i])) + " -> " +
               std::string(policy_name(after.policies[i])));
  }
  if (before.tripwire != after.tripwire) {
    append(text, "; ", after.tripwire ? "decoy: no -> yes" : "decoy: yes -> no");
  }
  std::string programs;
  append_missing(programs, after.pinned, before.pinned, "added");
  append_missing(programs, before.pinned, after.pinned, "removed");
  if (!programs.empty()) append(text, "; ", "programs: " + programs);
  return text.empty() ? "the rule stays as it was" : text;
}

std::string grant_in_words(const Grant& grant) {
  std::string text = (grant.denied ? "denial " : "grant ") + std::to_string(grant.id) + ":";
  if (!grant.denied) {
    std::string verbs;
    for (const Verb verb : kRuledVerbs) {
      if ((grant.verbs & verb_bit(verb)) != 0) append(verbs, ", ", std::string(verb_name(verb)));
    }
    text += " " + verbs;
  }
  text += " for " + program_of(grant);
  if (!grant.names.empty()) {
    std::string names;
    for (const ItemName& name : grant.names) append(names, ", ", name.name);
    text += "; items: " + names;
  } else if (!grant.collection.empty()) {
    text += "; collection " + grant.collection;
  }
  if (grant.uses_left) {
    text += "; " + std::to_string(*grant.uses_left) + (*grant.uses_left == 1 ? " use" : " uses");
  }
  return text;
}

}  // namespace tacit
