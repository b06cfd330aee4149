// `tacit history`: the versions that are kept, newest first.
#include <memory>

#include "cli/command.h"
#include "cli/metadata_view.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "cli/time_text.h"

namespace tacit::cli {
namespace {

int run_history(Context& context, const std::string& name) {
  const auto reference = whole_item(context.resolve(name));
  if (!reference.ok()) return fail(reference.error());
  const auto versions = with_session(context, use_of(Verb::kList, *reference), [&](Client& client) {
    return client.history(reference->collection, reference->name);
  });
  if (!versions.ok()) return fail(about(context, *reference, versions.error()));
  Result<void> printed;
  if (context.options.json) {
    JsonWriter json;
    json.begin_array();
    for (const Metadata& version : *versions) write_metadata(json, version);
    json.end_array();
    printed = print(json.take().bytes());
  } else {
    std::string text;
    for (const Metadata& version : *versions) {
      text += std::to_string(version.version) + "  " + rfc3339(version.modified) + "  " +
              (version.deleted ? "deleted" : std::to_string(version.value_size) + " bytes") + "\n";
    }
    printed = print(text);
  }
  return finish(printed);
}

}  // namespace

Action define_history(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  add_name(app, *name);
  return [name](Context& context) { return run_history(context, *name); };
}

}  // namespace tacit::cli
