// `tacit passphrase`: changes it; no secret is touched, unless the old one is known to others.
#include <memory>
#include <optional>

#include "cli/authorization.h"
#include "cli/command.h"
#include "cli/new_keys.h"
#include "cli/new_vault.h"
#include "cli/options.h"

namespace tacit::cli {
namespace {

struct Options {
  CredentialSource source;
  std::string new_file;
  int new_fd = -1;
  std::optional<std::uint32_t> slot;
  bool compromised = false;
  NewKeysOptions new_keys;
};

int run_passphrase(Context& context, const Options& options) {
  if (options.compromised && options.slot) {
    return fail_usage("--compromised replaces every passphrase; leave --slot out");
  }
  if (!options.compromised && options.new_keys.given()) {
    return fail_usage("the options for slots and old files belong to --compromised");
  }
  const auto authorization = authorize(context, options.source);
  if (!authorization.ok()) return fail(authorization.error());
  const auto changed_to = new_passphrase(context, options.new_file, options.new_fd);
  if (!changed_to.ok()) return fail(changed_to.error());
  if (options.compromised) {
    return finish(replace_keys(context, *authorization, {&*changed_to, {}}, options.new_keys));
  }
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
  app.add_flag(
      "--compromised", options->compromised,
      "Others may know the old one: replace all keys, so that it opens nothing but copies");
  options->new_keys.add_to(app);
  return [options](Context& context) { return run_passphrase(context, *options); };
}

}  // namespace tacit::cli
