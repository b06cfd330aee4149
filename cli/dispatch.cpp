#include "cli/dispatch.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/complete.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/suggest.h"

namespace tacit::cli {
namespace {

std::string_view first_word(std::string_view name) { return name.substr(0, name.find(' ')); }

bool is_family(std::span<const Command> commands, std::string_view word) {
  return std::ranges::any_of(commands, [&](const Command& command) {
    return command.name.size() > word.size() && first_word(command.name) == word;
  });
}

const Command* find_command(std::span<const Command> commands, std::string_view name) {
  const auto found = std::ranges::find(commands, name, &Command::name);
  return found == commands.end() ? nullptr : &*found;
}

/// `did you mean` among the first words, or, for `slot lst`, among that family.
std::string did_you_mean(std::span<const Command> commands, std::string_view typed) {
  std::vector<std::string_view> candidates;
  for (const Command& command : commands) {
    candidates.push_back(typed.find(' ') == std::string_view::npos ? first_word(command.name)
                                                                   : command.name);
  }
  const auto nearest = suggest(typed, candidates);
  return nearest ? "did you mean `tacit " + std::string(*nearest) + "`?" : "see `tacit --help`";
}

std::string family_help(std::span<const Command> commands, std::string_view word) {
  std::string text = "Usage: tacit " + std::string(word) + " VERB ...\n\n";
  for (const Command& command : commands) {
    if (first_word(command.name) != word) continue;
    std::string name = "  tacit " + std::string(command.name);
    name.resize(std::max<std::size_t>(name.size() + 1, 32), ' ');
    text += name + std::string(command.summary) + "\n";
  }
  return text;
}

/// An option that may be named in a message: what looks like one, without what is behind `=`.
/// Anything else may be a value that was meant to be secret.
std::string option_word(const std::string& argument) {
  const std::string word = argument.substr(0, argument.find('='));
  const bool plain =
      word.size() > 2 && word.starts_with("--") &&
      std::ranges::all_of(word, [](char c) { return c == '-' || (c >= 'a' && c <= 'z'); });
  return plain ? word : "";
}

int fail_extras(const Command& command, const CLI::App& app) {
  const std::string& name = app.get_name();
  std::vector<std::string_view> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& word : option->get_lnames()) known.push_back(word);
  }
  for (const std::string& extra : app.remaining()) {
    if (const std::string word = option_word(extra); !word.empty()) {
      const auto nearest = suggest(std::string_view(word).substr(2), known);
      return fail_usage(name + " has no option " + word +
                        (nearest ? "; did you mean --" + std::string(*nearest) + "?"
                                 : "; see `" + name + " --help`"));
    }
  }
  return fail_usage(command.refusal.empty()
                        ? "too many arguments, or an unknown option; see `" + name + " --help`"
                        : std::string(command.refusal));
}

}  // namespace

CLI::Option* add_everywhere(CLI::App& app, GlobalOptions& options) {
  auto* collection =
      app.add_option("-c,--collection", options.collection,
                     "The collection [in a project's folder the project's, else default]")
          ->type_name("NAME")
          ->group("Everywhere");
  app.add_flag("-g,--global", options.global, "The default collection, in a project's folder too")
      ->excludes(collection)
      ->group("Everywhere");
  if (app.get_option_no_throw("--profile") == nullptr) {  // a verb may have its own
    app.add_option("--profile", options.profile, "That profile of the collection")
        ->type_name("NAME")
        ->check(not_empty())
        ->group("Everywhere");
  }
  app.add_flag("--json", options.json, "Print JSON")->group("Everywhere");
  app.add_flag("--no-input", options.no_input, "Never ask; fail instead")->group("Everywhere");
  return collection;
}

namespace {

int run_command(const Command& command, std::vector<std::string> arguments) {
  const std::string name = "tacit " + std::string(command.name);
  Context context;
  if (command.takes_command) {
    const auto mark = std::ranges::find(arguments, "--");
    if (mark != arguments.end()) context.command.assign(mark + 1, arguments.end());
    arguments.erase(mark, arguments.end());
  }

  std::string summary(command.summary);
  summary.front() = static_cast<char>(summary.front() - ('a' - 'A'));
  CLI::App app(summary, name);
  app.formatter(std::make_shared<HelpFormatter>(command.takes_command ? "-- COMMAND ..." : ""));
  app.set_help_flag("-h,--help", "This help");
  const Action action = command.define(app);
  const CLI::Option* collection = add_everywhere(app, context.options);
  app.footer("Examples:\n" + std::string(command.examples));

  const auto wrong = [&](int code) { return command.takes_command ? kExitRunFailure : code; };
  try {
    std::ranges::reverse(arguments);  // as CLI11 wants them
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return finish(print(app.help()));
  } catch (const CLI::ExtrasError&) {
    return wrong(fail_extras(command, app));
  } catch (const CLI::ParseError& error) {
    return wrong(fail_usage(std::string(command.name) + ": " + error.what() + "; see `" + name +
                            " --help`"));
  }
  context.options.collection_given = collection->count() != 0;
  return action(context);
}

}  // namespace

std::size_t find_verb(std::span<const std::string> arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.empty() || argument.front() != '-') return i;
    // Their values are no verb.
    if (argument == "-c" || argument == "--collection" || argument == "--profile") ++i;
  }
  return arguments.size();
}

std::string overview(std::span<const Command> commands) {
  std::string text =
      "Usage: tacit [-c COLLECTION | -g] [--profile P] [--json] [--no-input] VERB ...\n\n";
  std::string_view group;
  std::string_view family;
  for (const Command& command : commands) {
    const std::string_view word = first_word(command.name);
    const bool member = word.size() < command.name.size();
    const std::string member_name(member ? command.name.substr(word.size() + 1) : "");
    if (member && word == family) {  // on the line of its family
      const bool verb_itself = find_command(commands, word) != nullptr;
      std::string more = (verb_itself ? "; " : ", ") + member_name;
      const std::size_t line = text.size() - 1 - (text.rfind('\n', text.size() - 2) + 1);
      constexpr std::size_t kWidth = 79;  // and a comma behind it
      if (line + more.size() > kWidth) more = ",\n" + std::string(22, ' ') + member_name;
      text.insert(text.size() - 1, more);
      continue;
    }
    family = word;
    // A group begins by its name, without an empty line: the whole is to fit a screen.
    std::string line(command.group == group ? "" : command.group);
    line.resize(10, ' ');
    group = command.group;
    line += word;
    line.resize(line.size() + 12 - word.size(), ' ');
    text += line + (member ? member_name : std::string(command.summary)) + "\n";
  }
  return text +
         "\n`tacit VERB --help` has examples. NAME may be tacit://COLLECTION/NAME?version=N.\n";
}

int dispatch(std::span<const Command> commands, std::vector<std::string> arguments) {
  const std::size_t at = find_verb(arguments);
  const std::span before(arguments.data(), at);
  const auto has = [&](std::string_view option) {
    return std::ranges::find(before, option) != before.end();
  };
  if (has("--version")) return finish(print("tacit " + std::string(version()) + "\n"));
  if (at == arguments.size() || has("--help") || has("-h")) {
    if (has("--help") || has("-h") || arguments.empty()) return finish(print(overview(commands)));
    return fail_usage("which verb? see `tacit --help`");
  }

  std::string name = arguments[at];
  std::size_t words = 1;
  if (name == kCompleteVerb && at == 0) {
    return run_complete(commands, std::span(arguments).subspan(1));
  }
  if (name == "help" && find_command(commands, name) == nullptr) {
    // `tacit help get` is `tacit get --help`.
    if (at + 1 == arguments.size()) return finish(print(overview(commands)));
    arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(at));
    arguments.push_back("--help");
    return dispatch(commands, std::move(arguments));
  }
  const bool more = at + 1 < arguments.size();
  // `grants` is a verb of its own and has members.
  const bool itself = find_command(commands, name) != nullptr &&
                      (!more || find_command(commands, name + " " + arguments[at + 1]) == nullptr);
  if (is_family(commands, name) && !itself) {
    if (!more || arguments[at + 1] == "--help" || arguments[at + 1] == "-h") {
      const auto shown = print(family_help(commands, name));
      return shown.ok() && !more ? kExitUsage : finish(shown);
    }
    name += " " + arguments[at + 1];
    words = 2;
  }
  const Command* command = find_command(commands, name);
  if (command == nullptr) {
    return fail_usage("there is no verb `" + name + "`; " + did_you_mean(commands, name));
  }
  const auto verb = arguments.begin() + static_cast<std::ptrdiff_t>(at);
  arguments.erase(verb, verb + static_cast<std::ptrdiff_t>(words));
  return run_command(*command, std::move(arguments));
}

}  // namespace tacit::cli
