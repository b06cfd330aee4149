// `tacit import`: what other stores hold, checked value by value.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/import/transfer.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/session_gate.h"
#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

struct Options {
  std::string format;
  std::string source;
  bool dry_run = false;
  bool replace = false;
  bool keep = false;
  bool delete_source = false;
};

/// `work(progress)` with a line that shows it.
template <class Work>
auto showing(std::string_view doing, Work&& work) {
  Progress line{std::string(doing)};
  return work([&line](std::size_t done, std::size_t total) { line.show(done, total); });
}

Result<ImportSource> open_source(const Options& options) {
  if (options.format == "env-secrets") return open_env_secrets(options.source);
  if (options.format == "env") return open_env_file(options.source);
  if (options.format == "dotnet") return open_dotnet(options.source);
  if (options.format == "json") return open_json(options.source);
  if (options.format == "pass") {
    return showing("decrypting", [&](const ImportProgress& progress) {
      return open_pass(options.source, progress);
    });
  }
  return Error{Reason::kInvalidArgument, "`" + visible(options.format) +
                                             "` is no format; say env-secrets, env, dotnet, pass "
                                             "or json"};
}

bool stored(const Options& options, const PlannedItem& planned) {
  if (options.dry_run || planned.state == ImportState::kSame) return false;
  return planned.state == ImportState::kNew || options.replace;
}

Result<void> print_json(const Options& options, const std::vector<PlannedItem>& plan) {
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  for (const PlannedItem& planned : plan) {
    json.begin_object();
    json.member("collection", planned.where.collection);
    json.member("name", planned.where.name);
    json.member("state", import_state_name(planned.state));
    json.member("stored", stored(options, planned));
    json.end_object();
  }
  json.end_array();
  json.member("dry_run", options.dry_run);
  json.member("source_deleted", options.delete_source && !options.dry_run);
  json.end_object();
  return print(json.take().bytes());
}

std::size_t count(const std::vector<PlannedItem>& plan, ImportState state) {
  return static_cast<std::size_t>(std::ranges::count(plan, state, &PlannedItem::state));
}

Result<void> print_text(const Options& options, const std::vector<PlannedItem>& plan) {
  std::string text;
  if (options.dry_run) {
    for (const PlannedItem& planned : plan) {
      std::string line(import_state_name(planned.state));
      line.resize(11, ' ');
      text += line + visible(shown_name(planned.where)) + "\n";
    }
    return print(text);
  }
  const std::size_t different = count(plan, ImportState::kDifferent);
  text = std::to_string(std::ranges::count_if(
             plan, [&](const PlannedItem& planned) { return stored(options, planned); })) +
         " stored and checked, " + std::to_string(count(plan, ImportState::kSame)) +
         " there already";
  if (different > 0 && !options.replace) {
    text += ", " + std::to_string(different) + " with another value left as they are";
  }
  return print(text + (options.delete_source ? "; source deleted\n" : "\n"));
}

/// Nothing is stored while it is open what becomes of values that are there.
Result<void> check_different(const Options& options, const std::vector<PlannedItem>& plan) {
  if (options.dry_run || options.replace || (options.keep && !options.delete_source)) return {};
  constexpr std::size_t kMostNames = 10;
  std::string names;
  std::size_t different = 0;
  for (const PlannedItem& planned : plan) {
    if (planned.state != ImportState::kDifferent) continue;
    if (++different <= kMostNames) {
      names += (different == 1 ? "" : ", ") + visible(shown_name(planned.where));
    }
  }
  if (different == 0) return {};
  if (different > kMostNames) names += " and " + std::to_string(different - kMostNames) + " more";
  return Error{Reason::kAlreadyExists,
               "these are in the vault with another value: " + names +
                   "; nothing was stored; --replace takes the source's (older versions stay), "
                   "--keep leaves the vault's, and with those the source"};
}

Result<void> carry_out(Context& context, const Options& options, const ImportSource& source,
                       const std::vector<PlannedItem>& plan) {
  auto done = showing("storing", [&](const ImportProgress& progress) {
    return store_import(context, plan, options.replace, progress);
  });
  if (!done.ok()) return done;
  done = showing("checking", [&](const ImportProgress& progress) {
    return verify_import(context, plan, options.replace, progress);
  });
  if (!done.ok() || !options.delete_source) return done;
  return delete_source(source);
}

int run_import(Context& context, const Options& options) {
  auto source = open_source(options);
  if (!source.ok()) return fail(source.error());
  if (options.delete_source && !source->keeps.empty()) {
    return fail(Error{Reason::kInvalidArgument, "the source cannot be deleted: " + source->keeps});
  }
  const GlobalOptions& global = context.options;
  if (global.collection_given || global.global || !global.profile.empty()) {
    for (ImportItem& item : source->items) item.collection.reset();
  }
  const auto collection = context.collection();
  if (!collection.ok()) return fail(collection.error());
  for (const std::string& text : source->remarks) remark(text);
  const auto plan = showing("comparing", [&](const ImportProgress& progress) {
    return plan_import(context, std::move(source->items), *collection, progress);
  });
  if (!plan.ok()) return fail(plan.error());
  if (auto clear = check_different(options, *plan); !clear.ok()) return fail(clear.error());
  if (!options.dry_run) {
    if (auto done = carry_out(context, options, *source, *plan); !done.ok()) {
      return fail(done.error());
    }
  }
  return finish(context.options.json ? print_json(options, *plan) : print_text(options, *plan));
}

}  // namespace

Action define_import(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("FORMAT", options->format, "env-secrets, env, dotnet, pass or json")
      ->required()
      ->type_name("");
  app.add_option("SOURCE", options->source,
                 "A path; env-secrets and dotnet: an id; json: - is standard input")
      ->type_name("");
  app.add_flag("--dry-run", options->dry_run, "Say what would happen, by name, and do nothing");
  auto* replace =
      app.add_flag("--replace", options->replace, "Store values that differ from the vault's");
  app.add_flag("--keep", options->keep, "Leave those as they are in the vault")->excludes(replace);
  app.add_flag("--delete-source", options->delete_source,
               "Delete the source once every value was read back and compared");
  return [options](Context& context) { return run_import(context, *options); };
}

}  // namespace tacit::cli
