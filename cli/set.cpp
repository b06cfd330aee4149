// `tacit set`: stores a value that was typed, piped in or read from a file.
#include <unistd.h>

#include <memory>
#include <optional>
#include <vector>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/metadata_view.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "cli/time_text.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

constexpr std::string_view kKeep = "keep";  ///< --expires

struct Options {
  std::string name;
  std::string from_file;
  bool exact = false;
  bool multiline = false;
  bool if_absent = false;
  bool keep_value = false;
  std::vector<std::string> attributes;
  std::optional<std::string> content_type;
  std::optional<std::string> expires;
  std::optional<std::uint64_t> expected_version;
};

Result<SetOptions> change_of(const Options& options) {
  SetOptions change;
  if (!options.attributes.empty()) {
    auto attributes = parse_attributes(options.attributes);
    if (!attributes.ok()) return attributes.error();
    change.attributes = std::move(*attributes);
  }
  if (options.expires && *options.expires != kKeep) {
    const auto expires = parse_expiry(*options.expires, now_unix_ms());
    if (!expires.ok()) return expires.error();
    change.expires = *expires;
  }
  change.content_type = options.content_type;
  change.expected_version = options.if_absent ? 0 : options.expected_version;
  return change;
}

Error exists(const Reference& reference) {
  return {Reason::kAlreadyExists,
          "`" + reference.name + "` exists already; nothing was stored (--if-absent)"};
}

Result<SecretBytes> ask_value(Context& context, const Options& options,
                              const Reference& reference) {
  Terminal* terminal = context.terminal();
  if (terminal == nullptr) {
    return Error{Reason::kInvalidArgument,
                 "there is no value and nobody to ask for it; give it on standard input or with "
                 "--from-file, or " +
                     context.how_to_be_asked()};
  }
  if (auto open = ensure_unlocked(context); !open.ok()) return open.error();
  if (options.if_absent) {
    const auto there = context.client().describe(reference.collection, reference.name);
    if (there.ok() && !there->inherited) return exists(reference);
  }
  const std::string name = visible(reference.name);
  if (options.multiline) {
    auto lines = terminal->ask_secret_lines("Value for " + name +
                                            ", not shown; Ctrl-D on a line of its own ends it:\n");
    if (lines.ok() && !options.exact) strip_newline(*lines);
    return lines;
  }
  auto value = terminal->ask_secret("Value for " + name + ": ");
  if (!value.ok() || !value->empty()) return value;
  auto sure = terminal->confirm("Nothing was typed. Store an empty value?", false);
  if (!sure.ok()) return sure.error();
  if (*sure) return value;
  return Error{Reason::kCancelled, "nothing was stored"};
}

Result<SecretBytes> read_value(Context& context, const Options& options,
                               const Reference& reference) {
  if (!options.from_file.empty()) return read_file(options.from_file, kMaxValueBytes);
  if (isatty(STDIN_FILENO) == 1) return ask_value(context, options, reference);
  constexpr std::size_t kLineEnd = 1;  // may be stripped, so that it may come on top
  const std::size_t limit = kMaxValueBytes + (options.exact ? 0 : kLineEnd);
  auto value = read_all(STDIN_FILENO, limit, "standard input");
  if (value.ok() && !options.exact) strip_newline(*value);
  if (value.ok() && value->size() > kMaxValueBytes) {
    return Error{Reason::kValueTooLarge,
                 "the value has " + std::to_string(value->size()) +
                     " bytes; at most 768 KiB can be stored, nothing was stored"};
  }
  return value;
}

/// Stores the value with the expiry that the version has which it takes the place of: the daemon
/// gives a new value none. Looked up again if that version was replaced meanwhile.
Result<std::uint64_t> set_keeping_expiry(Client& client, const Reference& reference,
                                         const SecretBytes& value, SetOptions change) {
  constexpr int kTries = 5;
  const auto wanted = change.expected_version;
  for (int attempt = 1;; ++attempt) {
    auto before = client.describe(reference.collection, reference.name);
    if (before.ok() && before->inherited) {
      before = Error{Reason::kNotFound, "it lies in a collection above"};
    }
    if (!before.ok() && before.error().code != Reason::kNotFound) return before.error();
    change.expires.reset();
    if (before.ok() && before->expires != 0) {
      if (before->expires <= now_unix_ms()) {
        return Error{Reason::kExpired, "its expiry " + rfc3339(before->expires) +
                                           " has passed and cannot be kept; say a later one"};
      }
      change.expires = before->expires;
    }
    if (!wanted) change.expected_version = before.ok() ? before->version : 0;
    auto version = client.set(reference.collection, reference.name, value, change);
    const bool overtaken = !version.ok() && !wanted &&
                           (version.error().code == Reason::kVersionMismatch ||
                            version.error().code == Reason::kAlreadyExists);
    if (!overtaken || attempt == kTries) return version;
  }
}

int run_set(Context& context, const Options& options) {
  const auto reference = whole_item(context.resolve(options.name));
  if (!reference.ok()) return fail(reference.error());
  const auto change = change_of(options);
  if (!change.ok()) return fail(change.error());

  Result<std::uint64_t> version = Error{};
  if (options.keep_value) {
    version = with_session(context, use_of(Verb::kWrite, *reference), [&](Client& client) {
      return client.set_metadata(reference->collection, reference->name, *change);
    });
  } else {
    auto value = read_value(context, options, *reference);
    if (!value.ok()) return fail(value.error());
    version = with_session(context, use_of(Verb::kWrite, *reference), [&](Client& client) {
      if (options.expires == kKeep) return set_keeping_expiry(client, *reference, *value, *change);
      return client.set(reference->collection, reference->name, *value, *change);
    });
  }
  if (!version.ok()) {
    if (options.if_absent && version.error().code == Reason::kAlreadyExists) {
      return fail(exists(*reference));
    }
    return fail(about(context, *reference, version.error()));
  }
  if (!context.options.json) return kExitOk;
  return finish(print(stored_json(*reference, *version).bytes()));
}

}  // namespace

Action define_set(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_name(app, options->name);
  auto* from_file = add_path(app, "--from-file", options->from_file,
                             "The value is this file's content, byte for byte");
  auto* exact =
      app.add_flag("--exact", options->exact, "Keep the newline at the end of standard input");
  auto* multiline =
      app.add_flag("--multiline", options->multiline, "Type several lines; Ctrl-D ends them");
  auto* if_absent =
      app.add_flag("--if-absent", options->if_absent, "Fail if there is such a secret already");
  app.add_option("--attribute", options->attributes,
                 "Label it; may be given again. Replaces the attributes it had")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("--content-type", options->content_type, "Its MIME type")->type_name("TYPE");
  app.add_option("--expires", options->expires,
                 "90d, 12h, 2027-01-31, never or keep; a new value without it never expires")
      ->type_name("TIME");
  auto* keep =
      app.add_flag("--keep-value", options->keep_value, "Change attributes, type or expiry alone");
  keep->excludes(from_file, exact, multiline, if_absent);
  from_file->excludes(multiline);
  add_expected_version(app, options->expected_version);
  if_absent->excludes("--expected-version");
  return [options](Context& context) { return run_set(context, *options); };
}

}  // namespace tacit::cli
