// A database file of any bytes through open, unlock and verify: a typed error, or the right data.
// The seed is the golden vault, and its root key opens what the fuzzer makes of it.
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

#include "daemon/base/status.h"
#include "daemon/vault/vault.h"
#include "tests/vectors/golden.h"

namespace {

constexpr const char* kName = "vault-00000000000000000000000000000000.db";

void require(bool promise) {
  if (!promise) std::abort();
}

struct Place {
  Place() {
    std::string pattern = "/tmp/tacit-fuzz-XXXXXX";
    require(mkdtemp(pattern.data()) != nullptr);
    dir = pattern;
    std::ofstream(dir + "/CURRENT") << kName << "\n";
    chmod((dir + "/CURRENT").c_str(), 0600);
  }
  ~Place() {
    for (const char* name : {"CURRENT", "vault.lock"}) unlink((dir + "/" + name).c_str());
    for (const char* suffix : {"", "-wal", "-journal"}) {
      unlink((dir + "/" + kName + suffix).c_str());
    }
    rmdir(dir.c_str());
  }
  std::string dir;
};

bool is_typed(const absl::Status& status) {
  switch (tacit::reason_of(status)) {
    case tacit::Reason::kVaultDamaged:
    case tacit::Reason::kNotAVault:
    case tacit::Reason::kVaultTooNew:
    case tacit::Reason::kWrongCredential:
    case tacit::Reason::kIoError:
      return true;
    default:
      return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Place place;
  const std::string path = place.dir + "/" + kName;
  for (const char* suffix : {"", "-wal", "-journal"}) unlink((path + suffix).c_str());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  chmod(path.c_str(), 0600);

  auto locked = tacit::LockedVault::open({place.dir, place.dir + "/no-anchor", place.dir, ""},
                                         [] { return tacit::UnixMillis{0}; });
  if (!locked.ok()) {
    require(is_typed(locked.status()));
    return 0;
  }
  const tacit::Credential key_file{tacit::SlotKind::kKeyFile,
                                   tacit::SecretBytes::copy_of(tacit::golden_key_file())};
  auto opened = tacit::open_slot(key_file, (*locked)->slots(), (*locked)->vault_id());
  if (!opened.ok()) {
    require(is_typed(opened.status()));
    return 0;
  }
  auto vault = (*locked)->unlock(std::move(opened->root));
  if (!vault.ok()) {
    require(is_typed(vault.status()));
    return 0;
  }
  static const std::vector<tacit::GoldenItem> items = tacit::golden_items();
  for (const tacit::GoldenItem& item : items) {
    const auto got = (*vault)->get(item.where);
    if (!got.ok()) {
      const tacit::Reason reason = tacit::reason_of(got.status());
      require(is_typed(got.status()) || (!item.live && reason == tacit::Reason::kNotFound));
      continue;
    }
    const auto bytes = got->value.bytes();
    require(item.live && std::string(bytes.begin(), bytes.end()) == item.versions.front().value);
  }
  tacit::Vault::VerifyState state;
  while (!state.cursor.done) {
    if (!(*vault)->verify(state, 100).ok()) break;
  }
  return 0;
}
