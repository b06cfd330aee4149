// `tacit run`: becomes the command, with secrets in its environment; or stands before it, where its
// output is to be masked or it is to be restarted.
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <cerrno>
#include <cstring>
#include <memory>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/mask_patterns.h"
#include "cli/options.h"
#include "cli/run/sealed_file.h"
#include "cli/run/settings.h"
#include "cli/run/supervisor.h"
#include "cli/session_gate.h"
#include "cli/text_parts.h"
#include "cli/time_text.h"

namespace tacit::cli {
namespace {

/// Whatever goes wrong before exec exits 125, so that it is told from the command's own codes.
int fail_run(std::string_view message) {
  complain(message);
  return kExitRunFailure;
}

/// From now on this process, which the command takes over, may read nothing else.
Result<void> narrow(Context& context, const Use& use) {
  auto narrowed = with_session(
      context, use, [&](Client& client) { return client.narrow(use.items, use.lifetime); });
#ifdef __linux__
  // What loses its parents stays below the command, and so in the narrowed tree.
  if (narrowed.ok() && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
    return Error{Reason::kInternal, std::string("PR_SET_CHILD_SUBREAPER: ") + std::strerror(errno)};
  }
#endif
  return narrowed;
}

class RunCommand {
 public:
  RunCommand(Context& context, const RunOptions& options) : context_(context), options_(options) {}

  int run() {
    if (context_.command.empty()) {
      return fail_run("no command to run; say `tacit run -e VARIABLE=NAME -- COMMAND ...`");
    }
    auto wanted = parse_wanted(context_, options_);
    if (!wanted.ok()) return fail_run(wanted.error().message);
    wanted_ = std::move(*wanted);
    auto place = find_place(context_, wanted_);
    if (!place.ok()) return fail_run(place.error().message);
    place_ = std::move(*place);
    if (auto checked = find_granted(); !checked.ok()) {
      return fail_run("--grant: " + checked.error().message);
    }
    if (options_.watch) {
      if (auto watched = watch(); !watched.ok()) {
        return fail_run("--watch: " + watched.error().message);
      }
    }
    std::vector<std::string> skipped;
    auto settings = read_settings({&context_, nullptr, [](const auto& text) { complain(text); }},
                                  wanted_, place_, options_, &skipped);
    if (!settings.ok()) {
      // Without a reason of its own each secret was told.
      if (settings.error().code != Reason::kUnspecified) return fail_run(settings.error().message);
      return fail_run("`" + context_.command.front() + "` was not started");
    }
    settings_ = std::move(*settings);
    if (!skipped.empty()) {
      remark("not given, since no variable can be called that: " + joined(skipped) +
             "; an attribute `env` names the variable");
    }
    return start();
  }

 private:
  Result<void> find_granted() {
    const auto lifetime = parse_lifetime(options_.ttl);
    if (!lifetime.ok()) return lifetime.error();
    granted_.lifetime = std::chrono::milliseconds(*lifetime);
    for (const std::string& name : options_.granted) {
      auto reference = whole_item(in_place(wanted_, name));
      if (!reference.ok()) return reference.error();
      if (reference->collection.empty()) reference->collection = place_.collection;
      granted_.items.push_back({reference->collection, reference->name});
    }
    return {};
  }

  /// Before anything is read, so that no change is missed.
  Result<void> watch() {
    if (auto unlocked = ensure_unlocked(context_); !unlocked.ok()) return unlocked;
    auto watch = ChangeWatch::start(to_watch(context_.client(), wanted_, place_));
    if (!watch.ok()) return watch.error();
    watch_.emplace(std::move(*watch));
    return {};
  }

  int start() {
    auto first = prepare();
    if (!first.ok()) {
      complain(first.error().message);
      return fail_run("`" + context_.command.front() + "` was not started");
    }
    if (!options_.mask && !options_.watch) {
      // The command is this process, so its own connection is good.
      if (!granted_.items.empty()) {
        first->launch.narrow = [this] { return narrow(context_, granted_); };
      }
      return first->launch.become();
    }
    if (options_.mask) tell_what_is_too_short();
    Supervision how;
    how.mask = options_.mask;
    how.watch = watch_ ? &*watch_ : nullptr;
    how.renew = [this](const auto& say) { return renew(say); };
    return supervise(std::move(*first), how);
  }

  Result<Run> prepare() const {
    Run run;
    run.launch.command = context_.command;
    run.launch.environment = Environment(environ);
    for (const Setting& each : settings_) {
      if (options_.mask && each.secret) {
        for (MaskForm& form : masked_forms(each.value)) run.forms.push_back(std::move(form));
      }
      if (each.as == GivenAs::kVariable) {
        auto set = run.launch.environment.set(each.variable, each.value);
        if (!set.ok()) return set.error();
        continue;
      }
      auto file = sealed_file(each.value);
      if (!file.ok()) return file.error();
      if (each.as == GivenAs::kInput) {
        run.launch.input = std::move(*file);
      } else {
        run.launch.files.push_back({each.variable, std::move(*file)});
      }
    }
    if (!granted_.items.empty()) {
      // In the command's own process, by a connection of its own: what is narrowed is that process
      // and its descendants, and not this one.
      run.launch.narrow = [this] {
        Context own;
        own.options = context_.options;
        return narrow(own, granted_);
      };
    }
    return run;
  }

  void tell_what_is_too_short() const {
    std::vector<std::string> names;
    for (const Setting& each : settings_) {
      if (!each.secret || each.value.empty() || !masked_forms(each.value).empty()) continue;
      names.push_back(each.as == GivenAs::kInput ? "--stdin" : each.variable);
    }
    if (!names.empty()) remark("not masked, since they have under 4 bytes: " + joined(names));
  }

  /// The terminal is the command's, so nobody is asked on it.
  std::optional<Run> renew(const std::function<void(const std::string&)>& say) {
    Client client;
    auto settings = read_settings(
        {nullptr, &client,
         [&](const std::string& text) { say(text + "; the command runs on with what it has"); }},
        wanted_, place_, options_, nullptr);
    if (!settings.ok()) {
      // Locked again, or gone: the next change tells.
      if (settings.error().code == Reason::kInvalidArgument) say(settings.error().message);
      return {};
    }
    // Without it the command would start broken, if it did; what is more is seen once it is back.
    if (const auto gone = gone_from(settings_, *settings); !gone.empty()) {
      say("deleted: " + joined(gone) + "; the command runs on with what it has");
      return {};
    }
    const auto names = changed(settings_, *settings);
    if (names.empty()) return {};
    std::swap(settings_, *settings);
    auto run = prepare();
    if (!run.ok()) {
      say(run.error().message + "; the command runs on with what it has");
      std::swap(settings_, *settings);
      return {};
    }
    say("changed: " + joined(names) + "; `" + context_.command.front() + "` is restarted");
    return std::move(*run);
  }

  Context& context_;
  const RunOptions& options_;
  Wanted wanted_;
  Place place_;
  Use granted_;
  std::vector<Setting> settings_;
  std::optional<ChangeWatch> watch_;
};

}  // namespace

Action define_run(CLI::App& app) {
  auto options = std::make_shared<RunOptions>();
  const auto many = [&app](const char* option, std::vector<std::string>& into, const char* text) {
    return app.add_option(option, into, text)->allow_extra_args(false);
  };
  many("-e,--env", options->variables,
       "Set VAR to a secret's value (a name or a reference); may be given again")
      ->type_name("VAR=REF");
  many("--only", options->only,
       "These, each in the variable that its attribute `env` or name tells")
      ->type_name("NAME,...")
      ->delimiter(',');
  many("--file", options->files, "Set VAR to the path of a file in memory with the value")
      ->type_name("VAR=REF");
  app.add_option("--stdin", options->input, "The value on standard input")
      ->type_name("REF")
      ->check(not_empty());
  many("--env-file", options->env_files, "Variables of a plain .env; values may be references")
      ->type_name("FILE");
  app.add_option("--profile", options->profile, "The project's secrets of this profile")
      ->type_name("NAME")
      ->check(not_empty());
  app.add_flag("--keep-env", options->keep_env,
               "What is in the environment already comes before secrets");
  app.add_flag("--mask", options->mask, "Hide the values in what the command prints");
  app.add_flag("--watch", options->watch, "Restart the command when one of its secrets changes");
  app.add_flag("--ask", options->ask, "Ask for secrets that are not there, and store them");
  auto* grant = many("--grant", options->granted,
                     "All that the command and its descendants may read by themselves");
  grant->type_name("NAME,...")->delimiter(',');
  app.add_option("--ttl", options->ttl, "How long, with --grant [15m]")
      ->type_name("TIME")
      ->needs(grant);
  return [options](Context& context) { return RunCommand(context, *options).run(); };
}

}  // namespace tacit::cli
