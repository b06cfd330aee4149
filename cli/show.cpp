// `tacit show`: all about a secret except its value.
#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/metadata_view.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "cli/time_text.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

struct Options {
  std::string name;
  std::optional<std::uint64_t> version;
};

std::string as_text(const Metadata& item) {
  std::string text;
  const auto line = [&](std::string_view label, std::string_view value) {
    std::string head(label);
    head.resize(14, ' ');
    text += head + visible(value) + "\n";
  };
  line("name:", item.name);
  line("collection:", item.collection);
  line("version:", std::to_string(item.version));
  line("size:", std::to_string(item.value_size) + (item.value_size == 1 ? " byte" : " bytes"));
  line("created:", rfc3339(item.created));
  line("modified:", rfc3339(item.modified));
  if (item.expires == 0) {
    line("expires:", "never");
  } else {
    line("expires:", rfc3339(item.expires) + (item.expires <= now_unix_ms() ? " (expired)" : ""));
  }
  if (!item.content_type.empty()) line("content type:", item.content_type);
  line("policy:", policy_name(item.policy));
  for (const auto& [key, value] : item.attributes) line("attribute:", key + "=" + value);
  return text;
}

int run_show(Context& context, const Options& options) {
  auto reference = context.resolve(options.name);
  if (!reference.ok()) return fail(reference.error());
  if (reference->attribute || (options.version && reference->version != 0)) {
    return fail_usage(
        "show takes a whole secret: leave out `?attribute`, and say the version once");
  }
  if (options.version) reference->version = *options.version;
  const auto item = with_session(context, use_of(Verb::kList, *reference), [&](Client& client) {
    return client.describe(reference->collection, reference->name, reference->version);
  });
  if (!item.ok()) return fail(about(context, *reference, item.error()));
  Result<void> printed;
  if (context.options.json) {
    JsonWriter json;
    write_metadata(json, *item);
    printed = print(json.take().bytes());
  } else {
    printed = print(as_text(*item));
  }
  return finish(printed);
}

}  // namespace

Action define_show(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_name(app, options->name);
  app.add_option("--version", options->version, "An older version")
      ->type_name("N")
      ->check(whole_number(1));
  return [options](Context& context) { return run_show(context, *options); };
}

}  // namespace tacit::cli
