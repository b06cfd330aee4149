// `tacit rename`: another name or collection; history goes with it.
#include <memory>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/session_gate.h"

namespace tacit::cli {
namespace {

struct Options {
  std::string name;
  std::string new_name;
  bool force = false;
  std::optional<std::uint64_t> expected_version;
};

int run_rename(Context& context, const Options& options) {
  const auto from = whole_item(context.resolve(options.name));
  if (!from.ok()) return fail(from.error());
  const auto to = whole_item(context.resolve_one_of_many(options.new_name));
  if (!to.ok()) return fail(to.error());
  const std::vector<Reference> both{*from, *to};
  const auto renamed = with_session(context, use_of(Verb::kWrite, both), [&](Client& client) {
    return client.rename(from->collection, from->name, to->collection, to->name, options.force,
                         options.expected_version);
  });
  if (renamed.ok()) return 0;
  if (renamed.error().code == Reason::kAlreadyExists) {
    return fail({Reason::kAlreadyExists, "`" + shown_name(*to) + "`: " + renamed.error().message +
                                             " (--force purges what is there)"});
  }
  return fail(about(context, *from, renamed.error()));
}

}  // namespace

Action define_rename(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_name(app, options->name);
  add_name(app, options->new_name, "NEW", "Its new name; a reference moves it to that collection");
  app.add_flag("--force", options->force, "Purge what has the new name");
  add_expected_version(app, options->expected_version);
  return [options](Context& context) { return run_rename(context, *options); };
}

}  // namespace tacit::cli
