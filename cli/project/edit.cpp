// `tacit project edit`: all secrets of a project in the user's editor.
#include <algorithm>
#include <memory>

#include "cli/command.h"
#include "cli/editor.h"
#include "cli/everything.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/project/edit_text.h"
#include "cli/project/target.h"
#include "cli/time_text.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

constexpr const char* kFileName = "secrets.env";
constexpr std::size_t kMaxTextBytes = std::size_t{64} << 20;

struct Options {
  bool may_delete = false;
};

Error kept(const SecretBytes& text, const Error& error) {
  const auto path = keep_text(kFileName, text);
  if (!path.ok()) return error;
  return {error.code, error.message + "; what you wrote is in " + *path +
                          " until you log out: take from it what you need, then remove it"};
}

std::string_view kind_of(const PlannedChange& change) {
  if (!change.value) return "deleted";
  return change.version == 0 ? "added" : "changed";
}

Result<void> tell(const Context& context, const std::vector<PlannedChange>& changes) {
  if (!context.options.json) {
    for (const PlannedChange& each : changes) {
      remark(std::string(kind_of(each)) + ": " + each.name);
    }
    if (changes.empty()) remark("nothing was changed");
    return {};
  }
  JsonWriter json;
  json.begin_array();
  for (const PlannedChange& each : changes) {
    json.begin_object();
    json.member("name", each.name);
    json.member("change", kind_of(each));
    json.end_object();
  }
  json.end_array();
  return print(json.take().bytes());
}

/// A text without a line, by mistake or because an editor failed to write it, is no order to
/// delete everything.
Result<void> allow_deleting(Context& context, const Options& options,
                            const std::vector<PlannedChange>& changes) {
  std::string names;
  for (const PlannedChange& each : changes) {
    if (!each.value) names += (names.empty() ? "" : ", ") + visible(each.name);
  }
  if (names.empty() || options.may_delete) return {};
  if (Terminal* terminal = context.terminal()) {
    auto yes = terminal->confirm("Delete " + names + "?", false);
    if (!yes.ok()) return yes.error();
    if (*yes) return {};
  }
  return Error{Reason::kCancelled,
               "this would delete " + names + ", which --delete allows without a question"};
}

/// Until the text can be read, or the user gives up.
Result<std::vector<PlannedChange>> edited_changes(Context& context,
                                                  const std::vector<FoundItem>& found,
                                                  SecretBytes& text) {
  for (;;) {
    auto edited = edit_text(kFileName, text, kMaxTextBytes);
    if (!edited.ok()) return edited.error();
    if (!*edited) {
      return Error{Reason::kCancelled, "the editor removed its file; nothing was changed"};
    }
    text = std::move(**edited);
    const auto bytes = text.bytes();
    auto changes = changes_of(found, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (changes.ok()) return changes;
    Terminal* terminal = context.terminal();
    if (terminal == nullptr) return kept(text, changes.error());
    complain(changes.error().message);
    const auto again = terminal->confirm("Edit it again?", true);
    if (!again.ok() || !*again) return kept(text, changes.error());
  }
}

int run_project_edit(Context& context, const Options& options) {
  context.renew_tokens = false;
  const auto target = project_target(context);
  if (!target.ok()) return fail(target.error());
  const auto found = everything(context, target->collection);
  if (!found.ok()) return fail(found.error());
  SecretBytes text = text_of_project(target->collection, *found);
  auto changes = edited_changes(context, *found, text);
  if (!changes.ok()) return fail(changes.error());
  if (const auto may = allow_deleting(context, options, *changes); !may.ok()) {
    return fail(kept(text, may.error()));
  }
  for (PlannedChange& each : *changes) {
    if (each.expires <= now_unix_ms()) each.expires = 0;
  }
  if (const auto done = apply(context, target->collection, *changes); !done.ok()) {
    return fail(kept(text, done.error()));
  }
  return finish(tell(context, *changes));
}

}  // namespace

Action define_project_edit(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_flag("--delete", options->may_delete, "Delete without a question what was taken out");
  return [options](Context& context) { return run_project_edit(context, *options); };
}

}  // namespace tacit::cli
