#include "cli/user_secrets/arguments.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "cli/suggest.h"

namespace tacit::cli {
namespace {

struct VerbWords {
  std::string_view name;
  std::size_t least;
  std::size_t most;
  std::string_view usage;
};

constexpr std::array<VerbWords, 7> kVerbs{{{"init", 0, 0, "init"},
                                           {"set", 1, 2, "set KEY [VALUE]"},
                                           {"get", 1, 1, "get KEY"},
                                           {"list", 0, 0, "list"},
                                           {"delete", 1, 1, "delete KEY"},
                                           {"clear", 0, 0, "clear"},
                                           {"info", 0, 0, "info"}}};

Error usage(const std::string& message) {
  return {Reason::kInvalidArgument, message + "; see `user-secrets --help`"};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `-5`, `-1.5`: for argparse an argument where there is no such option.
bool is_negative_number(std::string_view text) {
  text.remove_prefix(1);
  const auto point = std::min(text.find('.'), text.size());
  const auto whole = text.substr(0, point);
  const auto behind = text.substr(std::min(point + 1, text.size()));
  if (!std::ranges::all_of(whole, is_digit) || !std::ranges::all_of(behind, is_digit)) return false;
  return point == text.size() ? !whole.empty() : !behind.empty();
}

bool is_option(std::string_view text) {
  return text.size() > 1 && text.front() == '-' && !is_negative_number(text);
}

/// The folder of `-pDIR` or `--project=DIR`.
std::optional<std::string> folder_in(std::string_view text) {
  constexpr std::string_view kLong = "--project=";
  if (text.starts_with(kLong)) return std::string(text.substr(kLong.size()));
  if (text.starts_with("-p") && text.size() > 2) return std::string(text.substr(2));
  return {};
}

Result<void> check_verb(const UserSecretsArguments& parsed) {
  const auto verb = std::ranges::find(kVerbs, std::string_view(parsed.verb), &VerbWords::name);
  if (verb == kVerbs.end()) {
    std::vector<std::string_view> names;
    names.reserve(kVerbs.size());
    for (const VerbWords& one : kVerbs) names.push_back(one.name);
    const auto nearest = suggest(parsed.verb, names);
    return usage("there is no such verb" +
                 (nearest ? "; did you mean `" + std::string(*nearest) + "`?" : std::string()));
  }
  if (parsed.words.size() >= verb->least && parsed.words.size() <= verb->most) return {};
  return usage(std::string(parsed.words.size() < verb->least ? "too few" : "too many") +
               " arguments; say user-secrets " + std::string(verb->usage));
}

}  // namespace

Result<UserSecretsArguments> parse_user_secrets(std::span<const std::string> arguments) {
  UserSecretsArguments parsed;
  bool options = true;
  bool verb_seen = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (options && argument == "--") {
      options = false;
    } else if (options && (argument == "-h" || argument == "--help")) {
      parsed.help = true;
    } else if (options && (argument == "-p" || argument == "--project")) {
      if (++i == arguments.size()) return usage(argument + " needs a folder");
      parsed.folder = arguments[i];
    } else if (options && is_option(argument)) {
      parsed.folder = folder_in(argument);
      if (!parsed.folder) {
        return usage(
            "an unknown option; a value that begins with - goes behind --, or comes by standard "
            "input");
      }
    } else if (!verb_seen) {
      parsed.verb = argument;
      verb_seen = true;
    } else {
      parsed.words.push_back(argument);
    }
  }
  if (parsed.help || !verb_seen) return parsed;
  if (auto good = check_verb(parsed); !good.ok()) return good.error();
  return parsed;
}

}  // namespace tacit::cli
