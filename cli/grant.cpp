// `tacit grant`: lets a program in beforehand, for a job that nobody attends.
#include <limits>
#include <memory>

#include "cli/access_view.h"
#include "cli/authorization.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "cli/time_text.h"

namespace tacit::cli {
namespace {

struct Options {
  std::vector<std::string> names;
  std::string program;
  std::int64_t pid = 0;
  std::string lifetime;
  std::uint64_t uses = 0;
  std::vector<std::string> verbs;
  CredentialSource source;
};

Result<NewGrant> parse(const Context& context, const CLI::App& app, const Options& options) {
  NewGrant grant;
  grant.collection = context.options.collection;
  if (options.names.empty() && app.count("--collection") == 0) {
    return Error{Reason::kInvalidArgument,
                 "which secrets? say their names, or -c COLLECTION for all of one"};
  }
  for (const std::string& name : options.names) {
    const auto reference = whole_item(context.resolve_one_of_many(name));
    if (!reference.ok()) return reference.error();
    if (!grant.items.empty() && reference->collection != grant.collection) {
      return Error{Reason::kInvalidArgument,
                   "a grant is for secrets of one collection; make one for each"};
    }
    grant.collection = reference->collection;
    grant.items.push_back(reference->name);
  }
  auto verbs = verbs_from_names(options.verbs, {Verb::kRead});
  if (!verbs.ok()) return verbs.error();
  grant.verbs = std::move(*verbs);
  if (options.program.empty() == (options.pid == 0)) {
    return Error{Reason::kInvalidArgument, "for which program? say --program PATH, or --pid PID"};
  }
  if (!options.program.empty()) {
    auto path = program_path(options.program);
    if (!path.ok()) return path.error();
    grant.program = std::move(*path);
  }
  grant.pid = options.pid;
  const auto lifetime = parse_lifetime(options.lifetime);
  if (!lifetime.ok()) return lifetime.error();
  grant.lifetime = std::chrono::milliseconds(*lifetime);
  grant.uses = options.uses;
  return grant;
}

int run_grant(Context& context, const CLI::App& app, const Options& options) {
  const auto grant = parse(context, app, options);
  if (!grant.ok()) return fail(grant.error());
  if (const auto open = ensure_unlocked(context); !open.ok()) return fail(open.error());
  const auto authorization = authorize(context, options.source);
  if (!authorization.ok()) return fail(authorization.error());
  const auto id = context.client().add_grant(*authorization, *grant);
  if (!id.ok()) return fail(id.error());
  if (!options.program.empty()) remark_on_program(options.program, grant->program);
  if (!context.options.json) return finish(print("grant " + std::to_string(*id) + "\n"));
  JsonWriter json;
  json.begin_object();
  json.member("id", *id);
  json.end_object();
  return finish(print(json.take().bytes()));
}

}  // namespace

Action define_grant(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("NAME", options->names, "Secrets of one collection; without any, all of -c")
      ->type_name("");
  auto* program =
      app.add_option("--program", options->program, "The executable or script that may");
  auto* pid = app.add_option("--pid", options->pid, "The process that may, and its descendants");
  program->type_name("PATH")->excludes(pid);
  pid->type_name("PID")->check(whole_number(1, std::numeric_limits<std::int32_t>::max()));
  app.add_option("--for", options->lifetime, "How long: 30d, 12h, 15m")
      ->required()
      ->type_name("TIME");
  app.add_option("--uses", options->uses, "How often [as often as it likes]")
      ->type_name("N")
      ->check(whole_number(1));
  add_verbs(app, options->verbs, "What it may: read, write, list [read]");
  options->source.add_to(app);
  return [options, &app](Context& context) { return run_grant(context, app, *options); };
}

}  // namespace tacit::cli
