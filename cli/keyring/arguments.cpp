#include "cli/keyring/arguments.h"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace tacit::cli {
namespace {

using Operation = KeyringArguments::Operation;

Error usage(const std::string& message) {
  return {Reason::kInvalidArgument, message + "; see `keyring --help`"};
}

/// Goes through the arguments once.
class Parser {
 public:
  explicit Parser(std::span<const std::string> arguments) : rest_(arguments) {}

  Result<KeyringArguments> parse() {
    bool options = true;
    while (!rest_.empty()) {
      const std::string& argument = rest_.front();
      rest_ = rest_.subspan(1);
      if (options && argument == "--") {
        options = false;
      } else if (options && argument.size() > 1 && argument.front() == '-') {
        if (auto taken = take_option(argument); !taken.ok()) return taken.error();
      } else {
        words_.push_back(argument);
      }
    }
    if (parsed_.help || parsed_.version || parsed_.list_backends || words_.empty()) {
      return std::move(parsed_);
    }
    if (auto taken = take_words(); !taken.ok()) return taken.error();
    return std::move(parsed_);
  }

 private:
  Result<void> take_option(std::string_view argument) {
    const std::size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    if (name == "--mode" || name == "--output") {
      const bool mode = name == "--mode";
      bool& chosen = mode ? parsed_.credentials : parsed_.json;
      return take_choice(argument, equals, mode ? kModes : kOutputs, chosen);
    }
    if (argument == "-h" || argument == "--help") {
      parsed_.help = true;
    } else if (argument == "--version") {
      parsed_.version = true;
    } else if (argument == "--list-backends") {
      parsed_.list_backends = true;
    } else if (argument == "--disable") {
      return usage("this keyring is Tacit's; `tacit keyring disable` takes it out of the way");
    } else if (argument.starts_with("-b") || argument.starts_with("-p") ||
               name == "--keyring-backend" || name == "--keyring-path") {
      return usage("this keyring is Tacit's and has no other backend; leave -b and -p out");
    } else {
      return usage("an unknown option; a name that begins with - goes behind --");
    }
    return {};
  }

  /// The first of both is what counts without the option.
  using Choices = std::array<std::string_view, 2>;
  static constexpr Choices kModes{"password", "creds"};
  static constexpr Choices kOutputs{"plain", "json"};

  Result<void> take_choice(std::string_view argument, std::size_t equals, const Choices& choices,
                           bool& second) {
    std::string_view value;
    if (equals != std::string_view::npos) {
      value = argument.substr(equals + 1);
    } else if (!rest_.empty()) {
      value = rest_.front();
      rest_ = rest_.subspan(1);
    }
    if (value != choices[0] && value != choices[1]) {
      return usage(std::string(argument.substr(0, equals)) + " is " + std::string(choices[0]) +
                   " or " + std::string(choices[1]));
    }
    second = value == choices[1];
    return {};
  }

  Result<void> take_words() {
    if (words_[0] == "get") {
      parsed_.operation = Operation::kGet;
    } else if (words_[0] == "set") {
      parsed_.operation = Operation::kSet;
    } else if (words_[0] == "del") {
      parsed_.operation = Operation::kDelete;
    } else {
      return usage("say get, set or del");
    }
    const bool any_user = parsed_.operation == Operation::kGet && parsed_.credentials;
    const std::size_t least = any_user ? 2 : 3;
    if (words_.size() < least) {
      return usage(words_[0] + " wants a service" + (any_user ? "" : " and a username"));
    }
    if (words_.size() > 3) {
      return usage(parsed_.operation == Operation::kSet
                       ? "too many arguments; a password is none: it is typed, or comes by "
                         "standard input"
                       : "too many arguments");
    }
    parsed_.service = words_[1];
    if (words_.size() == 3) parsed_.username = words_[2];
    return {};
  }

  std::span<const std::string> rest_;
  std::vector<std::string> words_;
  KeyringArguments parsed_;
};

}  // namespace

Result<KeyringArguments> parse_keyring(std::span<const std::string> arguments) {
  return Parser(arguments).parse();
}

}  // namespace tacit::cli
