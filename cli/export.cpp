// `tacit export`: secrets in plain, for another program or for `tacit import json`.
#include <unistd.h>

#include <map>
#include <memory>
#include <vector>

#include "cli/authorization.h"
#include "cli/command.h"
#include "cli/env_text.h"
#include "cli/everything.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/output_file.h"
#include "cli/session_gate.h"
#include "cli/text_parts.h"
#include "cli/time_text.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

/// More `tacit import json` would not read.
constexpr std::size_t kMostBytes = std::size_t{64} << 20;
constexpr std::string_view kVariable = "env";  // the attribute, as for `tacit run`

struct Options {
  CredentialSource source;
  std::string output{kStandardStream};
  std::string format = "json";
  bool all = false;
  bool plain = false;
  bool force = false;
};

/// What is exported, and what is left out on purpose.
struct Taken {
  std::vector<Item> items;
  std::vector<std::string> expired;
  std::vector<std::string> tokens;
  std::size_t inherited = 0;
};

std::string name_of(const ItemRef& where) {
  return visible(shown_name({where.collection, where.name, {}, 0}));
}

/// What it gives is good for a while alone, and its recipe is no value.
bool is_token(const FoundItem& found) {
  return found.item.ok() ? found.item->metadata.token
                         : found.item.error().code == Reason::kRenewalNeeded;
}

/// Half of it would look like all of it: what is refused refuses the export.
Result<void> take(Context& context, const std::string& collection, Taken& taken) {
  auto found = everything(context, collection);
  if (!found.ok()) {
    return Error{found.error().code,
                 "the collection `" + visible(collection) + "`: " + found.error().message};
  }
  for (FoundItem& each : *found) {
    if (is_token(each)) {
      taken.tokens.push_back(name_of(each.where));
    } else if (each.item.ok()) {
      if (each.item->metadata.inherited) {
        ++taken.inherited;
      } else {
        taken.items.push_back(std::move(*each.item));
      }
    } else if (each.item.error().code == Reason::kExpired) {
      taken.expired.push_back(name_of(each.where));
    } else {
      return Error{
          each.item.error().code,
          "`" + name_of(each.where) + "`: " + each.item.error().message + "; nothing was exported"};
    }
  }
  return {};
}

Result<Taken> collect(Context& context, const Options& options) {
  Taken taken;
  if (!options.all) {
    const auto collection = context.collection();
    if (!collection.ok()) return collection.error();
    if (auto done = take(context, *collection, taken); !done.ok()) return done.error();
    return taken;
  }
  const auto all = with_session(context, [](Client& client) { return client.all_collections(); });
  if (!all.ok()) return all.error();
  for (const Collection& one : *all) {
    if (auto done = take(context, one.name, taken); !done.ok()) return done.error();
  }
  taken.inherited = 0;  // each stands in its own collection
  return taken;
}

void write_item(JsonWriter& json, const Item& item) {
  const Metadata& metadata = item.metadata;
  json.begin_object();
  json.member("collection", metadata.collection);
  json.member("name", metadata.name);
  json.value_members(item.value.bytes());
  time_member(json, "expires", metadata.expires);
  json.member("content_type", metadata.content_type);
  json.key("attributes");
  json.begin_object();
  for (const auto& [key, value] : metadata.attributes) json.member(key, value);
  json.end_object();
  json.end_object();
}

SecretBytes as_json(const std::vector<Item>& items) {
  JsonWriter json;
  json.begin_array();
  for (const Item& item : items) write_item(json, item);
  json.end_array();
  return json.take();
}

Result<SecretBytes> as_env(const std::vector<Item>& items) {
  SecretBuffer text;
  std::map<std::string, std::string_view> seen;
  for (const Item& item : items) {
    const Metadata& metadata = item.metadata;
    const auto named = metadata.attributes.find(std::string(kVariable));
    const std::string& variable =
        named == metadata.attributes.end() ? metadata.name : named->second;
    if (!fits_env_line(variable, item.value.bytes())) {
      return Error{Reason::kUnsupported,
                   "`" + visible(metadata.name) +
                       "` can be no line of an env file: its name is no variable's, or its value "
                       "no text; --format json takes all"};
    }
    if (const auto [there, fresh] = seen.emplace(variable, metadata.name); !fresh) {
      return Error{Reason::kInvalidArgument, "`" + visible(there->second) + "` and `" +
                                                 visible(metadata.name) +
                                                 "` are both the variable " + visible(variable)};
    }
    append_env_line(text, variable, item.value.bytes());
  }
  return text.take();
}

Result<void> check(const Context& context, const Options& options) {
  const auto wrong = [](std::string why) {
    return Error{Reason::kInvalidArgument, std::move(why)};
  };
  const GlobalOptions& global = context.options;
  const bool to_stdout = options.output == kStandardStream;
  if (options.format != "json" && options.format != "env") {
    return wrong("`" + visible(options.format) + "` is no format; say json or env");
  }
  if (options.all && (global.collection_given || global.global || !global.profile.empty())) {
    return wrong("--all is every collection; leave -c, -g and --profile out");
  }
  if (options.all && options.format == "env") {
    return wrong("an env file knows no collections; say one with -c, or --format json");
  }
  if (global.json && to_stdout && options.format == "env") {
    return wrong("--json prints JSON; leave it or --format env out");
  }
  if (to_stdout && !options.plain && ::isatty(STDOUT_FILENO) == 1) {
    return wrong(
        "this would show every value on the terminal; say -o FILE, send it to another program, or "
        "say --plain");
  }
  return {};
}

Result<void> tell(const Context& context, const Options& options, const Taken& taken) {
  if (!taken.expired.empty()) remark("left out, as it has expired: " + joined(taken.expired));
  if (!taken.tokens.empty()) {
    remark("left out, as tokens are got and not stored: " + joined(taken.tokens) +
           "; `tacit token add` adds them elsewhere");
  }
  if (taken.inherited > 0) {
    remark(counted(taken.inherited, "inherited secret is", "inherited secrets are") +
           " left out; export the collection that has them");
  }
  const bool to_stdout = options.output == kStandardStream;
  if (!to_stdout && context.options.json) {
    JsonWriter json;
    json.begin_object();
    json.member("file", options.output);
    json.member("secrets", taken.items.size());
    json.end_object();
    return print(json.take().bytes());
  }
  remark("exported " + counted(taken.items.size(), "secret", "secrets") + ", readable as they are" +
         (to_stdout ? "" : ", to " + options.output));
  return {};
}

int run_export(Context& context, const Options& options) {
  if (const auto good = check(context, options); !good.ok()) return fail(good.error());
  context.renew_tokens = false;
  const auto taken = collect(context, options);
  if (!taken.ok()) return fail(taken.error());
  const auto authorization = authorize(context, options.source);
  if (!authorization.ok()) return fail(authorization.error());
  if (const auto right = context.client().confirm_credential(
          *authorization, options.all ? "export everything in plain" : "export in plain");
      !right.ok()) {
    return fail(right.error());
  }
  const auto text =
      options.format == "env" ? as_env(taken->items) : Result<SecretBytes>(as_json(taken->items));
  if (!text.ok()) return fail(text.error());
  if (text->size() > kMostBytes) {
    return fail({Reason::kLimit,
                 "this is over 64 MiB, which `tacit import` would not read; export one collection "
                 "at a time, or make a `tacit vault backup`"});
  }
  const auto written = write_output(context, options.output, options.force, text->bytes());
  return written.ok() ? finish(tell(context, options, *taken)) : fail(written.error());
}

}  // namespace

Action define_export(CLI::App& app) {
  auto options = std::make_shared<Options>();
  auto* output =
      add_path(app, "-o,--out", options->output, "A file for you alone (0600) [standard output]");
  app.add_flag("-f,--force", options->force, "Replace the file if it is there")->needs(output);
  app.add_option("--format", options->format, "json (all of it) or env (names and values) [json]")
      ->type_name("FORMAT");
  app.add_flag("--all", options->all, "Every collection");
  app.add_flag("--plain", options->plain, "Show the values even on a terminal");
  options->source.add_to(app);
  return [options](Context& context) { return run_export(context, *options); };
}

}  // namespace tacit::cli
