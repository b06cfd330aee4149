// `tacit delete`: a deleted secret can be restored until it is purged.
#include <memory>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/session_gate.h"

namespace tacit::cli {
namespace {

struct Options {
  std::string name;
  bool purge = false;
  std::optional<std::uint64_t> expected_version;
};

int run_delete(Context& context, const Options& options) {
  const auto reference = whole_item(context.resolve(options.name));
  if (!reference.ok()) return fail(reference.error());
  const auto removed = with_session(context, use_of(Verb::kWrite, *reference), [&](Client& client) {
    return client.remove(reference->collection, reference->name, options.purge,
                         options.expected_version);
  });
  return removed.ok() ? 0 : fail(about(context, *reference, removed.error()));
}

}  // namespace

Action define_delete(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_name(app, options->name);
  app.add_flag("--purge", options->purge, "Also forget every older version, for good");
  add_expected_version(app, options->expected_version);
  return [options](Context& context) { return run_delete(context, *options); };
}

}  // namespace tacit::cli
