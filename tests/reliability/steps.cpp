#include "tests/reliability/steps.h"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "daemon/base/status.h"
#include "daemon/vault/replacement.h"

namespace tacit::test {
namespace {

std::string filler(unsigned salt, std::size_t size) {
  return "value " + std::to_string(salt) + " " +
         std::string(size, static_cast<char>('a' + salt % 26));
}

absl::Status set(VaultUser& user, const ItemName& where, const std::string& value,
                 std::optional<Attributes> attributes = std::nullopt) {
  ItemChange change;
  change.value = SecretBytes::copy_of(value);
  change.attributes = std::move(attributes);
  return user.vault().set(where, std::move(change)).status();
}

std::vector<SecretBytes> records(unsigned salt, int count) {
  std::vector<SecretBytes> out;
  for (int i = 0; i < count; ++i) {
    out.push_back(SecretBytes::copy_of("r" + std::to_string(salt) + "." + std::to_string(i)));
  }
  return out;
}

absl::Status apply(VaultUser& user, unsigned salt) {
  std::vector<Vault::ItemEdit> edits;
  for (const char* name : {"a", "x", "c"}) {
    ItemChange change;
    change.value = SecretBytes::copy_of(filler(salt, 10));
    edits.push_back({{"default", name}, std::move(change), std::nullopt});
  }
  edits.push_back({{"work", "b"}, std::nullopt, std::nullopt});
  return user.vault().apply(std::move(edits)).status();
}

absl::Status rotate(VaultUser& user, unsigned) {
  for (;;) {
    const auto progress = user.vault().rotate(5);
    if (!progress.ok()) return progress.status();
    if (progress->done >= progress->total) return absl::OkStatus();
  }
}

absl::Status replace_slot(VaultUser& user, unsigned salt) {
  const auto slot = user.slot_of(salt % 2 == 0 ? 'n' : 'k');
  if (!slot.ok()) return slot.status();
  return user.vault().replace_slot(0, *slot);
}

absl::Status add_slot(VaultUser& user, unsigned) {
  const auto slot = user.slot_of('e');
  if (!slot.ok()) return slot.status();
  return user.vault().add_slot(*slot).status();
}

absl::Status remove_slot(VaultUser& user, unsigned) {
  return user.vault().remove_slot(user.vault().slots().back().index);
}

absl::Status set_policies(VaultUser& user, unsigned salt) {
  const auto ids = user.vault().find({"default", "a"});
  if (!ids.ok() || !*ids) return ids.status();
  std::vector<Vault::PolicyChange> changes(2);
  changes[0] = {(*ids)->item, 0, SecretBytes::copy_of("item " + std::to_string(salt))};
  changes[1] = {(*ids)->collection, 0, SecretBytes::copy_of("all " + std::to_string(salt))};
  return user.vault().set_policy_records(changes);
}

const std::string kCopy = "/backup-fedcba9876543210.tmp";

absl::Status copy_to(VaultUser& user, const std::string& path) {
  const auto copy = user.vault().start_backup(path);
  absl::Status status = copy.status();
  for (bool whole = false; status.ok() && !whole;) {
    const absl::StatusOr<bool> done = (*copy)->step(20);
    status = done.status();
    whole = done.ok() && *done;
  }
  return status;
}

absl::Status backup(VaultUser& user, unsigned) {
  const std::string path = user.place().dir + "/backup-0123456789abcdef.tmp";
  const absl::Status status = copy_to(user, path);
  // Whoever asked for it has it by now. What stays is a leftover, which the next opening removes.
  unlink(path.c_str());
  return status;
}

const Steps kNoSteps = [](std::uint64_t, std::uint64_t) { return absl::OkStatus(); };

absl::Status replace_keys(VaultUser& user, unsigned) {
  const std::string path = user.place().dir + kCopy;
  absl::Status status = copy_to(user, path);
  if (status.ok()) {
    const KeyBytes old_root = user.vault().root();
    Replacement::NewKeys keys{KeyBytes::random(), {}, false};
    auto slot = prepare_slot(VaultUser::key_file('n'), keys.root, user.vault().vault_id(),
                             KdfParams{}, user.now);
    if (!slot.ok()) return slot.status();
    keys.slots.push_back(*std::move(slot));
    status = user.replace(
        [&](const LockedVault::Seat& seat) {
          return Replacement::under_new_keys(seat.place, seat.clock, path, old_root, keys,
                                             kNoSteps);
        },
        keys.root.clone());
  }
  unlink(path.c_str());
  return status;
}

absl::Status restore_backup(VaultUser& user, unsigned) {
  const std::string path = user.place().dir + kCopy;
  absl::Status status = copy_to(user, path);
  if (status.ok()) {
    const KeyBytes root = user.vault().root();
    status = user.replace(
        [&](const LockedVault::Seat& seat) {
          return Replacement::of_backup(seat.place, seat.clock, path, root, kNoSteps);
        },
        root.clone());
  }
  unlink(path.c_str());
  return status;
}

absl::Status salvage(VaultUser& user, unsigned) {
  const std::string path = user.place().dir + kCopy;
  absl::Status status = copy_to(user, path);
  if (status.ok()) {
    const KeyBytes root = user.vault().root();
    const Tightening tightening{[](const SecretBytes*) { return SecretBytes(); },
                                [](const Vault::PolicyChange&) { return true; }};
    Salvage report;
    status = user.replace(
        [&](const LockedVault::Seat& seat) {
          return Replacement::salvaged(seat.place, seat.clock, path, root, 0, tightening, report,
                                       kNoSteps);
        },
        root.clone());
    if (status.ok() && report.lost != 0) {
      status = make_error(Reason::kVaultDamaged, "lost: " + report.losses.front().message);
    }
  }
  unlink(path.c_str());
  return status;
}

std::vector<Step> make_steps() {
  const ItemName a{"default", "a"}, b{"work", "b"}, x{"default", "x"}, y{"new", "y"};
  return {
      {"set-new", [=](auto& u, unsigned s) { return set(u, x, filler(s, 20)); }},
      {"set-again", [=](auto& u, unsigned s) { return set(u, a, filler(s, 300)); }},
      {"set-large", [=](auto& u, unsigned s) { return set(u, a, filler(s, 700'000)); }},
      {"set-in-new-collection",
       [=](auto& u, unsigned s) {
         return set(u, y, filler(s, 5000), Attributes{{"kind", "login"}, {"n", std::to_string(s)}});
       }},
      {"set-attributes",
       [=](auto& u, unsigned s) {
         ItemChange change;
         change.attributes = Attributes{{"kind", s % 2 == 0 ? "login" : "note"}};
         return u.vault().set(a, std::move(change)).status();
       }},
      {"delete", [=](auto& u, unsigned) { return u.vault().remove(a, false, {}); }},
      {"delete-and-purge", [=](auto& u, unsigned) { return u.vault().remove(b, true, {}); }},
      {"rename", [=](auto& u, unsigned) { return u.vault().rename(a, y, false, {}); }},
      {"rename-over", [=](auto& u, unsigned) { return u.vault().rename(b, a, true, {}); }},
      {"restore",
       [=](auto& u, unsigned) {
         const auto history = u.vault().history(a);
         if (!history.ok()) return history.status();
         return u.vault().restore(a, history->back().version, {}).status();
       }},
      {"several-at-once", &apply},
      {"rotate", &rotate},
      {"change-slot", &replace_slot},
      {"add-slot", &add_slot},
      {"remove-slot", &remove_slot},
      {"confirm-recovery-key", [](auto& u, unsigned) { return u.vault().confirm_recovery_key(); }},
      {"audit", [](auto& u, unsigned s) { return u.vault().append_audit(records(s, 3)).status(); }},
      {"audit-drops-oldest",
       [](auto& u, unsigned s) { return u.vault().append_audit(records(s, 12), 16).status(); }},
      {"policies", &set_policies},
      {"rename-collection",
       [](auto& u, unsigned) { return u.vault().rename_collection("work", "new", {}); }},
      {"delete-collection",
       [](auto& u, unsigned) { return u.vault().delete_collection("work", true, {}).status(); }},
      {"clear-collection",
       [](auto& u, unsigned) { return u.vault().clear_collection("default").status(); }},
      {"inherit",
       [](auto& u, unsigned s) {
         return u.vault().inherit(
             "work", s % 2 == 0 ? std::optional<std::string>("default") : std::nullopt);
       }},
      {"backup", &backup},
      {"replace-keys", &replace_keys},
      {"restore-backup", &restore_backup},
      {"salvage", &salvage},
      {"anchor", [](auto& u, unsigned) { return u.vault().write_anchor(); }},
      {"close",
       [](auto& u, unsigned) {
         u.close();
         return absl::OkStatus();
       }},
  };
}

}  // namespace

const std::vector<ItemName>& all_names() {
  static const std::vector<ItemName> names = [] {
    std::vector<ItemName> out;
    for (const char* collection : {"default", "work", "new"}) {
      for (const char* name : {"a", "b", "c", "d", "x", "y", "probe"}) {
        out.push_back({collection, name});
      }
    }
    return out;
  }();
  return names;
}

const std::vector<Step>& all_steps() {
  static const std::vector<Step> steps = make_steps();
  return steps;
}

const Step& find_step(const std::string& name) {
  const auto found = std::find_if(all_steps().begin(), all_steps().end(),
                                  [&](const Step& step) { return step.name == name; });
  if (found == all_steps().end()) throw std::invalid_argument("no step " + name);
  return *found;
}

bool is_trouble(const absl::Status& status) {
  switch (reason_of(status)) {
    case Reason::kUnspecified:
    case Reason::kNotFound:
    case Reason::kAlreadyExists:
    case Reason::kNotEmpty:
    case Reason::kLastSlot:
    case Reason::kLimit:
      return false;
    default:
      return true;
  }
}

absl::Status fill(VaultUser& user, const std::function<void()>& after_each) {
  absl::Status status;
  const auto each = [&](const std::function<absl::Status()>& write) {
    if (!status.ok()) return;
    status = write();
    if (status.ok() && after_each) after_each();
  };
  for (unsigned i = 0; i < 11; ++i) {
    each([&] {
      return set(user, {"default", "a"}, filler(i, 100), Attributes{{"kind", "login"}});
    });
  }
  for (const char* name : {"b", "c", "d"}) {
    each([&] { return set(user, {"work", name}, filler(1, 40), Attributes{{"kind", "note"}}); });
    each([&] { return set(user, {"default", name}, filler(2, 9000)); });
  }
  each([&] { return set_policies(user, 0); });
  each([&] { return user.vault().append_audit(records(0, 12)).status(); });
  each([&] { return user.vault().write_anchor(); });
  return status;
}

}  // namespace tacit::test
