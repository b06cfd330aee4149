// What a big vault costs the daemon in memory.
#include "tests/bench/figures.h"

namespace tacit::bench {
namespace {

/// A fresh daemon on a vault of `items`, unlocked once: its resident memory in MiB.
double resident_after_unlock(const Programs& programs, const std::string& scratch, int items) {
  const Folders folders(scratch + "/memory-" + std::to_string(items));
  output_of({programs.fill_vault, folders.root(), std::to_string(items)}, {});
  Server daemon({programs.tacitd}, folders.environment(), scratch);
  Client client = connect_to(folders.socket());
  Credential credential;
  credential.secret = SecretBytes::copy_of("bench passphrase");
  must(client.unlock(credential));
  const double resident = resident_kib(daemon.pid()) / 1024;
  daemon.stop();
  return resident;
}

}  // namespace

void figure_daemon_memory(const Programs& programs, const std::string& scratch, Effort effort,
                          const Report& report) {
  const int items = effort == Effort::kLong ? 1'000'000 : 100'000;
  const double empty = resident_after_unlock(programs, scratch, 0);
  const double full = resident_after_unlock(programs, scratch, items);
  Figure figure;
  figure.name = "daemon memory above empty, " + std::to_string(items) + " items";
  figure.floor_name = "resident with an empty vault";
  figure.unit = "MiB";
  figure.value = full - empty;
  figure.floor = empty;
  figure.target = 40;
  figure.absolute = true;
  figure.runs = 1;
  report.add(figure);
}

}  // namespace tacit::bench
