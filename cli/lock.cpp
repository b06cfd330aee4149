// `tacit lock`: the daemon forgets its keys.
#include "cli/command.h"
#include "cli/json.h"

namespace tacit::cli {
namespace {

int run_lock(Context& context) {
  // Starting a daemon only to lock it would be pointless: where none runs, nothing is unlocked.
  ClientOptions options;
  options.autostart = false;
  Client client(options);
  const auto locked = client.lock();
  if (!locked.ok() && locked.error().code != Reason::kNoDaemon) return fail(locked.error());
  if (!context.options.json) return 0;
  JsonWriter json;
  json.begin_object();
  json.member("locked", true);
  json.member("was_unlocked", locked.ok() && *locked);
  json.end_object();
  return finish(print(json.take().bytes()));
}

}  // namespace

Action define_lock(CLI::App&) { return run_lock; }

}  // namespace tacit::cli
