// `tacit collection list|create|rename|delete|inherit`.
#include <algorithm>
#include <memory>
#include <optional>

#include "cli/authorization.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "cli/text_parts.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

/// The collection is an argument of these verbs, so that `-c` beside it would be a second one.
Result<void> only_argument(const Context& context) {
  if (!context.options.collection_given) return {};
  return Error{Reason::kInvalidArgument, "the collection is named as an argument here, not by -c"};
}

std::string quoted(const std::string& name) { return "`" + visible(name) + "`"; }

int fail_about(const std::string& name, const Error& error, const std::string& advice = "") {
  if (error.code == Reason::kInvalidArgument) return fail(error);
  return fail({error.code, quoted(name) + ": " + error.message + advice});
}

Result<void> print_list(const Context& context, const std::vector<Collection>& all) {
  if (context.options.json) {
    JsonWriter json;
    json.begin_array();
    for (const Collection& one : all) {
      json.begin_object();
      json.member("name", one.name);
      json.member("items", one.item_count);
      if (!one.parent.empty()) json.member("inherits_from", one.parent);
      if (one.profile) json.member("profile", true);
      if (!one.project_id.empty()) json.member("project", one.project_id);
      json.end_object();
    }
    json.end_array();
    return print(json.take().bytes());
  }
  std::string text;
  for (const Collection& one : all) {
    text += visible(one.name) + ": " + counted(one.item_count, "secret", "secrets");
    if (!one.parent.empty()) text += ", inherits from " + visible(one.parent);
    if (!one.project_id.empty()) text += ", project " + visible(one.project_id);
    text += "\n";
  }
  return print(text);
}

int run_list(Context& context) {
  if (const auto alone = only_argument(context); !alone.ok()) return fail(alone.error());
  const auto all = with_session(context, [](Client& client) { return client.all_collections(); });
  return all.ok() ? finish(print_list(context, *all)) : fail(all.error());
}

/// `{"name": ...}` and what else there is to tell, with --json.
Result<void> print_done(const Context& context, const std::string& name,
                        const std::optional<std::uint64_t>& deleted = {}) {
  if (!context.options.json) return {};
  JsonWriter json;
  json.begin_object();
  json.member("name", name);
  if (deleted) json.member("deleted_items", *deleted);
  json.end_object();
  return print(json.take().bytes());
}

int run_create(Context& context, const std::string& name) {
  if (const auto alone = only_argument(context); !alone.ok()) return fail(alone.error());
  const auto made =
      with_session(context, [&](Client& client) { return client.create_collection(name); });
  return made.ok() ? finish(print_done(context, name)) : fail_about(name, made.error());
}

int run_rename(Context& context, const std::string& name, const std::string& new_name) {
  if (const auto alone = only_argument(context); !alone.ok()) return fail(alone.error());
  const auto renamed = with_session(
      context, [&](Client& client) { return client.rename_collection(name, new_name); });
  if (renamed.ok()) return finish(print_done(context, new_name));
  const bool taken = renamed.error().code == Reason::kAlreadyExists;
  return fail_about(taken ? new_name : name, renamed.error());
}

struct DeleteOptions {
  std::string name;
  bool with_items = false;
  CredentialSource source;
};

int run_delete(Context& context, const DeleteOptions& options) {
  if (const auto alone = only_argument(context); !alone.ok()) return fail(alone.error());
  const auto attempt = [&](const Credential* authorization) {
    return with_session(context, [&](Client& client) {
      return client.delete_collection(options.name, options.with_items, authorization);
    });
  };
  // Whether it has a policy, and a credential is needed, the daemon knows.
  auto deleted = attempt(nullptr);
  if (!deleted.ok() && deleted.error().code == Reason::kWrongCredential) {
    const auto authorization = authorize(context, options.source);
    if (!authorization.ok()) return fail(authorization.error());
    deleted = attempt(&*authorization);
  }
  if (!deleted.ok()) {
    const bool full = deleted.error().code == Reason::kNotEmpty && !options.with_items;
    return fail_about(options.name, deleted.error(),
                      full ? " (--with-items purges its secrets)" : "");
  }
  if (context.options.json) return finish(print_done(context, options.name, *deleted));
  if (*deleted != 0) remark("deleted with " + counted(*deleted, "secret", "secrets"));
  return kExitOk;
}

struct InheritOptions {
  std::string name;
  std::string parent;
  bool none = false;
};

int run_inherit(Context& context, const InheritOptions& options) {
  if (const auto alone = only_argument(context); !alone.ok()) return fail(alone.error());
  if (options.none == !options.parent.empty()) {
    return fail_usage("collection inherit: say the collection to inherit from, or --none");
  }
  std::optional<std::string_view> parent;
  if (!options.none) parent = options.parent;
  const auto done =
      with_session(context, [&](Client& client) { return client.inherit(options.name, parent); });
  return done.ok() ? finish(print_done(context, options.name))
                   : fail_about(options.name, done.error());
}

void add_collection(CLI::App& app, std::string& name) {
  add_name(app, name, "NAME", "The collection");
}

}  // namespace

Action define_collection_list(CLI::App&) {
  return [](Context& context) { return run_list(context); };
}

Action define_collection_create(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  add_name(app, *name, "NAME", "The new collection; X/P is the profile P of X and inherits from X");
  return [name](Context& context) { return run_create(context, *name); };
}

Action define_collection_rename(CLI::App& app) {
  auto names = std::make_shared<std::pair<std::string, std::string>>();
  add_collection(app, names->first);
  add_name(app, names->second, "NEW", "Its new name");
  return [names](Context& context) { return run_rename(context, names->first, names->second); };
}

Action define_collection_delete(CLI::App& app) {
  auto options = std::make_shared<DeleteOptions>();
  add_collection(app, options->name);
  app.add_flag("--with-items", options->with_items, "Purge its secrets with every version");
  options->source.add_to(app);
  return [options](Context& context) { return run_delete(context, *options); };
}

Action define_collection_inherit(CLI::App& app) {
  auto options = std::make_shared<InheritOptions>();
  add_collection(app, options->name);
  app.add_option("PARENT", options->parent, "Where what it lacks is looked for")->type_name("");
  app.add_flag("--none", options->none, "It inherits no more; a profile again from its project");
  return [options](Context& context) { return run_inherit(context, *options); };
}

}  // namespace tacit::cli
