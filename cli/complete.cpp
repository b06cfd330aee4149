#include "cli/complete.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <optional>

#include "cli/dispatch.h"
#include "cli/generator.h"
#include "cli/text_parts.h"

namespace tacit::cli {
namespace {

using Words = std::span<const std::string>;

/// What a place on the command line takes.
enum class Takes {
  kAnything,
  kSecret,
  kSecrets,    ///< `A,B`
  kReference,  ///< `VAR=REF`, or REF alone
  kCollection,
  kProfile,
  kToken,
  kFile,
  kFolder,
  kProgram,
};

struct Place {
  Takes takes = Takes::kAnything;
  std::vector<std::string> choices;
  bool several = false;  ///< choices, as `A,B`
};

struct LabelRule {
  std::string_view family;  ///< first word of the verb; empty: any
  std::string_view label;   ///< of an option's value or of a positional, or the option
  Takes takes;
};
/// The first that fits counts.
constexpr std::array kLabels{
    LabelRule{"", "FILE", Takes::kFile},
    LabelRule{"", "PATH", Takes::kFile},
    LabelRule{"", "SOURCE", Takes::kFile},
    LabelRule{"", "FOLDER", Takes::kFolder},
    LabelRule{"", "PROGRAM", Takes::kProgram},
    LabelRule{"", "NAME,...", Takes::kSecrets},
    LabelRule{"", "REF", Takes::kReference},
    LabelRule{"", "VAR=REF", Takes::kReference},
    LabelRule{"collection", "NAME", Takes::kCollection},
    LabelRule{"collection", "PARENT", Takes::kCollection},
    LabelRule{"project", "PROJECT", Takes::kCollection},
    LabelRule{"token", "--client-secret", Takes::kSecret},
    LabelRule{"token", "--username", Takes::kAnything},
    LabelRule{"token", "--check-username", Takes::kAnything},
    LabelRule{"token", "NAME", Takes::kToken},
    LabelRule{"rename", "NEW", Takes::kSecret},
    LabelRule{"", "NAME", Takes::kSecret},
};

struct ChoiceRule {
  std::string_view family;
  std::string_view label;
  std::string_view choices;  ///< with blanks between
  bool several = false;
};
constexpr std::array kChoices{
    ChoiceRule{"import", "FORMAT", "env-secrets env dotnet pass json"},
    ChoiceRule{"slot", "KIND", "passphrase recovery-key key-file"},
    ChoiceRule{"policy", "POLICY", "open ask confirm pinned deny"},
    ChoiceRule{"", "VERB", "read write list"},
    ChoiceRule{"", "VERB,...", "read write list", true},
    ChoiceRule{"set", "--expires", "keep never 30d 90d 365d"},
    ChoiceRule{"generate", "--expires", "never 30d 90d 365d"},
    ChoiceRule{"copy", "--for", "45s 2m never"},
};

std::string_view first_word(std::string_view name) { return name.substr(0, name.find(' ')); }

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(at), text.size());
    if (end != 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// A check of CLI11's for one of several words says so in braces behind the label.
std::vector<std::string> checked_choices(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{');
  const std::size_t close = type.rfind('}');
  if (open == std::string::npos || close == std::string::npos || close < open) return {};
  return split(std::string_view(type).substr(open + 1, close - open - 1), ',');
}

std::string own_label(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

Place place_of(std::string_view family, std::string_view option_name, std::string_view label,
               const CLI::Option& option) {
  const auto applies = [&](std::string_view rule_family, std::string_view rule_label) {
    return (rule_family.empty() || rule_family == family) &&
           (rule_label == label || rule_label == option_name);
  };
  Place place;
  place.choices = checked_choices(option);
  if (!place.choices.empty()) return place;
  if (label == "ALPHABET") {
    for (const std::string_view name : alphabet_names()) place.choices.emplace_back(name);
    return place;
  }
  if (option_name == "--collection") return {Takes::kCollection, {}, false};
  if (option_name == "--profile") return {Takes::kProfile, {}, false};
  for (const ChoiceRule& rule : kChoices) {
    if (applies(rule.family, rule.label)) {
      return {Takes::kAnything, split(rule.choices, ' '), rule.several};
    }
  }
  if (label.find('|') != std::string_view::npos) {
    return {Takes::kAnything, split(label, '|'), false};
  }
  for (const LabelRule& rule : kLabels) {
    if (applies(rule.family, rule.label)) return {rule.takes, {}, false};
  }
  return place;
}

/// A line of a description, without what would break the shell's reading.
std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  std::ranges::replace(text, '\t', ' ');
  return text;
}

class Completer {
 public:
  Completer(std::span<const Command> commands, Words words, const CompletionNames& names)
      : commands_(commands),
        before_(words.first(words.size() - 1)),
        typed_(words.back()),
        names_(names) {}

  Completion run() {
    const std::size_t at = find_verb(before_);
    if (at >= before_.size()) {
      no_verb_yet();
      return std::move(found_);
    }
    std::string name = before_[at];
    std::size_t behind = at + 1;
    if (name == "help") {
      offer_verbs(false);
      return std::move(found_);
    }
    const bool second = behind < before_.size();
    if (second && find(name + " " + before_[behind]) != nullptr) name += " " + before_[behind++];
    const Command* const command = find(name);
    if (!second) offer_members(name);
    if (command != nullptr) arguments_of(*command, behind);
    return std::move(found_);
  }

 private:
  const Command* find(std::string_view name) const {
    const auto found = std::ranges::find(commands_, name, &Command::name);
    return found == commands_.end() ? nullptr : &*found;
  }

  void offer(std::string word, std::string description = {}) {
    if (word.starts_with(typed_)) {
      found_.candidates.push_back({std::move(word), one_line(std::move(description))});
    }
  }

  /// `before` stands before what is looked for, and stays.
  void offer_all(const std::vector<std::string>& words, const std::string& before) {
    for (const std::string& word : words) offer(before + word);
  }

  void no_verb_yet() {
    const std::string last = before_.empty() ? "" : before_.back();
    if (last == "-c" || last == "--collection" || last == "--profile") {
      fill({last == "--profile" ? Takes::kProfile : Takes::kCollection, {}, false}, "");
      return;
    }
    for (const std::string_view option : {"--collection=", "--profile="}) {
      if (!typed_.starts_with(option)) continue;
      const bool profile = option == "--profile=";
      fill({profile ? Takes::kProfile : Takes::kCollection, {}, false}, std::string(option));
      return;
    }
    if (typed_.starts_with("-")) {
      offer("--collection", "The collection");
      offer("--global", "The default collection, in a project's folder too");
      offer("--profile", "That profile of the collection");
      offer("--json", "Print JSON");
      offer("--no-input", "Never ask; fail instead");
      offer("--help", "This help");
      offer("--version", "The version");
      return;
    }
    offer_verbs(true);
  }

  void offer_verbs(bool help_too) {
    std::string_view family;
    for (const Command& command : commands_) {
      const std::string_view word = first_word(command.name);
      if (word == family || command.group.empty()) continue;
      family = word;
      const Command* const itself = find(word);
      std::string about(itself != nullptr ? itself->summary : "");
      if (itself == nullptr) {
        for (const Command& member : commands_) {
          if (first_word(member.name) != word) continue;
          about += (about.empty() ? "" : ", ") + std::string(member.name.substr(word.size() + 1));
        }
      }
      offer(std::string(word), about);
    }
    if (help_too) offer("help", "the verbs, or one of them");
  }

  void offer_members(std::string_view family) {
    for (const Command& command : commands_) {
      if (command.name.size() > family.size() && first_word(command.name) == family) {
        offer(std::string(command.name.substr(family.size() + 1)), std::string(command.summary));
      }
    }
  }

  void arguments_of(const Command& command, std::size_t behind) {
    const Words given = before_.subspan(behind);
    if (command.takes_command && std::ranges::find(given, "--") != given.end()) {
      found_.kind = CompletionKind::kCommands;
      return;
    }
    CLI::App app;
    app.set_help_flag("-h,--help", "This help");
    GlobalOptions globals;
    (void)command.define(app);
    add_everywhere(app, globals);
    const std::string_view family = first_word(command.name);
    if (const CLI::Option* const option = waiting(app, given)) {
      fill(place_of(family, "--" + first_name(*option), own_label(*option), *option), "");
      return;
    }
    if (const std::size_t equals = typed_.find('=');
        typed_.starts_with("--") && equals != std::string::npos) {
      if (const CLI::Option* const option = app.get_option_no_throw(typed_.substr(0, equals))) {
        fill(place_of(family, "--" + first_name(*option), own_label(*option), *option),
             typed_.substr(0, equals + 1));
      }
      return;
    }
    if (typed_.starts_with("-")) {
      offer_options(app);
      return;
    }
    if (const auto [positional, number] = next_positional(app, given); positional != nullptr) {
      // `policy set [NAME] POLICY` is one of CLI11's.
      const bool policy_too = own_label(*positional) == "POLICY";
      const bool named = number == 0;
      if (named) fill(place_of(family, "", positional->get_name(true), *positional), "");
      if (policy_too || !named) {
        const std::string label = policy_too ? "POLICY" : positional->get_name(true);
        fill(place_of(family, "", label, *positional), "");
      }
    }
    if (command.takes_command) offer("--", "the command stands behind it");
  }

  static std::string first_name(const CLI::Option& option) {
    return option.get_lnames().empty() ? "" : option.get_lnames().front();
  }

  static bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

  static const CLI::Option* named(const CLI::App& app, const std::string& word) {
    if (word.size() < 2 || word.front() != '-' || word == "--") return nullptr;
    return app.get_option_no_throw(word);
  }

  /// The option whose value is being typed.
  static const CLI::Option* waiting(const CLI::App& app, Words given) {
    if (given.empty() || std::ranges::find(given, "--") != given.end()) return nullptr;
    const CLI::Option* const last = named(app, given.back());
    return last != nullptr && takes_value(*last) ? last : nullptr;
  }

  struct Positional {
    const CLI::Option* option = nullptr;
    std::size_t number = 0;  ///< of its values, from 0
  };
  /// The one that the next word without a dash goes to.
  static Positional next_positional(const CLI::App& app, Words given) {
    std::size_t words = 0;
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (given[i].starts_with("-") && given[i].size() > 1) {
        const CLI::Option* const option = named(app, given[i]);
        if (option != nullptr && takes_value(*option)) ++i;
      } else {
        ++words;
      }
    }
    for (const CLI::Option* option : app.get_options()) {
      if (!option->get_positional()) continue;
      const auto most = static_cast<std::size_t>(option->get_items_expected_max());
      if (words < most) return {option, words};
      words -= most;
    }
    return {};
  }

  void offer_options(const CLI::App& app) {
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) {
        offer("--" + name, option->get_description());
      }
      if (typed_ == "-" && option->get_lnames().empty()) {
        for (const std::string& name : option->get_snames()) {
          offer("-" + name, option->get_description());
        }
      }
    }
  }

  /// `before`: what of the word is no part of the value.
  void fill(const Place& place, std::string before) {
    if (!place.choices.empty()) {
      if (place.several) before += up_to_last(',', before.size());
      offer_all(place.choices, before);
      return;
    }
    switch (place.takes) {
      case Takes::kAnything:
        break;
      case Takes::kSecret:
        secrets(before);
        break;
      case Takes::kSecrets:
        secrets(before + up_to_last(',', before.size()));
        break;
      case Takes::kReference:
        secrets(before + up_to_first('=', before.size()));
        break;
      case Takes::kCollection:
        offer_all(names_.collections(), before);
        break;
      case Takes::kProfile:
        profiles(before);
        break;
      case Takes::kToken:
        offer_all(names_.tokens(), before);
        break;
      case Takes::kFile:
      case Takes::kProgram:
        found_.kind = CompletionKind::kFiles;
        break;
      case Takes::kFolder:
        found_.kind = CompletionKind::kFolders;
        break;
    }
  }

  std::string up_to_last(char mark, std::size_t from) const {
    const std::size_t at = typed_.rfind(mark);
    return at == std::string::npos || at < from ? "" : typed_.substr(from, at + 1 - from);
  }
  std::string up_to_first(char mark, std::size_t from) const {
    const std::size_t at = typed_.find(mark, from);
    return at == std::string::npos ? "" : typed_.substr(from, at + 1 - from);
  }

  /// Names, or, once a reference was begun, references.
  void secrets(const std::string& before) {
    const std::string scheme(kReferenceScheme);
    const std::string text = typed_.substr(std::min(before.size(), typed_.size()));
    if (!text.starts_with(scheme)) {
      offer_all(names_.secrets(before_), before);
      return;
    }
    for (const std::string& collection : names_.collections()) {
      Reference all;
      all.collection = collection;
      all.name = "x";
      std::string start = to_string(all);
      start.pop_back();
      if (!text.starts_with(start)) {
        offer(before + start);
        if (!found_.candidates.empty()) found_.kind = CompletionKind::kUnfinished;
        continue;
      }
      const std::vector<std::string> words{"-c", collection};
      for (const std::string& name : names_.secrets(words)) {
        Reference one;
        one.collection = collection;
        one.name = name;
        offer(before + to_string(one));
      }
    }
  }

  void profiles(const std::string& before) {
    for (const std::string& collection : names_.collections()) {
      const std::size_t slash = collection.find('/');
      if (slash == std::string::npos) continue;
      const std::string name = before + collection.substr(slash + 1);
      const auto same = [&](const Candidate& one) { return one.word == name; };
      if (std::ranges::none_of(found_.candidates, same)) offer(name);
    }
  }

  std::span<const Command> commands_;
  Words before_;
  std::string typed_;
  const CompletionNames& names_;
  Completion found_;
};

}  // namespace

Completion complete(std::span<const Command> commands, Words words, const CompletionNames& names) {
  const std::string nothing;
  if (words.empty()) return Completer(commands, std::span(&nothing, 1), names).run();
  return Completer(commands, words, names).run();
}

}  // namespace tacit::cli
