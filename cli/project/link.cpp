#include "cli/project/link.h"

#include "cli/session_gate.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

/// Whose yes it is, is for the daemon to say: a coding agent's it does not take.
Result<void> ask(Context& context, const std::string& facts, const std::string& question) {
  Terminal* terminal = context.terminal();
  if (terminal == nullptr) {
    return Error{Reason::kNoPrompter,
                 "whether secrets are given in another folder is asked on a terminal; run this on "
                 "one"};
  }
  terminal->forget_typed_ahead();
  terminal->say(facts);
  const auto yes = terminal->confirm(question, false);
  if (!yes.ok()) return yes.error();
  if (*yes) return {};
  return Error{Reason::kUserDenied, "nothing was changed"};
}

std::string facts_of(const ProjectHere& here, const ProjectPlace& place) {
  std::string text = "The project " + here.link.id +
                     "\n  collection:  " + visible(place.collection) +
                     "\n  asks in:     " + visible(here.folder.path) + "\n";
  if (place.known_withheld) {
    text += "  trusted in:  other folders, which a policy keeps from this program\n";
  } else if (place.known.empty()) {
    text += "  trusted in:  no folder\n";
  }
  for (const KnownFolder& one : place.known) {
    text += "  trusted in:  " + visible(one.folder.path) +
            (one.same_folder ? "  (this is that folder, moved)\n" : "\n");
  }
  return text;
}

}  // namespace

Result<LinkedProject> link_project(Context& context, const ProjectHere& here,
                                   const std::string& collection) {
  if (auto open = ensure_unlocked(context); !open.ok()) return open.error();
  bool consented = false;
  const auto link = [&](Client& client) {
    return client.link_project(here.link.id, here.folder, collection, consented);
  };
  auto linked = link(context.client());
  if (!linked.ok() && linked.error().code == Reason::kNoPrompter && !collection.empty()) {
    auto yes = ask(context,
                   "The collection " + visible(collection) +
                       " holds secrets. They will be given to what runs in\n  " +
                       visible(here.folder.path) + "\n",
                   "Make it the project's collection?");
    if (!yes.ok()) return yes.error();
    consented = true;
  }
  if (!linked.ok()) linked = with_session(context, link);
  if (!linked.ok() && linked.error().code == Reason::kUntrustedFolder) {
    return Error{linked.error().code,
                 "the project " + here.link.id + " of " + visible(here.link.file) +
                     " is known to the vault, and its secrets are not given in this folder; run "
                     "`tacit project trust` if they are meant to be, or take the line away for a "
                     "project of its own"};
  }
  return linked;
}

Result<Trusted> trust_folder(Context& context, const ProjectHere& here) {
  const auto place = with_session(
      context, [&](Client& client) { return client.resolve_project(here.reference()); });
  if (!place.ok()) {
    return place.error().code == Reason::kNotFound ? unlinked(here) : place.error();
  }
  if (place->trusted()) return Trusted{place->collection, {}, true};
  auto yes = ask(context, facts_of(here, *place),
                 "Give its secrets to what runs in the folder that asks?");
  if (!yes.ok()) return yes.error();
  auto trusted = with_session(context, [&](Client& client) {
    return client.trust_folder(here.link.id, here.folder, true);
  });
  if (!trusted.ok()) return trusted.error();
  return Trusted{std::move(trusted->collection), std::move(trusted->moved_from), false};
}

}  // namespace tacit::cli
