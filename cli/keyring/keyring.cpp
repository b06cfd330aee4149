#include "cli/keyring/keyring.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>

#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/json.h"
#include "cli/keyring/arguments.h"
#include "cli/keyring/item.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/display_text.h"
#include "client/cpp/terminal/secret_buffer.h"
#include "tacit/package_manager.h"
#include "tacit/service_url.h"

namespace tacit::cli {
namespace {

constexpr std::string_view kHelp =
    "Usage: keyring get SERVICE USERNAME\n"
    "       keyring get SERVICE [USERNAME] --mode creds\n"
    "       keyring set SERVICE USERNAME\n"
    "       keyring del SERVICE USERNAME\n"
    "\n"
    "Passwords of Tacit's vault for programs that run `keyring`, as pip and uv do. A\n"
    "password is kept for exactly the service that was said: a URL, or HOST or\n"
    "HOST:PORT, which pip and uv try as well. They are the items of the collection\n"
    "`keyring`; see `tacit -c keyring list`.\n"
    "\n"
    "  get   print the password; exit 1, and nothing printed, where there is none\n"
    "  set   store one; typed, or read from standard input, never an argument\n"
    "  del   delete it\n"
    "\n"
    "  --mode password|creds   creds: username and password; without USERNAME the one\n"
    "                          that was changed last\n"
    "  --output plain|json     plain: a line each\n"
    "  --list-backends         the one that there is\n"
    "  --version               which Tacit this is\n"
    "\n"
    "`tacit keyring` tells which `keyring` pip and uv find, `tacit keyring enable`\n"
    "makes it this one. With --keyring-provider subprocess pip and uv run it.\n";

/// Whatever is in the way: 1 for a program that knows no more than the Python keyring's codes.
int fail_as(const Error& error) {
  (void)fail(error);
  return kExitFailure;
}

/// What switches the Python keyring off; nobody who set it expects to get a password.
bool switched_off() {
  const char* const backend = std::getenv("PYTHON_KEYRING_BACKEND");
  const std::string_view name = backend == nullptr ? "" : backend;
  return name == "keyring.backends.null.Keyring" || name == "keyring.backends.fail.Keyring";
}

/// pip and uv wait for an answer as long as it takes.
constexpr std::chrono::milliseconds kAnswers{3'000};

/// What to say of a daemon that runs and does not answer, as one that was stopped; none: it does,
/// or there is none yet. Its answers proper may take as long as the user needs.
std::optional<Error> find_stuck() {
  ClientOptions options;
  options.deadline = kAnswers;
  options.autostart = false;
  Client probe(std::move(options));
  const auto status = probe.status();
  if (status.ok() || status.error().code != Reason::kTimeout) return {};
  return Error{Reason::kTimeout, "the daemon does not answer; see `tacit doctor`"};
}

/// What can have a name; all else is not there when it is read.
bool can_be(std::string_view service, std::string_view username) {
  return check_name(keyring_item_name(service, username), "name").ok() &&
         service.find('\0') == std::string_view::npos &&
         username.find('\0') == std::string_view::npos;
}

struct Credentials {
  std::string username;
  SecretBytes password;
};

/// The newest of the service's items. None: it has none.
Result<std::optional<Metadata>> find_newest(Context& context, const std::string& service) {
  const auto found = with_session(context, Use{.verb = Verb::kList}, [&](Client& client) {
    return client.search({{kServiceAttribute, service}}, kKeyringCollection);
  });
  if (!found.ok()) {
    if (found.error().code == Reason::kNotFound) return std::optional<Metadata>();
    return found.error();
  }
  const Metadata* const newest = newest_keyring_item(*found, service);
  return newest == nullptr ? std::optional<Metadata>() : *newest;
}

/// The token that is for that server. None: there is none, or this program may not know.
Result<std::optional<TokenInfo>> find_token(Context& context, const KeyringArguments& wanted) {
  if (!parse_service_url(wanted.service)) return std::optional<TokenInfo>();
  const auto tokens = with_session(context, Use{.verb = Verb::kList},
                                   [](Client& client) { return client.tokens(); });
  if (!tokens.ok()) {
    const Reason code = tokens.error().code;
    const bool hidden = code == Reason::kPolicyDenied || code == Reason::kUserDenied ||
                        code == Reason::kNoPrompter || code == Reason::kUnsupported;
    if (hidden) return std::optional<TokenInfo>();
    return tokens.error();
  }
  const TokenInfo* const found = token_for_url(*tokens, wanted.service, wanted.username);
  return found == nullptr ? std::optional<TokenInfo>() : *found;
}

Result<std::optional<Credentials>> give(Context& context, const TokenInfo& token,
                                        const KeyringArguments& wanted) {
  auto item = with_session(
      context, Use{.verb = Verb::kRead, .items = {token.item}},
      [&](Client& client) { return client.get(token.item.collection, token.item.name); });
  if (!item.ok()) return item.error();
  const std::string& own = token.recipe.username;
  std::string username = wanted.username.value_or("");
  if (username.empty()) username = own.empty() ? std::string(kTokenUser) : own;
  return std::optional(Credentials{std::move(username), std::move(item->value)});
}

/// What is got from its server is neither set nor deleted here.
Result<void> refuse_token(Context& context, const KeyringArguments& wanted) {
  const auto token = find_token(context, wanted);
  if (!token.ok()) return token.error();
  if (!*token) return {};
  const std::string word =
      shell_word(shown_name({(*token)->item.collection, (*token)->item.name, {}, 0}));
  return Error{Reason::kIsToken, "for that server there is the token " + word +
                                     ", which is got and not stored: see `tacit token login`, or "
                                     "take it away by `tacit token remove " +
                                     word + "`"};
}

/// None: there is no such password.
Result<std::optional<Credentials>> find(Context& context, const KeyringArguments& wanted) {
  const auto token = find_token(context, wanted);
  if (!token.ok()) return token.error();
  if (*token) return give(context, **token, wanted);
  std::string username = wanted.username.value_or("");
  if (!can_be(wanted.service, username)) return std::optional<Credentials>();
  if (!wanted.username) {
    auto newest = find_newest(context, wanted.service);
    if (!newest.ok()) return newest.error();
    if (!*newest) return std::optional<Credentials>();
    username = (*newest)->attributes.at(kUsernameAttribute);
  }
  const std::string name = keyring_item_name(wanted.service, username);
  const Use use{Verb::kRead, {ItemRef{std::string(kKeyringCollection), name}}};
  auto item = with_session(context, use,
                           [&](Client& client) { return client.get(kKeyringCollection, name); });
  if (item.ok()) return std::optional(Credentials{std::move(username), std::move(item->value)});
  if (item.error().code == Reason::kNotFound) return std::optional<Credentials>();
  return item.error();
}

bool has_line_break(std::span<const unsigned char> text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c == '\n' || c == '\r'; });
}

Result<void> print_lines(const Credentials& found, bool username) {
  // What reads two lines would take a part of a password for the whole.
  if (username &&
      (has_line_break(as_bytes(found.username)) || has_line_break(found.password.bytes()))) {
    return Error{Reason::kInvalidArgument,
                 "the username or the password has a line break, which lines cannot tell; ask with "
                 "--output json"};
  }
  SecretBuffer lines;
  if (username) {
    lines.append(found.username);
    lines.append('\n');
  }
  lines.append(found.password.bytes());
  lines.append('\n');
  return print(lines.bytes());
}

Result<void> print_json(const Credentials& found, bool username) {
  if (!is_utf8(found.password.bytes())) {
    return Error{Reason::kInvalidArgument, "what is stored is no text, which JSON cannot tell"};
  }
  JsonWriter json;
  json.begin_object();
  if (username) json.member("username", found.username);
  json.key("password");
  json.string(found.password.bytes());
  json.end_object();
  return print(json.take().bytes());
}

int get(Context& context, const KeyringArguments& wanted) {
  const auto found = find(context, wanted);
  if (!found.ok()) return fail_as(found.error());
  if (!*found) return kExitFailure;
  const auto printed = wanted.json ? print_json(**found, wanted.credentials)
                                   : print_lines(**found, wanted.credentials);
  return printed.ok() ? kExitOk : fail_as(printed.error());
}

/// Typed, or all of standard input less one newline.
Result<SecretBytes> read_password(Context& context, const KeyringArguments& wanted) {
  if (isatty(STDIN_FILENO) == 1) {
    Terminal* const terminal = context.terminal();
    if (terminal == nullptr) {
      return Error{Reason::kNoPrompter,
                   "nobody can be asked for the password; " + context.how_to_be_asked()};
    }
    if (auto open = ensure_unlocked(context); !open.ok()) return open.error();
    return terminal->ask_secret("Password for " + visible(*wanted.username) + " at " +
                                visible(wanted.service) + ": ");
  }
  constexpr std::size_t kLineEnd = 1;
  auto password = read_all(STDIN_FILENO, kMaxValueBytes + kLineEnd, "standard input");
  if (!password.ok()) return password;
  if (password->empty()) {
    return Error{Reason::kInvalidArgument,
                 "no password came by standard input; nothing was stored (a newline alone is the "
                 "empty password)"};
  }
  strip_newline(*password);
  if (!is_utf8(password->bytes())) {
    return Error{Reason::kInvalidArgument, "a password is text (UTF-8); nothing was stored"};
  }
  return password;
}

int set(Context& context, const KeyringArguments& wanted) {
  if (const auto may = refuse_token(context, wanted); !may.ok()) return fail_as(may.error());
  const auto password = read_password(context, wanted);
  if (!password.ok()) return fail_as(password.error());
  const std::string name = keyring_item_name(wanted.service, *wanted.username);
  const Use use{Verb::kWrite, {ItemRef{std::string(kKeyringCollection), name}}};
  const auto stored = with_session(context, use, [&](Client& client) -> Result<std::uint64_t> {
    SetOptions options;
    options.attributes = keyring_attributes(wanted.service, *wanted.username);
    // Others stay. Who may not see them may write all the same.
    auto before = client.describe(kKeyringCollection, name);
    if (before.ok()) options.attributes->merge(before->attributes);
    return client.set(kKeyringCollection, name, *password, options);
  });
  return stored.ok() ? kExitOk : fail_as(stored.error());
}

int remove(Context& context, const KeyringArguments& wanted) {
  if (const auto may = refuse_token(context, wanted); !may.ok()) return fail_as(may.error());
  const std::string name = keyring_item_name(wanted.service, *wanted.username);
  if (can_be(wanted.service, *wanted.username)) {
    const Use use{Verb::kWrite, {ItemRef{std::string(kKeyringCollection), name}}};
    const auto removed = with_session(
        context, use, [&](Client& client) { return client.remove(kKeyringCollection, name); });
    if (removed.ok()) return kExitOk;
    if (removed.error().code != Reason::kNotFound) return fail_as(removed.error());
  }
  return fail_as({Reason::kNotFound, "there is no password of " + visible(*wanted.username) +
                                         " at " + visible(wanted.service)});
}

}  // namespace

int keyring(std::span<const std::string> arguments) {
  const auto wanted = parse_keyring(arguments);
  if (!wanted.ok()) return fail_usage(wanted.error().message);
  if (wanted->version) return finish(print("keyring of tacit " + std::string(version()) + "\n"));
  if (wanted->list_backends) return finish(print("tacit (priority: 11)\n"));
  using Operation = KeyringArguments::Operation;
  if (wanted->help || wanted->operation == Operation::kNone) return finish(print(kHelp));
  if (switched_off()) {
    if (wanted->operation == Operation::kGet) return kExitFailure;
    return fail_as({Reason::kInvalidArgument,
                    "PYTHON_KEYRING_BACKEND switches the keyring off; nothing was changed"});
  }
  if (const auto stuck = find_stuck(); stuck) return fail_as(*stuck);
  Context context;
  switch (wanted->operation) {
    case Operation::kGet:
      return get(context, *wanted);
    case Operation::kSet:
      return set(context, *wanted);
    default:
      return remove(context, *wanted);
  }
}

}  // namespace tacit::cli
