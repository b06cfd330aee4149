#include "tests/bench/scratch_vault.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>

#include "tests/bench/measure.h"
#include "tests/bench/spread.h"

namespace {
bool syncs_are_off = false;
}  // namespace

// SQLite's sync resolves to this one.
extern "C" __attribute__((visibility("default"))) int fdatasync(int fd) {
  return syncs_are_off ? 0 : static_cast<int>(syscall(SYS_fdatasync, fd));
}

namespace tacit::bench {
namespace {

UnixMillis now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

void make_folder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    throw std::runtime_error("cannot make " + path + ": " + std::strerror(errno));
  }
}

Credential credential() { return {SlotKind::kPassphrase, SecretBytes::copy_of(kPassphrase)}; }

}  // namespace

void must(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(std::string(status.message()));
}

VaultPlace place_below(const std::string& root) {
  make_folder(root);
  for (const char* folder : {"/data", "/data/tacit", "/state", "/state/tacit", "/run"}) {
    make_folder(root + folder);
  }
  return {root + "/data/tacit/vault", root + "/state/tacit/anchor", root + "/run",
          root + "/run/tacit.sock"};
}

ItemChange some_change(int item) {
  std::string value(32, 'v');
  value.replace(0, std::to_string(item).size(), std::to_string(item));
  ItemChange change;
  change.value = SecretBytes::copy_of(value);
  return change;
}

double make_vault(const VaultPlace& place, int items, Shape shape) {
  if (!init_crypto()) throw std::runtime_error("no random source");
  const KeyBytes root = KeyBytes::random();
  VaultId id{};
  random_bytes(id);
  KdfParams kdf;
  random_bytes(kdf.salt);
  const Slot slot = must(prepare_slot(credential(), root, id, kdf, now()));
  syncs_are_off = true;
  const double time = time_us([&] {
    auto locked = must(LockedVault::create(place, now, root, id, {&slot, 1}, false));
    auto vault = must(locked->unlock(root.clone()));
    for (int i = 0; i < items; ++i) {
      ItemName where{std::string(kCollection), item_name(i)};
      ItemChange change = some_change(i);
      if (shape == Shape::kSpread) {
        where.collection = spread_collection(i);
        change.attributes = {{"host", spread_host(i)}};
      }
      must(vault->set(where, std::move(change)).status());
    }
    must(vault->write_anchor());
  });
  syncs_are_off = false;
  return time / 1e6;
}

OpenVault open_vault(const VaultPlace& place, UnlockTimes* times) {
  if (!init_crypto()) throw std::runtime_error("no random source");
  OpenVault open;
  OpenedSlot slot;
  UnlockTimes mine;
  mine.check_us = time_us([&] { open.locked = must(LockedVault::open(place, now)); });
  mine.derive_us = time_us(
      [&] { slot = must(open_slot(credential(), open.locked->slots(), open.locked->vault_id())); });
  mine.check_us += time_us([&] { open.vault = must(open.locked->unlock(std::move(slot.root))); });
  if (times != nullptr) *times = mine;
  return open;
}

}  // namespace tacit::bench
