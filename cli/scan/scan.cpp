// `tacit scan`: does any value of the vault stand in plain in these files?
#include <algorithm>
#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/options.h"
#include "cli/scan/blobs.h"
#include "cli/scan/git.h"
#include "cli/scan/hook.h"
#include "cli/scan/message.h"
#include "cli/scan/tree.h"
#include "cli/session_gate.h"
#include "client/cpp/terminal/display_text.h"
#include "tacit/projects.h"

namespace tacit::cli {
namespace {

struct Options {
  std::vector<std::string> paths;
  bool staged = false;
  bool history = false;
  bool install_hook = false;
  std::string message;
};

int run_install_hooks() {
  for (const HookKind kind : {HookKind::kPreCommit, HookKind::kCommitMessage}) {
    const bool staged = kind == HookKind::kPreCommit;
    const auto hook = install_hook(kind);
    if (!hook.ok()) return fail(hook.error());
    const std::string path = visible(hook->path);
    const std::string does = staged ? "which scans what is staged before each commit"
                                    : "which scans the message of each commit";
    switch (hook->outcome) {
      case HookOutcome::kInstalled:
        remark("installed " + path + ", " + does);
        break;
      case HookOutcome::kChained:
        remark("installed " + path + ", " + does + "; the hook that was there is now " +
               visible(hook->before) + " and runs after it");
        break;
      case HookOutcome::kThere:
        remark(path + (staged ? " scans what is staged already" : " scans messages already"));
        break;
    }
  }
  return kExitOk;
}

/// The option that is about a repository; empty: none is.
std::string repository_option(const Options& options) {
  if (options.install_hook) return "--install-hook";
  if (options.staged) return "--staged";
  return options.history ? "--history" : "";
}

/// Of a collection that nobody ever had nothing would be found, whatever is there.
Result<void> check_there(Context& context, const Scanner& scanner, const std::string& collection) {
  if (scanner.values() + scanner.short_values() + scanner.guarded_values() != 0) return {};
  if (collection == kDefaultCollection) return {};
  const auto all = context.client().all_collections();
  if (!all.ok()) return all.error();
  if (std::ranges::find(*all, collection, &Collection::name) != all->end()) return {};
  return Error{Reason::kNotFound, "there is no collection `" + visible(collection) +
                                      "`; `tacit list --collections` shows those that are"};
}

Result<ScanReport> scan_wanted(Scanner& scanner, const Options& options) {
  if (!options.message.empty()) return scan_message(scanner, options.message);
  if (options.staged) return scan_staged(scanner);
  if (options.history) return scan_history(scanner);
  return scan_tree(scanner, options.paths.empty() ? std::vector<std::string>{"."} : options.paths);
}

int run_scan(Context& context, const Options& options) {
  if (const std::string who = repository_option(options); !who.empty()) {
    if (auto there = need_repository(who); !there.ok()) return fail(there.error());
  }
  if (options.install_hook) return run_install_hooks();
  std::optional<std::string> collection;
  if (context.options.collection_given || context.options.global) {
    auto named = context.collection();
    if (!named.ok()) return fail(named.error());
    if (auto valid = check_name(*named, "collection"); !valid.ok()) return fail(valid.error());
    collection = std::move(*named);
  }
  // Everything in the collection is asked for in one question; of all collections nothing is.
  Use use;
  if (collection) use.items.push_back({*collection, {}});
  auto scanner = with_session(context, use,
                              [&](Client& client) { return Scanner::begin(client, collection); });
  if (!scanner.ok()) return fail(scanner.error());
  if (collection) {
    if (auto there = check_there(context, *scanner, *collection); !there.ok()) {
      return fail(there.error());
    }
  }
  const auto found = scan_wanted(*scanner, options);
  if (!found.ok()) return fail(found.error());
  return report(context, *found, *scanner);
}

}  // namespace

Action define_scan(CLI::App& app) {
  auto options = std::make_shared<Options>();
  auto* paths = app.add_option("PATH", options->paths, "Files and folders [the working folder]");
  paths->type_name("");
  auto* staged = app.add_flag("--staged", options->staged, "What the next git commit would add");
  auto* history = app.add_flag("--history", options->history, "Everything in all commits of git's");
  auto* message = add_path(app, "--message", options->message,
                           "The message of a commit, as a commit-msg hook gets it");
  auto* hook = app.add_flag("--install-hook", options->install_hook,
                            "Have git scan what is staged, and the message, at each commit");
  staged->excludes(paths, history, message, hook);
  history->excludes(paths, message, hook);
  message->excludes(paths, hook);
  hook->excludes(paths);
  return [options](Context& context) { return run_scan(context, *options); };
}

}  // namespace tacit::cli
