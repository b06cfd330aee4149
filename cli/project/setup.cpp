// `tacit project setup`: asks for each secret that the manifest names and the vault lacks.
#include <memory>
#include <optional>
#include <vector>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "cli/project/needs.h"
#include "cli/session_gate.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

/// What became of what was not there.
struct Done {
  std::vector<std::string> stored;
  std::vector<std::string> skipped;  ///< optional, and nothing was given
  std::vector<std::string> missing;  ///< nobody to ask, or nothing was given
};

std::string question_for(const NeededSecret& secret) {
  std::string text = visible(secret.name);
  if (!secret.description.empty()) text += " (" + visible(secret.description) + ")";
  if (secret.fallback) {
    text += " [Enter: the default]";
  } else if (!secret.required) {
    text += " [optional, Enter skips]";
  }
  return text + ": ";
}

/// None: there is none to be had.
Result<std::optional<SecretBytes>> value_for(Context& context, const NeededSecret& secret) {
  if (secret.generator) return std::optional(generate(*secret.generator));
  std::optional<SecretBytes> fallback;
  if (secret.fallback) fallback = SecretBytes::copy_of(*secret.fallback);
  Terminal* terminal = context.terminal();
  if (terminal == nullptr) return fallback;
  auto typed = terminal->ask_secret(question_for(secret));
  if (!typed.ok()) return typed.error();
  if (typed->empty()) return fallback;
  return std::optional(std::move(*typed));
}

Result<void> store(Context& context, const std::string& collection, const Need& need,
                   const SecretBytes& value) {
  SetOptions options;
  options.expected_version = need.version;
  if (!need.secret.variable.empty() && need.version == 0) {
    options.attributes = Attributes{{"env", need.secret.variable}};
  }
  const Use use{Verb::kWrite, {{collection, need.secret.name}}};
  const auto stored = with_session(context, use, [&](Client& client) {
    return client.set(collection, need.secret.name, value, options);
  });
  if (stored.ok()) return {};
  return Error{stored.error().code,
               "`" + visible(need.secret.name) + "`: " + stored.error().message};
}

Result<Done> set_up(Context& context, const ProjectNeeds& all) {
  Done done;
  for (const Need& need : all.needs) {
    if (need.state == NeedState::kThere) continue;
    const NeededSecret& secret = need.secret;
    const auto value = value_for(context, secret);
    if (!value.ok()) return value.error();
    if (!*value) {
      (secret.required ? done.missing : done.skipped).push_back(secret.name);
      continue;
    }
    const auto stored = store(context, all.target.collection, need, **value);
    if (!stored.ok()) return stored.error();
    done.stored.push_back(secret.name);
    if (context.options.json) continue;
    const bool asked = !secret.generator && context.terminal() != nullptr;
    remark((secret.generator ? "generated: "
            : asked          ? "stored: "
                             : "stored its default: ") +
           secret.name);
  }
  return done;
}

void write_names(JsonWriter& json, std::string_view key, const std::vector<std::string>& names) {
  json.key(key);
  json.begin_array();
  for (const std::string& name : names) json.string(name);
  json.end_array();
}

Result<void> report(const Context& context, const ProjectNeeds& all, const Done& done) {
  if (!context.options.json) {
    for (const std::string& name : done.missing) complain("still missing: " + name);
    if (done.stored.empty() && done.missing.empty()) {
      remark("nothing is missing in " + all.target.collection);
    }
    return {};
  }
  JsonWriter json;
  json.begin_object();
  json.member("collection", all.target.collection);
  write_names(json, "stored", done.stored);
  write_names(json, "skipped", done.skipped);
  write_names(json, "missing", done.missing);
  json.end_object();
  return print(json.take().bytes());
}

int run_setup(Context& context) {
  const auto all = project_needs(context);
  if (!all.ok()) return fail(all.error());
  const auto done = set_up(context, *all);
  if (!done.ok()) return fail(done.error());
  if (const auto told = report(context, *all, *done); !told.ok()) return fail(told.error());
  return done->missing.empty() ? kExitOk : kExitFound;
}

}  // namespace

Action define_project_setup(CLI::App&) {
  return [](Context& context) { return run_setup(context); };
}

}  // namespace tacit::cli
