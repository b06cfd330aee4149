// `tacit restore`: an older version becomes the newest again.
#include <memory>

#include "cli/command.h"
#include "cli/metadata_view.h"
#include "cli/options.h"
#include "cli/session_gate.h"

namespace tacit::cli {
namespace {

struct Options {
  std::string name;
  std::uint64_t version = 0;
  std::optional<std::uint64_t> expected_version;
};

int run_restore(Context& context, const Options& options) {
  const auto reference = whole_item(context.resolve(options.name));
  if (!reference.ok()) return fail(reference.error());
  const auto stored = with_session(context, use_of(Verb::kWrite, *reference), [&](Client& client) {
    return client.restore(reference->collection, reference->name, options.version,
                          options.expected_version);
  });
  if (!stored.ok()) return fail(about(context, *reference, stored.error()));
  if (!context.options.json) return 0;
  return finish(print(stored_json(*reference, *stored).bytes()));
}

}  // namespace

Action define_restore(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_name(app, options->name);
  app.add_option("VERSION", options->version, "A version that `tacit history` lists")
      ->required()
      ->type_name("")
      ->check(whole_number(1));
  add_expected_version(app, options->expected_version);
  return [options](Context& context) { return run_restore(context, *options); };
}

}  // namespace tacit::cli
