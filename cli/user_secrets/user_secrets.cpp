#include "cli/user_secrets/user_secrets.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/project/id_line.h"
#include "cli/project/link.h"
#include "cli/session_gate.h"
#include "cli/user_secrets/arguments.h"
#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/display_text.h"
#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::cli {
namespace {

constexpr std::size_t kMostInABatch = 1000;

constexpr std::string_view kHelp =
    "Usage: user-secrets [-p FOLDER] VERB ...\n"
    "\n"
    "Secrets of a project, outside of its folder and encrypted.\n"
    "\n"
    "  init             make the folder a project: USER_SECRETS_ID=... in its .env\n"
    "  set KEY [VALUE]  store one; without VALUE it is typed, or read from standard input.\n"
    "                   Arguments are seen by every process and kept in the shell's history\n"
    "  get KEY          print it\n"
    "  list             every key, with the beginning of its value\n"
    "  delete KEY       delete one\n"
    "  clear            delete all of them\n"
    "  info             the folder, its .env, the id, the count\n"
    "\n"
    "  -p, --project FOLDER   the project's folder; else the one above this that has an id, or\n"
    "                         this one\n"
    "\n"
    "The same secrets by `tacit get`, `tacit run` and `tacit project` in that folder.\n";

/// A project that is ready for use.
struct Place {
  ProjectHere here;
  std::string collection;
};

/// `tacit` says 4 for what is not there; here that is 1.
int fail_as(const Error& error) {
  const int code = fail(error);
  return code == kExitNotFound ? kExitFailure : code;
}

int not_found(const std::string& key) {
  const std::string message = "Secret '" + visible(key) + "' not found.\n";
  (void)write_all(STDERR_FILENO, as_bytes(message), "standard error");
  return kExitFailure;
}

/// The project's collection, known to the vault by now.
Result<std::string> collection_of(Context& context, const ProjectHere& here) {
  auto place = with_session(
      context, [&](Client& client) { return client.resolve_project(here.reference()); });
  if (place.ok() && !place->trusted()) return untrusted(here, *place);
  if (place.ok()) return std::move(place->collection);
  if (place.error().code != Reason::kNotFound) return place.error();
  auto linked = link_project(context, here, "");
  if (!linked.ok()) return linked.error();
  return std::move(linked->collection);
}

Result<Place> place_of(Context& context, ProjectHere here) {
  auto collection = collection_of(context, here);
  if (!collection.ok()) return collection.error();
  return Place{std::move(here), std::move(*collection)};
}

/// Every verb makes the project where there is none yet.
Result<Place> prepare(Context& context, const UserSecretsArguments& arguments) {
  if (arguments.folder && ::chdir(arguments.folder->c_str()) != 0) {
    return Error{
        Reason::kInvalidArgument,
        "-p: cannot use the folder " + visible(*arguments.folder) + ": " + std::strerror(errno)};
  }
  if (auto open = ensure_unlocked(context); !open.ok()) return open.error();
  if (!arguments.folder) {
    auto here = project_here();
    if (!here.ok()) return here.error();
    if (*here) return place_of(context, std::move(**here));
  }
  // The line comes last: where the daemon refuses, nothing is left behind.
  auto planned = plan_project_id(".");
  if (!planned.ok()) return planned.error();
  auto folder = find_folder(planned->link().folder);
  if (!folder.ok()) return folder.error();
  auto place = place_of(context, {planned->link(), std::move(*folder)});
  if (!place.ok()) return place;
  if (auto written = planned->write(); !written.ok()) return written.error();
  return place;
}

/// Where python-env-secrets names its file.
Result<std::string> where(Context& context, const Place& place) {
  auto status = context.client().status();
  if (!status.ok()) return status.error();
  return visible(status->vault_path) + " (encrypted; collection " + visible(place.collection) + ")";
}

Result<std::vector<Metadata>> keys(Context& context, const Place& place) {
  return with_session(context, [&](Client& client) {
    return client.list(std::string_view(place.collection), true);
  });
}

int init(Context& context, const Place& place) {
  const auto file = where(context, place);
  if (!file.ok()) return fail_as(file.error());
  return finish(print("Initialised with USER_SECRETS_ID: " + place.here.link.id +
                      "\nSecrets file: " + *file + "\n"));
}

Result<SecretBytes> value_of(Context& context, const std::vector<std::string>& words) {
  if (words.size() == 2) return SecretBytes::copy_of(std::string_view(words[1]));
  if (isatty(STDIN_FILENO) == 1) {
    if (Terminal* terminal = context.terminal()) {
      return terminal->ask_secret("Value for " + visible(words[0]) + ": ");
    }
  }
  constexpr std::size_t kLineEnd = 1;
  auto value = read_all(STDIN_FILENO, kMaxValueBytes + kLineEnd, "standard input");
  if (value.ok()) strip_newline(*value);
  return value;
}

int set(Context& context, const Place& place, const std::vector<std::string>& words) {
  const auto value = value_of(context, words);
  if (!value.ok()) return fail_as(value.error());
  const Use use{Verb::kWrite, {ItemRef{place.collection, words[0]}}};
  const auto stored = with_session(
      context, use, [&](Client& client) { return client.set(place.collection, words[0], *value); });
  if (!stored.ok()) return fail_as(stored.error());
  return finish(print("Set secret: " + visible(words[0]) + "\n"));
}

int get(Context& context, const Place& place, const std::string& key) {
  const Use use{Verb::kRead, {ItemRef{place.collection, key}}};
  const auto item =
      with_session(context, use, [&](Client& client) { return client.get(place.collection, key); });
  if (!item.ok()) {
    return item.error().code == Reason::kNotFound ? not_found(key) : fail_as(item.error());
  }
  SecretBuffer line;
  line.append(item->value.bytes());
  line.append('\n');
  return finish(print(line.bytes()));
}

/// The first three characters of a longer value, and nothing of a shorter one.
void append_masked(SecretBuffer& text, std::span<const unsigned char> value) {
  std::size_t characters = 0;
  std::size_t end_of_three = 0;
  for (std::size_t at = 0; at < value.size() && characters < 4; ++characters) {
    if (characters == 3) end_of_three = at;
    at += std::max<std::size_t>(utf8_sequence(value.subspan(at)), 1);
  }
  if (characters > 3) {
    const auto* const begin = reinterpret_cast<const char*>(value.data());
    // So that a newline among them forges no line.
    text.append(visible(std::string_view(begin, end_of_three)));
  }
  text.append("***");
}

Result<void> append_lines(Context& context, std::span<const Metadata> items, SecretBuffer& text) {
  std::vector<Reference> references;
  for (const Metadata& item : items) {
    Reference& one = references.emplace_back();
    one.collection = item.collection;
    one.name = item.name;
  }
  const auto values =
      with_session(context, [&](Client& client) { return client.get_batch(references); });
  if (!values.ok()) return values.error();
  for (std::size_t i = 0; i < references.size(); ++i) {
    const auto& value = (*values)[i];
    if (!value.ok() && value.error().code == Reason::kNotFound) continue;  // deleted meanwhile
    text.append("  " + visible(references[i].name) + " = ");
    // One that may not be read is listed all the same.
    append_masked(text, value.ok() ? value->bytes() : std::span<const unsigned char>());
    text.append('\n');
  }
  return {};
}

int list(Context& context, const Place& place) {
  const auto items = keys(context, place);
  if (!items.ok()) return fail_as(items.error());
  if (items->empty()) return finish(print("No secrets stored.\n"));
  SecretBuffer text;
  const std::span<const Metadata> all(*items);
  for (std::size_t at = 0; at < all.size(); at += kMostInABatch) {
    const auto some = all.subspan(at, std::min(kMostInABatch, all.size() - at));
    if (auto done = append_lines(context, some, text); !done.ok()) return fail_as(done.error());
  }
  return finish(print(text.bytes()));
}

int remove(Context& context, const Place& place, const std::string& key) {
  const Use use{Verb::kWrite, {ItemRef{place.collection, key}}};
  const auto removed = with_session(
      context, use, [&](Client& client) { return client.remove(place.collection, key); });
  if (removed.ok()) return finish(print("Deleted secret: " + visible(key) + "\n"));
  return removed.error().code == Reason::kNotFound ? not_found(key) : fail_as(removed.error());
}

int clear(Context& context, const Place& place) {
  const auto cleared = with_session(
      context, [&](Client& client) { return client.clear_project(place.here.link.id); });
  if (!cleared.ok()) return fail_as(cleared.error());
  return finish(print("Cleared " + std::to_string(*cleared) + " secret(s).\n"));
}

int info(Context& context, const Place& place) {
  const auto items = keys(context, place);
  if (!items.ok()) return fail_as(items.error());
  const auto file = where(context, place);
  if (!file.ok()) return fail_as(file.error());
  return finish(print("  Project directory : " + visible(place.here.folder.path) +
                      "\n  .env file         : " + visible(place.here.link.file) +
                      "  (exists: True)\n  USER_SECRETS_ID   : " + place.here.link.id +
                      "\n  Secrets file      : " + *file +
                      "\n  Secrets count     : " + std::to_string(items->size()) + "\n"));
}

}  // namespace

int user_secrets(std::span<const std::string> arguments) {
  const auto parsed = parse_user_secrets(arguments);
  if (!parsed.ok()) return fail_usage(parsed.error().message);
  if (parsed->help || parsed->verb.empty()) return finish(print(kHelp));
  const auto& words = parsed->words;
  if (!words.empty()) {
    if (auto good = check_name(words[0], "key"); !good.ok()) return fail_as(good.error());
  }
  Context context;
  const auto place = prepare(context, *parsed);
  if (!place.ok()) return fail_as(place.error());
  if (parsed->verb == "init") return init(context, *place);
  if (parsed->verb == "set") return set(context, *place, words);
  if (parsed->verb == "get") return get(context, *place, words[0]);
  if (parsed->verb == "list") return list(context, *place);
  if (parsed->verb == "delete") return remove(context, *place, words[0]);
  if (parsed->verb == "clear") return clear(context, *place);
  return info(context, *place);
}

}  // namespace tacit::cli
