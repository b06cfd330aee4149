// `tacit init`: makes the vault and leaves it unlocked.
#include <memory>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/new_vault.h"
#include "cli/options.h"

namespace tacit::cli {
namespace {

int run_init(Context& context, const NewVaultOptions& options) {
  const auto made = make_vault(context, options);
  if (!made.ok()) return fail(made.error());
  if (!made->recovery_key) {
    remark("no recovery key was made; `tacit slot add recovery-key` makes one");
  }
  if (context.options.json) {
    JsonWriter json;
    json.begin_object();
    json.member("created", true);
    json.member("recovery_key", made->recovery_key);
    json.member("recovery_key_confirmed", made->recovery_key_confirmed);
    json.end_object();
    return finish(print(json.take().bytes()));
  }
  return finish(print("The vault is made and unlocked. Next: tacit set NAME\n"));
}

}  // namespace

Action define_init(CLI::App& app) {
  auto options = std::make_shared<NewVaultOptions>();
  auto* file = add_path(app, "--passphrase-file", options->passphrase_file,
                        "Take the passphrase from this file, ask nothing");
  auto* fd = add_descriptor(app, "--passphrase-fd", options->passphrase_fd,
                            "Take the passphrase from this open descriptor, ask nothing");
  file->excludes(fd);
  add_path(app, "--recovery-file", options->recovery_file,
           "Write the recovery key to this new file (0600), do not show it");
  add_path(app, "--key-file", options->key_file, "Let this file (32 bytes or more) open it too");
  return [options](Context& context) { return run_init(context, *options); };
}

}  // namespace tacit::cli
