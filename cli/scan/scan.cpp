// `tacit scan`: does any value of the vault stand in plain in these files?
#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/scan/blobs.h"
#include "cli/scan/hook.h"
#include "cli/scan/tree.h"
#include "cli/session_gate.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

struct Options {
  std::vector<std::string> paths;
  bool staged = false;
  bool history = false;
  bool install_hook = false;
};

int run_install_hook() {
  const auto hook = install_hook();
  if (!hook.ok()) return fail(hook.error());
  const std::string path = visible(hook->path);
  switch (hook->outcome) {
    case HookOutcome::kInstalled:
      remark("installed " + path + ", which scans what is staged before each commit");
      break;
    case HookOutcome::kChained:
      remark("installed " + path +
             ", which scans what is staged before each commit; the hook that "
             "was there is now " +
             visible(hook->before) + " and runs after it");
      break;
    case HookOutcome::kThere:
      remark(path + " scans what is staged already");
      break;
  }
  return kExitOk;
}

int run_scan(Context& context, Options& options) {
  if (options.install_hook) return run_install_hook();
  std::optional<std::string> collection;
  if (context.options.collection_given || context.options.global) {
    auto named = context.collection();
    if (!named.ok()) return fail(named.error());
    if (auto valid = check_name(*named, "collection"); !valid.ok()) return fail(valid.error());
    collection = std::move(*named);
  }
  auto scanner =
      with_session(context, [&](Client& client) { return Scanner::begin(client, collection); });
  if (!scanner.ok()) return fail(scanner.error());
  if (options.paths.empty()) options.paths.emplace_back(".");
  const auto found = options.staged    ? scan_staged(*scanner)
                     : options.history ? scan_history(*scanner)
                                       : scan_tree(*scanner, options.paths);
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
  auto* hook = app.add_flag("--install-hook", options->install_hook,
                            "Have git scan what is staged before each commit");
  staged->excludes(paths, history, hook);
  history->excludes(paths, hook);
  hook->excludes(paths);
  return [options](Context& context) { return run_scan(context, *options); };
}

}  // namespace tacit::cli
