#include "cli/options.h"

#include <algorithm>
#include <charconv>

#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

Error named(const Reference& reference, const Error& error) {
  return {error.code, "`" + shown_name(reference) + "`: " + error.message};
}

/// The daemon's words are about an item of no name in no collection.
Error not_found(Context& context, const Reference& reference, const Error& error) {
  if (reference.collection == kDefaultCollection) return named(reference, error);
  Client& client = context.client();
  const auto versions = client.history(reference.collection, reference.name);
  // There is one: a version or an attribute is missing, or it was deleted.
  if (versions.ok() || versions.error().code != Reason::kNotFound) return named(reference, error);
  const auto collections = client.all_collections();
  std::string what =
      "no such item; `tacit list -c " + shell_word(reference.collection) + "` shows what is there";
  if (collections.ok()) {
    const auto place = std::ranges::find(*collections, reference.collection, &Collection::name);
    if (place == collections->end()) {
      what = "there is no collection `" + visible(reference.collection) +
             "`; `tacit list --collections` shows those that are";
    } else if (place->item_count == 0) {
      what = "no such item: the collection `" + visible(reference.collection) +
             "` is empty; `tacit set -c " + shell_word(reference.collection) + " " +
             shell_word(reference.name) + "` stores it";
    }
  }
  return {Reason::kNotFound, "`" + shown_name(reference) + "`: " + what};
}

}  // namespace

CLI::Option* add_name(CLI::App& app, std::string& name, const std::string& label,
                      const std::string& description) {
  return app.add_option(label, name, description)->required()->type_name("");
}

CLI::Option* add_path(CLI::App& app, const std::string& option, std::string& path,
                      const std::string& description) {
  // What a check answers is CLI11's message; empty: all is well.
  const auto no_path = [](const std::string& given) {
    return given.empty() ? std::string("a path is needed, and what was given is empty")
                         : std::string();
  };
  return app.add_option(option, path, description)
      ->type_name("FILE")
      ->check(CLI::Validator(no_path, ""));
}

CLI::Validator not_empty() {
  return CLI::Validator(
      [](const std::string& text) {
        return text.empty() ? std::string("a name is needed, and what was given is empty")
                            : std::string();
      },
      "");
}

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
  const auto wrong = [least, most](const std::string& text) -> std::string {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool read = error == std::errc{} && end == text.data() + text.size();
    if (read && number >= least && number <= most) return "";
    return "a whole number from " + std::to_string(least) + " is needed, not `" + visible(text) +
           "`";
  };
  return CLI::Validator(wrong, "");
}

CLI::Option* add_descriptor(CLI::App& app, const std::string& option, int& fd,
                            const std::string& description) {
  return app.add_option(option, fd, description)
      ->type_name("N")
      ->check(whole_number(0, std::numeric_limits<int>::max()));
}

void add_expected_version(CLI::App& app, std::optional<std::uint64_t>& version) {
  app.add_option("--expected-version", version, "Only if this is still the newest version")
      ->type_name("N")
      ->check(whole_number(0));
}

Result<Attributes> parse_attributes(const std::vector<std::string>& texts) {
  Attributes attributes;
  for (const std::string& text : texts) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{Reason::kInvalidArgument,
                   "`--attribute " + visible(text) + "` is no attribute; say KEY=VALUE"};
    }
    const std::string key = text.substr(0, equals);
    if (!attributes.emplace(key, text.substr(equals + 1)).second) {
      return Error{Reason::kInvalidArgument,
                   "the attribute `" + visible(key) + "` is given twice; an item has each once"};
    }
  }
  return attributes;
}

Result<Reference> whole_item(Result<Reference> reference) {
  if (reference.ok() && (reference->attribute || reference->version != 0)) {
    return Error{Reason::kInvalidArgument,
                 "this verb takes a whole secret: leave out `?attribute` and `?version`"};
  }
  return reference;
}

std::string shown_name(const Reference& reference) {
  if (reference.collection == kDefaultCollection) return reference.name;
  Reference item;
  item.collection = reference.collection;
  item.name = reference.name;
  return to_string(item);
}

std::string shell_word(const std::string& text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./:@%+=,").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::ranges::all_of(text, plain)) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

Error about(Context& context, const Reference& reference, const Error& error) {
  switch (error.code) {
    case Reason::kNotFound:
      return not_found(context, reference, error);
    case Reason::kAlreadyExists:
    case Reason::kVersionMismatch:
    case Reason::kExpired:
    case Reason::kPolicyDenied:
    case Reason::kUserDenied:
    case Reason::kNoPrompter:
    case Reason::kRenewalNeeded:
    case Reason::kLoginNeeded:
    case Reason::kRenewalFailed:
    case Reason::kIsToken:
    case Reason::kNotToken:
      return named(reference, error);
    default:
      return error;
  }
}

}  // namespace tacit::cli
