// The names that a shell may offer, from a daemon that runs and is open.
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "cli/complete.h"
#include "cli/output.h"
#include "cli/project/names.h"
#include "cli/service_manager.h"
#include "cli/text_parts.h"
#include "client/cpp/terminal/display_text.h"
#include "tacit/paths.h"

namespace tacit::cli {
namespace {

using Words = std::span<const std::string>;

/// Above all of it the user still waits for the shell.
constexpr std::chrono::milliseconds kPatience{80};

/// Connecting to a socket that the service manager listens on would start the daemon.
bool daemon_runs() { return managed_socket(::getuid()).empty() || service_runs(::getuid()); }

Client quiet_client() {
  ClientOptions options;
  options.deadline = kPatience;
  options.patience = kPatience;
  options.autostart = false;
  options.renew_tokens = false;
  return Client(std::move(options));
}

/// The value of the last of these options, as `-c X`, `-cX`, `--collection X` or `--collection=X`.
std::string value_of(Words words, std::string_view letter, std::string_view name) {
  const std::string with_equals = std::string(name) + "=";
  std::string value;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") break;
    if (word == name || (!letter.empty() && word == letter)) {
      if (i + 1 < words.size()) value = words[++i];
    } else if (word.starts_with(with_equals)) {
      value = word.substr(with_equals.size());
    } else if (!letter.empty() && word.starts_with(letter) && !word.starts_with("--")) {
      value = word.substr(letter.size());
    }
  }
  return value;
}

/// As collection_of_names, but without a word and without asking anybody.
std::string collection_meant(Client& client, Words words) {
  const auto has = [&](std::string_view option) {
    return std::ranges::find(words, option) != words.end();
  };
  std::string collection = value_of(words, "-c", "--collection");
  if (collection.empty() && !has("-g") && !has("--global")) {
    std::vector<std::string> passed_by;
    const auto link = find_project(".", &passed_by);
    if (link.ok() && *link) {
      const auto folder = find_folder((*link)->folder);
      if (!folder.ok()) return "";
      const auto place = client.resolve_project({(*link)->id, *folder, {}});
      if (!place.ok() || !place->trusted()) return "";
      collection = place->collection;
    }
  }
  if (collection.empty()) collection = kDefaultCollection;
  const std::string profile = value_of(words, "", "--profile");
  return profile.empty() ? collection : collection + "/" + profile;
}

/// One line each is what a shell reads.
bool fits_a_line(const std::string& name) { return visible(name) == name; }

void keep_lines(std::vector<std::string>& names) {
  std::erase_if(names, [](const std::string& name) { return !fits_a_line(name); });
  std::ranges::sort(names);
}

std::vector<std::string> secrets(Words words) {
  if (!daemon_runs()) return {};
  Client client = quiet_client();
  const std::string collection = collection_meant(client, words);
  if (collection.empty()) return {};
  const auto items = client.list(collection, true, true);
  std::vector<std::string> names;
  if (!items.ok()) return names;
  for (const Metadata& item : *items) names.push_back(item.name);
  keep_lines(names);
  return names;
}

std::vector<std::string> collections() {
  if (!daemon_runs()) return {};
  const auto found = quiet_client().collections();
  std::vector<std::string> names;
  if (!found.ok()) return names;
  for (const CollectionInfo& one : *found) names.push_back(one.name);
  keep_lines(names);
  return names;
}

std::vector<std::string> tokens() {
  if (!daemon_runs()) return {};
  const auto found = quiet_client().tokens();
  std::vector<std::string> names;
  if (!found.ok()) return names;
  for (const TokenInfo& one : *found) {
    if (one.item.collection == kDefaultCollection) names.push_back(one.item.name);
  }
  keep_lines(names);
  return names;
}

std::string_view kind_name(CompletionKind kind) {
  switch (kind) {
    case CompletionKind::kWords:
      return "words";
    case CompletionKind::kUnfinished:
      return "unfinished";
    case CompletionKind::kFiles:
      return "files";
    case CompletionKind::kFolders:
      return "folders";
    case CompletionKind::kCommands:
      return "commands";
  }
  return "words";
}

}  // namespace

int run_complete(std::span<const Command> commands, Words words) {
  const Completion found = complete(commands, words, {secrets, collections, tokens});
  std::string text = std::string(kind_name(found.kind)) + "\n";
  for (const auto& [word, description] : found.candidates) {
    text += word + (description.empty() ? "" : "\t" + description) + "\n";
  }
  (void)print(text);
  return 0;
}

}  // namespace tacit::cli
