// `tacit get`: one value on standard output, byte for byte.
#include <unistd.h>

#include <memory>
#include <optional>

#include "cli/ask_value.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/session_gate.h"

namespace tacit::cli {
namespace {

struct Options {
  std::string name;
  std::optional<std::string> attribute;
  std::optional<std::uint64_t> version;
  std::optional<std::string> fallback;
  bool ask = false;
  std::string prompt;
};

Result<Reference> wanted(Context& context, const Options& options) {
  auto reference = context.resolve(options.name);
  if (!reference.ok()) return reference;
  if ((options.attribute && reference->attribute) || (options.version && reference->version != 0)) {
    return Error{Reason::kInvalidArgument,
                 "the reference tells attribute or version already; say it once"};
  }
  if (options.attribute) reference->attribute = options.attribute;
  if (options.version) reference->version = *options.version;
  return reference;
}

Result<void> print_value(const SecretBytes& value) {
  if (auto printed = print(value.bytes()); !printed.ok()) return printed;
  const bool ended = !value.empty() && value.bytes().back() == '\n';
  return isatty(STDOUT_FILENO) == 1 && !ended ? print("\n") : Result<void>();
}

Result<void> print_json(const Reference& reference, std::uint64_t version, bool is_default,
                        const SecretBytes& value) {
  JsonWriter json;
  json.begin_object();
  json.member("collection", reference.collection);
  json.member("name", reference.name);
  if (reference.attribute) json.member("attribute", *reference.attribute);
  if (version != 0) json.member("version", version);
  if (is_default) json.member("default", true);
  json.value_members(value.bytes());
  json.end_object();
  return print(json.take().bytes());
}

int run_get(Context& context, const Options& options) {
  const auto reference = wanted(context, options);
  if (!reference.ok()) return fail(reference.error());

  if (options.ask) {
    if (const auto may = may_be_asked_for(*reference); !may.ok()) return fail(may.error());
  }

  std::uint64_t version = reference->version;
  auto value = with_session(
      context, use_of(Verb::kRead, *reference), [&](Client& client) -> Result<SecretBytes> {
        // Only the JSON form tells the version, which comes with the whole item.
        if (!context.options.json || reference->attribute) return client.get(*reference);
        auto item = client.get(reference->collection, reference->name, reference->version);
        if (!item.ok()) return item.error();
        version = item->metadata.version;
        return std::move(item->value);
      });
  if (options.ask && !value.ok() && value.error().code == Reason::kNotFound) {
    value = ask_and_store(context, *reference, options.prompt);
  }
  bool is_default = false;
  if (!value.ok()) {
    if (value.error().code != Reason::kNotFound || !options.fallback)
      return fail(about(context, *reference, value.error()));
    value = SecretBytes::copy_of(*options.fallback);
    is_default = true;
  }
  const auto printed = context.options.json ? print_json(*reference, version, is_default, *value)
                                            : print_value(*value);
  return finish(printed);
}

}  // namespace

Action define_get(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_name(app, options->name);
  app.add_option("--attribute", options->attribute, "Print this attribute instead of the value")
      ->type_name("KEY");
  app.add_option("--version", options->version, "An older version (see `tacit history`)")
      ->type_name("N")
      ->check(whole_number(1));
  auto* fallback =
      app.add_option("--default", options->fallback, "Print this if there is no such secret");
  auto* ask = app.add_flag("--ask", options->ask, "If there is none, ask for it and store it");
  fallback->type_name("VALUE")->excludes(ask);
  app.add_option("--prompt", options->prompt, "With --ask: what the user is told to type")
      ->type_name("TEXT")
      ->needs(ask);
  return [options](Context& context) { return run_get(context, *options); };
}

}  // namespace tacit::cli
