// `tacit slot list|add|remove`: the ways to open the vault.
#include <sodium.h>

#include <memory>

#include "cli/authorization.h"
#include "cli/command.h"
#include "cli/input.h"
#include "cli/json.h"
#include "cli/new_keys.h"
#include "cli/new_vault.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "cli/slot_kind.h"
#include "cli/time_text.h"

namespace tacit::cli {
namespace {

Result<void> print_slots_json(const std::vector<Slot>& slots) {
  JsonWriter json;
  json.begin_array();
  for (const Slot& slot : slots) {
    json.begin_object();
    json.member("index", slot.index);
    json.member("kind", slot_kind_name(slot.kind));
    json.member("created", rfc3339(slot.created));
    if (slot.kind == SlotKind::kPassphrase) {
      json.member("kdf_memory_bytes", slot.kdf_memory_bytes);
      json.member("kdf_passes", slot.kdf_passes);
    }
    json.end_object();
  }
  json.end_array();
  return print(json.take().bytes());
}

int run_list(Context& context) {
  const auto slots = with_session(context, [](Client& client) { return client.slots(); });
  if (!slots.ok()) return fail(slots.error());
  if (context.options.json) return finish(print_slots_json(*slots));
  std::string text;
  for (const Slot& slot : *slots) {
    text += std::to_string(slot.index) + "  " + std::string(slot_kind_name(slot.kind)) + "  " +
            rfc3339(slot.created);
    if (slot.kind == SlotKind::kPassphrase) {
      text += "  Argon2id " + std::to_string(slot.kdf_memory_bytes >> 20) + " MiB, " +
              std::to_string(slot.kdf_passes) + " passes";
    }
    text += "\n";
  }
  return finish(print(text));
}

struct AddOptions {
  CredentialSource source;
  std::string kind;
  std::string new_passphrase_file;
  int new_passphrase_fd = -1;
  std::string new_key_file;
  bool generate = false;
  std::string new_recovery_file;
};

Result<void> generate_key_file(const std::string& path) {
  constexpr std::size_t kBytes = 64;
  ReservedFile file(path);
  if (const auto created = file.create(); !created.ok()) return created;
  SecretBytes key(kBytes);
  randombytes_buf(key.writable().data(), key.size());
  return file.fill(key);
}

Result<Credential> new_credential(Context& context, const AddOptions& options) {
  if (options.kind == "passphrase") {
    auto passphrase =
        new_passphrase(context, options.new_passphrase_file, options.new_passphrase_fd);
    if (!passphrase.ok()) return passphrase.error();
    return Credential{Credential::Kind::kPassphrase, std::move(*passphrase)};
  }
  if (options.new_key_file.empty()) {
    return Error{Reason::kInvalidArgument, "which file? say --new-key-file FILE"};
  }
  if (options.generate) {
    if (auto made = generate_key_file(options.new_key_file); !made.ok()) return made.error();
  }
  auto key = read_key_file(options.new_key_file);
  if (!key.ok()) return key.error();
  return Credential{Credential::Kind::kKeyFile, std::move(*key)};
}

int report_added(const Context& context, std::uint32_t index) {
  if (!context.options.json) return finish(print("slot " + std::to_string(index) + "\n"));
  JsonWriter json;
  json.begin_object();
  json.member("index", index);
  json.end_object();
  return finish(print(json.take().bytes()));
}

int add_recovery_key(Context& context, const AddOptions& options, const Credential& authorization) {
  const bool to_file = !options.new_recovery_file.empty();
  if (!to_file && context.terminal() == nullptr) {
    return fail_usage(
        "a recovery key is shown on a terminal, and there is none here; give "
        "--new-recovery-file");
  }
  ReservedFile file(options.new_recovery_file);
  if (to_file) {
    if (const auto created = file.create(); !created.ok()) return fail(created.error());
  }
  const auto added = context.client().add_slot(authorization, nullptr);
  if (!added.ok()) return fail(added.error());
  if (to_file) {
    auto kept = file.fill_line(added->recovery_key);
    if (kept.ok()) kept = context.client().confirm_recovery_key();
    if (!kept.ok()) return fail(kept.error());
  }
  if (!to_file) {
    const auto confirmed = hand_over_recovery_key(context, added->recovery_key);
    if (!confirmed.ok()) return fail(confirmed.error());
  }
  return report_added(context, added->index);
}

int run_add(Context& context, const AddOptions& options) {
  const auto authorization = authorize(context, options.source);
  if (!authorization.ok()) return fail(authorization.error());
  if (options.kind == "recovery-key") return add_recovery_key(context, options, *authorization);
  const auto credential = new_credential(context, options);
  if (!credential.ok()) return fail(credential.error());
  const auto added = context.client().add_slot(*authorization, &*credential);
  return added.ok() ? report_added(context, added->index) : fail(added.error());
}

struct RemoveOptions {
  CredentialSource source;
  std::uint32_t index = 0;
  bool keep_keys = false;
  NewKeysOptions new_keys;
};

int run_remove(Context& context, const RemoveOptions& options) {
  if (options.keep_keys && options.new_keys.given()) {
    return fail_usage("with --keep-keys no other slot and no old file is touched");
  }
  const auto authorization = authorize(context, options.source);
  if (!authorization.ok()) return fail(authorization.error());
  if (!options.keep_keys) {
    return finish(
        replace_keys(context, *authorization, {nullptr, options.index}, options.new_keys));
  }
  const auto removed = context.client().remove_slot(*authorization, options.index);
  if (!removed.ok()) return fail(removed.error());
  remark("older copies of the vault still open by it, and show the keys of this one");
  return 0;
}

}  // namespace

Action define_slot_list(CLI::App&) { return run_list; }

Action define_slot_add(CLI::App& app) {
  auto options = std::make_shared<AddOptions>();
  app.add_option("KIND", options->kind, "passphrase, recovery-key or key-file")
      ->required()
      ->type_name("")
      ->check(CLI::IsMember({"passphrase", "recovery-key", "key-file"}).description(""));
  auto* file = add_path(app, "--new-passphrase-file", options->new_passphrase_file,
                        "Take the new passphrase from this file");
  auto* fd = add_descriptor(app, "--new-passphrase-fd", options->new_passphrase_fd,
                            "Take the new passphrase from this open descriptor");
  file->excludes(fd);
  auto* key = add_path(app, "--new-key-file", options->new_key_file, "The file that shall open it");
  app.add_flag("--generate", options->generate, "Make that file first (0600, 64 random bytes)")
      ->needs(key);
  add_path(app, "--new-recovery-file", options->new_recovery_file,
           "Write the recovery key to this new file (0600), do not show it");
  options->source.add_to(app);
  return [options](Context& context) { return run_add(context, *options); };
}

Action define_slot_remove(CLI::App& app) {
  auto options = std::make_shared<RemoveOptions>();
  app.add_option("INDEX", options->index, "Its number in `tacit slot list`")
      ->required()
      ->type_name("")
      ->check(whole_number(0, kMaxSlotIndex));
  app.add_flag("--keep-keys", options->keep_keys,
               "Leave the keys as they are: whoever has an older copy and what opened this slot "
               "gets at them");
  options->new_keys.add_to(app);
  options->source.add_to(app);
  return [options](Context& context) { return run_remove(context, *options); };
}

}  // namespace tacit::cli
