// `tacit run`: becomes the command, with secrets in its environment.
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <set>
#include <vector>

#include "cli/ask_value.h"
#include "cli/command.h"
#include "cli/environment.h"
#include "cli/exit_code.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "cli/time_text.h"

namespace tacit::cli {
namespace {

constexpr std::size_t kMaxBindings = 1000;  // of one GetBatch

struct Options {
  std::vector<std::string> bindings;
  bool ask = false;
  std::vector<std::string> granted;
  std::string ttl = "15m";
};

/// Whatever goes wrong before exec exits 125, so that it is told from the command's own codes.
int fail_run(std::string_view message) {
  complain(message);
  return kExitRunFailure;
}

struct Wanted {
  std::vector<std::string> variables;
  std::vector<Reference> references;  ///< in the same order
};

Result<Wanted> parse(const Context& context, const Options& options) {
  if (options.bindings.size() > kMaxBindings) {
    return Error{Reason::kLimit, "run takes at most 1,000 secrets"};
  }
  Wanted wanted;
  std::set<std::string> seen;
  for (const std::string& text : options.bindings) {
    auto binding = parse_binding(text);
    if (!binding.ok()) return binding.error();
    if (!seen.insert(binding->variable).second) {
      return Error{Reason::kInvalidArgument,
                   "the variable " + binding->variable + " is given twice; name it once"};
    }
    auto reference = context.resolve_one_of_many(binding->reference);
    if (!reference.ok()) {
      return Error{Reason::kInvalidArgument, binding->variable + ": " + reference.error().message};
    }
    wanted.variables.push_back(std::move(binding->variable));
    wanted.references.push_back(std::move(*reference));
  }
  return wanted;
}

using Values = std::vector<Result<SecretBytes>>;

/// Mended once, it is mended for every one of them. Without a terminal each tells by itself what it
/// needs.
bool stands_before_all(Context& context, const Error& error) {
  return error.code == Reason::kLocked || error.code == Reason::kNoVault ||
         (error.code == Reason::kNoPrompter && context.terminal() != nullptr);
}

/// One question for all of them.
Use use_of_all(const std::vector<Reference>& references) {
  Use use;
  for (const Reference& reference : references) {
    use.items.push_back({reference.collection, reference.name});
  }
  return use;
}

Result<Values> fetch(Context& context, const std::vector<Reference>& references) {
  if (references.empty()) return Values{};
  return with_session(context, use_of_all(references), [&](Client& client) -> Result<Values> {
    auto values = client.get_batch(references);
    if (!values.ok()) return values;
    // What stands in the way of one of them stands in the way of all; mended, they are asked
    // for again.
    for (const auto& value : *values) {
      if (!value.ok() && stands_before_all(context, value.error())) return value.error();
    }
    return values;
  });
}

/// With `--ask`: what is not there is asked for, one after the other.
void ask_for_missing(Context& context, const Wanted& wanted, Values& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].ok() || values[i].error().code != Reason::kNotFound) continue;
    if (!may_be_asked_for(wanted.references[i]).ok()) continue;
    values[i] = ask_and_store(context, wanted.references[i], "");
  }
}

/// From now on this process, which the command takes over, may read nothing else.
Result<void> narrow(Context& context, const Options& options) {
  const auto lifetime = parse_lifetime(options.ttl);
  if (!lifetime.ok()) return lifetime.error();
  Use use;
  for (const std::string& name : options.granted) {
    const auto reference = whole_item(context.resolve_one_of_many(name));
    if (!reference.ok()) return reference.error();
    use.items.push_back({reference->collection, reference->name});
  }
  auto narrowed = with_session(context, use, [&](Client& client) {
    return client.narrow(use.items, std::chrono::milliseconds(*lifetime));
  });
#ifdef __linux__
  // What loses its parents stays below the command, and so in the narrowed tree.
  if (narrowed.ok() && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
    return Error{Reason::kInternal, std::string("PR_SET_CHILD_SUBREAPER: ") + std::strerror(errno)};
  }
#endif
  return narrowed;
}

int execute(Environment& environment, const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  execvpe(arguments[0], arguments.data(), environment.pointers().data());
  const int error = errno;
  if (error == E2BIG) {
    const auto largest = environment.largest();
    return fail_run(
        "cannot run `" + command.front() +
        "`: its arguments and environment are more than Linux passes on" +
        (largest ? "; the largest of the values is that for " + largest->variable : std::string()) +
        "; use `tacit get` and a pipe");
  }
  complain("cannot run `" + command.front() + "`: " + std::strerror(error));
  return error == ENOENT ? kExitRunNotFound : kExitRunNotExecutable;
}

int run_run(Context& context, const Options& options) {
  if (context.command.empty()) {
    return fail_run("no command to run; say `tacit run -e VARIABLE=NAME -- COMMAND ...`");
  }
  const auto wanted = parse(context, options);
  if (!wanted.ok()) return fail_run(wanted.error().message);
  auto values = fetch(context, wanted->references);
  if (!values.ok()) return fail_run(values.error().message);
  if (options.ask) ask_for_missing(context, *wanted, *values);

  Environment environment(environ);
  bool complete = true;
  for (std::size_t i = 0; i < wanted->variables.size(); ++i) {
    const std::string& variable = wanted->variables[i];
    const auto& value = (*values)[i];
    if (!value.ok()) {
      complain(variable + ": " + about(context, wanted->references[i], value.error()).message);
      complete = false;
    } else if (const auto set = environment.set(variable, *value); !set.ok()) {
      complain(set.error().message);
      complete = false;
    }
  }
  if (!complete) return fail_run("`" + context.command.front() + "` was not started");
  if (!options.granted.empty()) {
    if (const auto narrowed = narrow(context, options); !narrowed.ok()) {
      return fail_run("--grant: " + narrowed.error().message);
    }
  }
  return execute(environment, context.command);
}

}  // namespace

Action define_run(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("-e,--env", options->bindings,
                 "Set VAR to a secret's value (a name or a reference); may be given again")
      ->type_name("VAR=REF")
      ->allow_extra_args(false);
  app.add_flag("--ask", options->ask, "Ask for secrets that are not there, and store them");
  auto* grant = app.add_option("--grant", options->granted,
                               "All that the command and its descendants may read by themselves");
  grant->type_name("NAME,...")->delimiter(',')->allow_extra_args(false);
  app.add_option("--ttl", options->ttl, "How long, with --grant [15m]")
      ->type_name("TIME")
      ->needs(grant);
  return [options](Context& context) { return run_run(context, *options); };
}

}  // namespace tacit::cli
