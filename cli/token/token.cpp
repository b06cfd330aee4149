// `tacit token login`, `get`, `status`, `revoke` and `remove`.
#include <memory>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "cli/metadata_view.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "cli/token/login.h"
#include "cli/token/token_view.h"
#include "client/cpp/terminal/display_text.h"
#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::cli {
namespace {

constexpr std::string_view kWhich = "The token's name, or tacit://COLLECTION/NAME";

struct Options {
  std::string name;
  bool browser = false;
  bool renew = false;
};

int run_login(Context& context, const Options& options) {
  const auto reference = whole_item(context.resolve(options.name));
  if (!reference.ok()) return fail(reference.error());
  const auto version = log_in(context, *reference, options.browser);
  if (!version.ok()) return fail(about(context, *reference, version.error()));
  if (context.options.json) return finish(print(stored_json(*reference, *version).bytes()));
  remark("logged in; `tacit token get " + shell_word(shown_name(*reference)) + "` gives the token");
  return kExitOk;
}

int run_get(Context& context, const Options& options) {
  const auto reference = whole_item(context.resolve(options.name));
  if (!reference.ok()) return fail(reference.error());
  const auto item =
      with_session(context, use_of(Verb::kRead, *reference), [&](Client& client) -> Result<Item> {
        if (options.renew) {
          const auto renewed =
              client.renew_token(reference->collection, reference->name, {.force = true});
          if (!renewed.ok()) return renewed.error();
        }
        auto got = client.get(reference->collection, reference->name);
        if (got.ok() && !got->metadata.token) {
          return Error{Reason::kNotToken, "the item is no token; read it with `tacit get`"};
        }
        return got;
      });
  if (!item.ok()) return fail(about(context, *reference, item.error()));
  if (!context.options.json) {
    SecretBuffer line;
    line.append(item->value.bytes());
    line.append('\n');
    return finish(print(line.bytes()));
  }
  JsonWriter json;
  json.begin_object();
  json.member("collection", item->metadata.collection);
  json.member("name", item->metadata.name);
  json.member("version", item->metadata.version);
  json.value_members(item->value.bytes());
  json.end_object();
  return finish(print(json.take().bytes()));
}

int run_status(Context& context, const Options& options) {
  std::optional<Reference> only;
  if (!options.name.empty()) {
    const auto reference = whole_item(context.resolve(options.name));
    if (!reference.ok()) return fail(reference.error());
    only = *reference;
  }
  auto tokens = with_session(context, Use{.verb = Verb::kList}, [&](Client& client) {
    if (only) return client.tokens(only->collection);
    if (context.options.collection_given) return client.tokens(context.options.collection);
    return client.tokens();
  });
  if (!tokens.ok()) return fail(tokens.error());
  if (only) {
    std::erase_if(*tokens, [&](const TokenInfo& token) { return token.item.name != only->name; });
    if (tokens->empty()) {
      return fail(about(context, *only, {Reason::kNotFound, "there is no such token"}));
    }
  }
  if (!context.options.json) {
    std::string text;
    for (const TokenInfo& token : *tokens) {
      text += token_name(token) + ": " + token_state(token) + "\n";
    }
    if (tokens->empty()) remark("there is no token; `tacit token add --help` says how to add one");
    return finish(print(text));
  }
  JsonWriter json;
  json.begin_array();
  for (const TokenInfo& token : *tokens) write_token(json, token);
  json.end_array();
  return finish(print(json.take().bytes()));
}

int run_revoke(Context& context, const Options& options) {
  const auto reference = whole_item(context.resolve(options.name));
  if (!reference.ok()) return fail(reference.error());
  if (auto open = ensure_unlocked(context); !open.ok()) return fail(open.error());
  const auto left = context.client().revoke_token(reference->collection, reference->name);
  if (!left.ok()) return fail(about(context, *reference, left.error()));
  if (!left->empty()) {
    complain("forgotten here, but not revoked by the server: " + visible(*left));
    return kExitFailure;
  }
  return kExitOk;
}

int run_remove(Context& context, const Options& options) {
  const auto reference = whole_item(context.resolve(options.name));
  if (!reference.ok()) return fail(reference.error());
  const auto removed =
      with_session(context, use_of(Verb::kWrite, *reference), [&](Client& client) -> Result<void> {
        const auto there = client.describe(reference->collection, reference->name);
        if (!there.ok()) return there.error();
        if (!there->token || there->inherited) {
          return Error{Reason::kNotToken, "the item is no token; `tacit delete` deletes it"};
        }
        // Its versions hold refresh tokens: nothing of them is to stay.
        return client.remove(reference->collection, reference->name, true);
      });
  return removed.ok() ? kExitOk : fail(about(context, *reference, removed.error()));
}

template <int (*run)(Context&, const Options&)>
Action with_name(CLI::App& app, const std::shared_ptr<Options>& options) {
  add_name(app, options->name, "NAME", std::string(kWhich));
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace

Result<std::uint64_t> log_in(Context& context, const Reference& reference, bool browser) {
  return with_session(context, use_of(Verb::kRead, reference), [&](Client& client) {
    return client.renew_token(reference.collection, reference.name,
                              {.force = true, .log_in = true, .browser = browser});
  });
}

Action define_token_login(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_flag("--browser", options->browser, "Open $BROWSER, or the desktop's, at the right page");
  return with_name<run_login>(app, options);
}

Action define_token_get(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_flag("--renew", options->renew, "Get a new one, even if this one is good still");
  return with_name<run_get>(app, options);
}

Action define_token_status(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("NAME", options->name, "Only this one [all of them]")->check(not_empty());
  return [options](Context& context) { return run_status(context, *options); };
}

Action define_token_revoke(CLI::App& app) {
  return with_name<run_revoke>(app, std::make_shared<Options>());
}

Action define_token_remove(CLI::App& app) {
  return with_name<run_remove>(app, std::make_shared<Options>());
}

}  // namespace tacit::cli
