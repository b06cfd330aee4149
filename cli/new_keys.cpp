#include "cli/new_keys.h"

#include <algorithm>
#include <utility>

#include "cli/authorization.h"
#include "cli/credential.h"
#include "cli/input.h"
#include "cli/new_vault.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/slot_kind.h"
#include "cli/text_parts.h"

namespace tacit::cli {
namespace {

/// What opens the vault from now on, and what does no more.
struct Plan {
  std::vector<Credential> credentials;
  bool with_recovery_key = false;
  std::vector<std::string> dropped;  ///< slots, in words
};

Credential copy_of(const Credential& credential) {
  return {credential.kind, credential.secret.clone()};
}

/// Of the slots of a kind those for which there is no credential. Which these are nobody can tell.
void drop_rest(Plan& plan, const std::vector<Slot>& slots, SlotKind kind, std::size_t there,
               std::string_view one, std::string_view many) {
  const auto count = static_cast<std::size_t>(std::count_if(
      slots.begin(), slots.end(), [kind](const Slot& slot) { return slot.kind == kind; }));
  if (count > there) plan.dropped.push_back(counted(count - there, one, many));
}

bool has(const Plan& plan, const SecretBytes& key) {
  return std::any_of(plan.credentials.begin(), plan.credentials.end(), [&](const Credential& each) {
    return each.kind == Credential::Kind::kKeyFile &&
           std::ranges::equal(each.secret.bytes(), key.bytes());
  });
}

Result<Plan> make_plan(Context& context, const Credential& authorization, const SlotsWanted& wanted,
                       const NewKeysOptions& options) {
  auto slots = context.client().slots();
  if (!slots.ok()) return slots.error();
  if (wanted.removed) {
    const auto gone =
        std::erase_if(*slots, [&](const Slot& slot) { return slot.index == *wanted.removed; });
    if (gone == 0) {
      return Error{Reason::kNotFound, "there is no slot " + std::to_string(*wanted.removed) +
                                          "; `tacit slot list` shows those there are"};
    }
    if (slots->empty()) {
      return Error{Reason::kLastSlot,
                   "this is the last slot; without it nothing would open the vault"};
    }
  }
  Plan plan;
  std::size_t passphrases = 0;
  std::size_t key_files = 0;
  if (wanted.new_passphrase != nullptr) {
    plan.credentials.push_back({Credential::Kind::kPassphrase, wanted.new_passphrase->clone()});
    ++passphrases;
  } else if (authorization.kind == Credential::Kind::kPassphrase) {
    plan.credentials.push_back(copy_of(authorization));
    ++passphrases;
  }
  if (authorization.kind == Credential::Kind::kKeyFile) {
    plan.credentials.push_back(copy_of(authorization));
    ++key_files;
  }
  for (const std::string& path : options.key_files) {
    auto key = read_key_file(path);
    if (!key.ok()) return key.error();
    if (has(plan, *key)) continue;
    plan.credentials.push_back({Credential::Kind::kKeyFile, std::move(*key)});
    ++key_files;
    // One that opens nothing would be counted in the place of one that does.
    auto opens = context.client().confirm_credential(plan.credentials.back(), "keep a key file");
    if (!opens.ok()) {
      return Error{opens.error().code, path + ": " + opens.error().message};
    }
  }
  if (plan.credentials.empty()) {
    // Whoever comes with the recovery key has lost the rest.
    auto passphrase = new_passphrase(context, "", -1);
    if (!passphrase.ok()) return passphrase.error();
    plan.credentials.push_back({Credential::Kind::kPassphrase, std::move(*passphrase)});
    ++passphrases;
  }
  drop_rest(plan, *slots, SlotKind::kPassphrase, passphrases, "other passphrase",
            "other passphrases");
  drop_rest(plan, *slots, SlotKind::kKeyFile, key_files, "other key file", "other key files");
  plan.with_recovery_key = std::any_of(slots->begin(), slots->end(), [](const Slot& slot) {
    return slot.kind == SlotKind::kRecoveryKey;
  });
  const bool shown = !options.new_recovery_file.empty() || context.terminal() != nullptr;
  if (plan.with_recovery_key && !shown && options.drop_slots) {
    plan.with_recovery_key = false;
    plan.dropped.push_back("the recovery key");
  } else if (plan.with_recovery_key && !shown) {
    return Error{Reason::kInvalidArgument,
                 "the recovery key changes with the keys and there is no terminal to show it on; "
                 "give --new-recovery-file FILE, or --drop-slots to go on without one"};
  }
  return plan;
}

Result<void> may_drop(Context& context, const Plan& plan, const NewKeysOptions& options) {
  if (plan.dropped.empty()) return {};
  const std::string what = joined(plan.dropped);
  if (options.drop_slots) {
    remark("will no longer open the vault: " + what);
    return {};
  }
  Terminal* terminal = context.terminal();
  if (terminal == nullptr) {
    return Error{Reason::kInvalidArgument,
                 "would no longer open the vault: " + what +
                     ". What opens a slot is needed to keep it (--keep-key-file for a key file); "
                     "say --drop-slots to go on without"};
  }
  const auto yes =
      terminal->confirm("These will no longer open the vault: " + what + ". Go on?", false);
  if (!yes.ok()) return yes.error();
  if (!*yes) return Error{Reason::kCancelled, "nothing was done"};
  return {};
}

}  // namespace

void NewKeysOptions::add_to(CLI::App& app) {
  app.add_option("--keep-key-file", key_files, "A key file that shall open the vault from now on")
      ->type_name("FILE")
      ->take_all();
  add_path(app, "--new-recovery-file", new_recovery_file,
           "Write the new recovery key to this new file (0600), do not show it");
  app.add_flag("--drop-slots", drop_slots, "Go on without the slots whose credential is not here");
  app.add_flag("--delete-old", delete_old,
               "Delete the vault files of before, which still open as they did");
}

bool NewKeysOptions::given() const {
  return !key_files.empty() || !new_recovery_file.empty() || drop_slots || delete_old;
}

Result<void> replace_keys(Context& context, const Credential& authorization,
                          const SlotsWanted& wanted, const NewKeysOptions& options) {
  const auto plan = make_plan(context, authorization, wanted, options);
  if (!plan.ok()) return plan.error();
  if (auto may = may_drop(context, *plan, options); !may.ok()) return may;
  ReservedFile file(options.new_recovery_file);
  const bool to_file = plan->with_recovery_key && !options.new_recovery_file.empty();
  if (to_file) {
    if (auto created = file.create(); !created.ok()) return created;
  }
  const auto key = [&] {
    Progress progress("sealing anew");
    return context.client().replace_keys(
        authorization, plan->credentials, plan->with_recovery_key, wanted.removed,
        [&](std::uint64_t done, std::uint64_t total) { progress.show(done, total); });
  }();
  if (!key.ok()) return key.error();
  const auto afterwards = [](const Error& error) {
    return Error{error.code, "the keys were replaced; afterwards: " + error.message};
  };
  if (to_file) {
    auto kept = file.fill_line(*key);
    if (kept.ok()) kept = context.client().confirm_recovery_key();
    if (!kept.ok()) return afterwards(kept.error());
  } else if (plan->with_recovery_key) {
    if (auto shown = hand_over_recovery_key(context, *key); !shown.ok()) {
      return afterwards(shown.error());
    }
  }
  return offer_to_delete_old_files(context, plan->credentials.front(), options.delete_old);
}

Result<void> offer_to_delete_old_files(Context& context, const Credential& authorization,
                                       bool delete_old) {
  const auto files = context.client().old_files();
  if (!files.ok()) return files.error();
  if (files->empty()) return {};
  const std::string what = counted(files->size(), "old vault file", "old vault files");
  if (!delete_old) {
    Terminal* terminal = context.terminal();
    if (terminal != nullptr) {
      const auto yes = terminal->confirm(
          what + " beside the vault still open as they did before. Delete them?", false);
      if (!yes.ok()) return yes.error();
      delete_old = *yes;
    }
    if (!delete_old) {
      remark(what +
             " beside the vault still open as before; `tacit vault copies --delete` removes "
             "them, backups elsewhere are yours to find");
      return {};
    }
  }
  for (const OldFile& file : *files) {
    auto removed = context.client().remove_old_file(authorization, file.name);
    if (!removed.ok()) {
      return Error{removed.error().code, file.name + ": " + removed.error().message};
    }
  }
  remark("deleted " + what + "; what a disk keeps of deleted files is beyond Tacit");
  return {};
}

}  // namespace tacit::cli
