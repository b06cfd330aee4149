// `tacit policy set|show|explain`: what guards a collection or an item.
#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "cli/access_view.h"
#include "cli/authorization.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "cli/metadata_view.h"
#include "cli/options.h"
#include "cli/question_text.h"
#include "cli/session_gate.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

/// `-c` was given, and not left at its default.
bool names_collection(const CLI::App& app) { return app.count("--collection") > 0; }

Error which_subject() {
  return {Reason::kInvalidArgument, "which? say NAME, or -c COLLECTION for a whole collection"};
}

Result<Subject> item(const Context& context, const std::string& name) {
  const auto reference = whole_item(context.resolve(name));
  if (!reference.ok()) return reference.error();
  return Subject{reference->collection, reference->name};
}

/// No name: the collection of `-c`.
Result<Subject> subject_of(const Context& context, const CLI::App& app, const std::string& name) {
  if (!name.empty()) return item(context, name);
  if (!names_collection(app)) return which_subject();
  return Subject{context.options.collection, {}};
}

std::string in_words(const Subject& subject) {
  return subject.name ? "`" + visible(*subject.name) + "`"
                      : "the collection `" + visible(subject.collection) + "`";
}

Error about_subject(const Subject& subject, const Error& error) {
  switch (error.code) {
    case Reason::kNotFound:
    case Reason::kPolicyDenied:
    case Reason::kUserDenied:
    case Reason::kNoPrompter:
      return {error.code, in_words(subject) + ": " + error.message};
    default:
      return error;
  }
}

struct SetOptions {
  std::vector<std::string> words;  ///< [NAME] [POLICY]
  std::vector<std::string> verbs;
  std::vector<std::string> programs;
  bool tripwire = false;
  bool no_tripwire = false;
  CredentialSource source;
};

struct WhatToSet {
  Subject subject;
  PolicyChange change;
};

Result<WhatToSet> parse(const Context& context, const CLI::App& app, const SetOptions& options) {
  WhatToSet what;
  if (options.tripwire || options.no_tripwire) what.change.tripwire = options.tripwire;
  const auto& words = options.words;
  std::optional<Policy> policy;
  if (!words.empty()) policy = policy_from_name(words.back());
  const bool last_is_policy = policy && (words.size() == 2 || names_collection(app));
  if (words.size() == 2 && !policy) {
    return Error{Reason::kInvalidArgument, "`" + visible(words.back()) +
                                               "` is no policy; say open, ask, confirm, pinned or "
                                               "deny"};
  }
  if (words.size() == 1 && policy && !last_is_policy) return which_subject();
  const std::size_t names = words.size() - (last_is_policy ? 1 : 0);
  auto subject = subject_of(context, app, names == 0 ? "" : words.front());
  if (!subject.ok()) return subject.error();
  what.subject = std::move(*subject);

  auto verbs = verbs_from_names(options.verbs, {Verb::kRead, Verb::kWrite});
  if (!verbs.ok()) return verbs.error();
  if (last_is_policy) {
    for (const Verb verb : *verbs) what.change.policies.push_back({verb, *policy});
  } else if (!options.verbs.empty() || (options.programs.empty() && !what.change.tripwire)) {
    return Error{Reason::kInvalidArgument, "which policy? say open, ask, confirm, pinned or deny"};
  }
  if (!options.programs.empty()) {
    what.change.pinned.emplace();
    for (const std::string& program : options.programs) {
      auto path = program_path(program);
      if (!path.ok()) return path.error();
      what.change.pinned->push_back(std::move(*path));
    }
  } else if (last_is_policy && *policy == Policy::kPinned) {
    remark("only the programs that were listed before may; list them with --program PATH");
  }
  if (what.change.tripwire && !what.subject.name) {
    return Error{Reason::kInvalidArgument, "a decoy is one secret: say its NAME"};
  }
  return what;
}

int run_set(Context& context, const CLI::App& app, const SetOptions& options) {
  const auto what = parse(context, app, options);
  if (!what.ok()) return fail(what.error());
  const auto change = [&](const Credential* authorization) {
    return with_session(context, [&](Client& client) {
      return client.set_policy(what->subject, what->change, authorization);
    });
  };
  // Tightening needs no passphrase; whether this loosens, the daemon knows.
  auto done = change(nullptr);
  if (!done.ok() && done.error().code == Reason::kWrongCredential) {
    const auto authorization = authorize(context, options.source);
    if (!authorization.ok()) return fail(authorization.error());
    done = change(&*authorization);
  }
  if (!done.ok()) return fail(about_subject(what->subject, done.error()));
  for (std::size_t i = 0; i < options.programs.size(); ++i) {
    remark_on_program(options.programs[i], (*what->change.pinned)[i]);
  }
  return kExitOk;
}

void write(JsonWriter& json, std::string_view key, const std::vector<VerbPolicy>& policies) {
  json.key(key);
  json.begin_object();
  for (const VerbPolicy& one : policies) json.member(verb_name(one.verb), policy_name(one.policy));
  json.end_object();
}

void write(JsonWriter& json, const Subject& subject) {
  json.member("collection", subject.collection);
  if (subject.name) json.member("name", *subject.name);
}

Result<void> print_policy(const Context& context, const Subject& subject, const PolicyView& view) {
  if (context.options.json) {
    JsonWriter json;
    json.begin_object();
    write(json, subject);
    write(json, "own", view.own);
    write(json, "effective", view.effective);
    json.key("pinned");
    json.begin_array();
    for (const std::string& program : view.pinned) json.string(program);
    json.end_array();
    json.end_object();
    return print(json.take().bytes());
  }
  std::string text;
  for (const VerbPolicy& one : view.effective) {
    std::string line = std::string(verb_name(one.verb)) + ":";
    line.resize(8, ' ');
    line += policy_name(one.policy);
    const auto own = std::ranges::find(view.own, one.verb, &VerbPolicy::verb);
    if (own != view.own.end() && own->policy != one.policy) {
      line += " (itself " + std::string(policy_name(own->policy)) + ")";
    }
    text += line + "\n";
  }
  for (const std::string& program : view.pinned) text += "pinned: " + visible(program) + "\n";
  return print(text);
}

int run_show(Context& context, const CLI::App& app, const std::string& name) {
  const auto subject = subject_of(context, app, name);
  if (!subject.ok()) return fail(subject.error());
  Use use{Verb::kList, {}};
  if (subject->name) use.items.push_back({subject->collection, *subject->name});
  const auto view =
      with_session(context, use, [&](Client& client) { return client.get_policy(*subject); });
  if (!view.ok()) return fail(about_subject(*subject, view.error()));
  return finish(print_policy(context, *subject, *view));
}

struct ExplainOptions {
  std::string name;
  std::string verb = "read";
  std::int64_t pid = 0;
};

Result<void> print_explanation(const Context& context, const Subject& subject, Verb verb,
                               const Explanation& explanation) {
  if (context.options.json) {
    JsonWriter json;
    json.begin_object();
    write(json, subject);
    json.member("verb", verb_name(verb));
    json.member("verdict", explanation.verdict);
    json.member("rule", explanation.rule);
    json.key("asker");
    write_asker(json, explanation.asker);
    json.end_object();
    return print(json.take().bytes());
  }
  return print(visible(explanation.verdict) + ": " + visible(explanation.rule) + "\n" +
               asker_lines(explanation.asker));
}

int run_explain(Context& context, const CLI::App& app, const ExplainOptions& options) {
  const auto subject = subject_of(context, app, options.name);
  if (!subject.ok()) return fail(subject.error());
  const auto verbs = verbs_from_names({options.verb}, {});
  if (!verbs.ok()) return fail(verbs.error());
  const Verb verb = verbs->front();
  const auto explanation = with_session(
      context, [&](Client& client) { return client.explain(*subject, verb, options.pid); });
  if (!explanation.ok()) return fail(about_subject(*subject, explanation.error()));
  return finish(print_explanation(context, *subject, verb, *explanation));
}

constexpr const char* kSubject = "The secret's name, or tacit://COLLECTION/NAME; without it, -c";

}  // namespace

Action define_policy_set(CLI::App& app) {
  auto options = std::make_shared<SetOptions>();
  app.add_option("NAME POLICY", options->words,
                 "The secret's name (or -c alone), and open, ask, confirm, pinned or deny")
      ->type_name("")
      ->expected(0, 2);
  add_verbs(app, options->verbs, "Only for these: read, write, list [read,write]");
  app.add_option("--program", options->programs,
                 "May, where the policy is pinned; given again for more. Replaces the list")
      ->type_name("PATH")
      ->allow_extra_args(false);
  auto* tripwire = app.add_flag("--tripwire", options->tripwire,
                                "It is a decoy: reading it locks the vault (needs the passphrase)");
  app.add_flag("--no-tripwire", options->no_tripwire, "It is none")->excludes(tripwire);
  options->source.add_to(app);
  return [options, &app](Context& context) { return run_set(context, app, *options); };
}

Action define_policy_show(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  app.add_option("NAME", *name, kSubject)->type_name("");
  return [name, &app](Context& context) { return run_show(context, app, *name); };
}

Action define_policy_explain(CLI::App& app) {
  auto options = std::make_shared<ExplainOptions>();
  app.add_option("NAME", options->name, kSubject)->type_name("");
  app.add_option("--pid", options->pid, "The process to judge [this one]")
      ->type_name("PID")
      ->check(whole_number(1, std::numeric_limits<std::int32_t>::max()));
  app.add_option("--verb", options->verb, "read, write or list [read]")->type_name("VERB");
  return [options, &app](Context& context) { return run_explain(context, app, *options); };
}

}  // namespace tacit::cli
