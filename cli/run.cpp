// `tacit run`: becomes the command, with secrets in its environment.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <set>
#include <vector>

#include "cli/command.h"
#include "cli/environment.h"
#include "cli/exit_code.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "cli/utf8.h"

namespace tacit::cli {
namespace {

constexpr std::size_t kMaxBindings = 1000;  // of one GetBatch

struct Options {
  std::vector<std::string> bindings;
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

Result<Values> fetch(Context& context, const std::vector<Reference>& references) {
  if (references.empty()) return Values{};
  return with_session(context, [&](Client& client) -> Result<Values> {
    auto values = client.get_batch(references);
    if (!values.ok()) return values;
    // What stands in the way of one of them stands in the way of all; mended, they are asked
    // for again.
    for (const auto& value : *values) {
      if (!value.ok() &&
          (value.error().code == Reason::kLocked || value.error().code == Reason::kNoVault)) {
        return value.error();
      }
    }
    return values;
  });
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
  const auto values = fetch(context, wanted->references);
  if (!values.ok()) return fail_run(values.error().message);

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
  return execute(environment, context.command);
}

}  // namespace

Action define_run(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("-e,--env", options->bindings,
                 "Set VAR to a secret's value (a name or a reference); may be given again")
      ->type_name("VAR=REF")
      ->allow_extra_args(false);
  return [options](Context& context) { return run_run(context, *options); };
}

}  // namespace tacit::cli
