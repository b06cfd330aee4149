// `tacit edit`: a value in the user's editor.
#include <algorithm>
#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/editor.h"
#include "cli/exit_code.h"
#include "cli/metadata_view.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "cli/time_text.h"
#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::cli {
namespace {

constexpr const char* kFileName = "value";  // a secret's own name could steer an editor

/// The item as it is; version 0: there is none yet.
Result<Item> current(Context& context, const Reference& reference) {
  auto item = with_session(context, use_of(Verb::kRead, reference), [&](Client& client) {
    return client.get(reference.collection, reference.name);
  });
  const bool token = item.ok() ? item->metadata.token : item.error().code == Reason::kRenewalNeeded;
  if (token) {
    return Error{Reason::kIsToken,
                 "a token is got from its server, not written: `tacit token login` gets it anew, "
                 "`tacit token add --replace` gives it another recipe"};
  }
  const bool inherited = item.ok() && item->metadata.collection != reference.collection;
  if (item.ok() && !inherited) return item;
  if (!item.ok() && item.error().code != Reason::kNotFound) return item;
  // What is inherited is the first text of an item of its own.
  Item fresh;
  if (inherited) fresh.value = std::move(item->value);
  return fresh;
}

/// A line's end behind it, which editors want; it is taken away again.
SecretBytes as_text(const SecretBytes& value) {
  SecretBuffer text;
  text.append(value.bytes());
  text.append('\n');
  return text.take();
}

bool same(const SecretBytes& a, const SecretBytes& b) {
  return std::ranges::equal(a.bytes(), b.bytes());
}

/// What was written is not lost with the attempt to store it.
Error kept(const Reference& reference, const SecretBytes& text, const Error& error) {
  const auto path = keep_text(kFileName, text);
  if (!path.ok()) return error;
  const std::string word = shell_word(shown_name(reference));
  return {error.code, error.message + ". Nothing was stored; what you wrote is in " + *path +
                          " until you log out: `tacit set " + word + " --from-file " + *path +
                          "` stores it, then remove it"};
}

Result<std::uint64_t> store(Context& context, const Reference& reference, const Metadata& before,
                            const SecretBytes& value) {
  SetOptions options;
  options.expected_version = before.version;
  if (before.expires > now_unix_ms()) options.expires = before.expires;
  return with_session(context, use_of(Verb::kWrite, reference), [&](Client& client) {
    return client.set(reference.collection, reference.name, value, options);
  });
}

Error changed_meanwhile(const Reference& reference) {
  return {Reason::kVersionMismatch, "`" + shown_name(reference) + "` was changed meanwhile"};
}

/// Why nothing was stored though nothing went wrong.
std::string left_as_it_was(const Reference& reference, const Item& item) {
  const std::string name = "`" + shown_name(reference) + "`";
  if (item.metadata.version != 0) return name + " was not changed";
  if (!item.value.empty()) return name + " is inherited and was not changed; nothing was stored";
  return "there is no " + name + " yet, and nothing was written; nothing was stored";
}

int run_edit(Context& context, const std::string& name) {
  context.renew_tokens = false;
  const auto reference = whole_item(context.resolve(name));
  if (!reference.ok()) return fail(reference.error());
  const auto item = current(context, *reference);
  if (!item.ok()) return fail(about(context, *reference, item.error()));
  if (!is_utf8(item->value.bytes()) || std::ranges::count(item->value.bytes(), 0) != 0) {
    return fail({Reason::kUnsupported,
                 "`" + shown_name(*reference) +
                     "` is no text, which an editor could damage; use `tacit get` and `tacit set "
                     "--from-file`"});
  }
  constexpr std::size_t kLineEnd = 1;
  const SecretBytes before = as_text(item->value);
  auto edited = edit_text(kFileName, before, kMaxValueBytes + kLineEnd);
  if (!edited.ok()) return fail(edited.error());
  if (!*edited) {
    return fail({Reason::kCancelled, "the editor removed its file; nothing was changed"});
  }
  SecretBytes& value = **edited;
  const bool unchanged = same(value, before);
  const bool ended = !value.empty() && value.bytes().back() == '\n';
  if (ended) value.truncate(value.size() - 1);
  if (unchanged || same(value, item->value)) {
    remark(left_as_it_was(*reference, *item));
    return kExitOk;
  }
  const auto version = store(context, *reference, item->metadata, value);
  if (!version.ok()) {
    const Reason code = version.error().code;
    const bool overtaken = code == Reason::kVersionMismatch || code == Reason::kAlreadyExists ||
                           (code == Reason::kNotFound && item->metadata.version != 0);
    return fail(kept(
        *reference, value,
        overtaken ? changed_meanwhile(*reference) : about(context, *reference, version.error())));
  }
  if (context.options.json) return finish(print(stored_json(*reference, *version).bytes()));
  remark((item->metadata.version == 0 ? "added: " : "changed: ") + shown_name(*reference));
  return kExitOk;
}

}  // namespace

Action define_edit(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  add_name(app, *name);
  return [name](Context& context) { return run_edit(context, *name); };
}

}  // namespace tacit::cli
