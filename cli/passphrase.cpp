// `tacit passphrase`: changes it; no secret is touched.
#include <memory>
#include <optional>

#include "cli/authorization.h"
#include "cli/command.h"
#include "cli/new_vault.h"
#include "cli/options.h"

namespace tacit::cli {
namespace {

struct Options {
  CredentialSource source;
  std::string new_file;
  int new_fd = -1;
  std::optional<std::uint32_t> slot;
};

int run_passphrase(Context& context, const Options& options) {
  const auto authorization = authorize(context, options.source);
  if (!authorization.ok()) return fail(authorization.error());
  const auto changed_to = new_passphrase(context, options.new_file, options.new_fd);
  if (!changed_to.ok()) return fail(changed_to.error());
  const auto changed =
      context.client().change_passphrase(*authorization, options.slot, *changed_to);
  return finish(changed);
}

}  // namespace

Action define_passphrase(CLI::App& app) {
  auto options = std::make_shared<Options>();
  options->source.add_to(app);
  auto* file = add_path(app, "--new-passphrase-file", options->new_file,
                        "Take the new passphrase from this file");
  auto* fd = add_descriptor(app, "--new-passphrase-fd", options->new_fd,
                            "Take the new passphrase from this open descriptor");
  file->excludes(fd);
  app.add_option("--slot", options->slot,
                 "Change this passphrase slot (see `tacit slot list`), not the one just used")
      ->type_name("N")
      ->check(whole_number(0, kMaxSlotIndex));
  return [options](Context& context) { return run_passphrase(context, *options); };
}

}  // namespace tacit::cli
