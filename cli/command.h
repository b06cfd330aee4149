// A verb of `tacit` and how it is declared.
#pragma once
#include <CLI/App.hpp>
#include <functional>
#include <string_view>

#include "cli/context.h"

namespace tacit::cli {

/// What a verb does once its options are parsed; returns the exit code.
using Action = std::function<int(Context&)>;

/// One line of the table in main.cpp.
struct Command {
  std::string_view name;     ///< `get`, or two words: `slot add`
  std::string_view group;    ///< heading in `tacit --help`; empty: not listed there
  std::string_view summary;  ///< one line
  /// Declares options on `app` and returns the action, which owns what they are parsed into.
  Action (*define)(CLI::App& app);
  std::string_view examples;  ///< lines for the verb's own help
  /// Why an argument too many is refused; empty: no more than that it is one.
  std::string_view refusal = {};
  /// Keeps what is behind `--` for itself; its own failures exit 125.
  bool takes_command = false;
};

// Each in a file of its own name.
Action define_init(CLI::App& app);
Action define_unlock(CLI::App& app);
Action define_lock(CLI::App& app);
Action define_status(CLI::App& app);
Action define_get(CLI::App& app);
Action define_set(CLI::App& app);
Action define_show(CLI::App& app);
Action define_list(CLI::App& app);
Action define_delete(CLI::App& app);
Action define_rename(CLI::App& app);
Action define_history(CLI::App& app);
Action define_restore(CLI::App& app);
Action define_generate(CLI::App& app);
Action define_copy(CLI::App& app);
Action define_run(CLI::App& app);
Action define_edit(CLI::App& app);
Action define_inject(CLI::App& app);
Action define_scan(CLI::App& app);
Action define_collection_list(CLI::App& app);
Action define_collection_create(CLI::App& app);
Action define_collection_rename(CLI::App& app);
Action define_collection_delete(CLI::App& app);
Action define_collection_inherit(CLI::App& app);
Action define_project_edit(CLI::App& app);
Action define_project_check(CLI::App& app);
Action define_project_setup(CLI::App& app);
Action define_project_init(CLI::App& app);
Action define_project_link(CLI::App& app);
Action define_project_info(CLI::App& app);
Action define_project_list(CLI::App& app);
Action define_project_trust(CLI::App& app);
Action define_project_unlink(CLI::App& app);
Action define_project_clear(CLI::App& app);
Action define_import(CLI::App& app);
Action define_export(CLI::App& app);
Action define_token_add(CLI::App& app);
Action define_token_login(CLI::App& app);
Action define_token_get(CLI::App& app);
Action define_token_status(CLI::App& app);
Action define_token_revoke(CLI::App& app);
Action define_token_remove(CLI::App& app);
Action define_policy_set(CLI::App& app);
Action define_policy_show(CLI::App& app);
Action define_policy_explain(CLI::App& app);
Action define_grant(CLI::App& app);
Action define_grants(CLI::App& app);
Action define_grants_revoke(CLI::App& app);
Action define_prompter(CLI::App& app);
Action define_daemon_start(CLI::App& app);
Action define_daemon_stop(CLI::App& app);
Action define_daemon_restart(CLI::App& app);
Action define_daemon_logs(CLI::App& app);
Action define_config_path(CLI::App& app);
Action define_config_show(CLI::App& app);
Action define_config_check(CLI::App& app);
Action define_doctor(CLI::App& app);
Action define_audit(CLI::App& app);
Action define_passphrase(CLI::App& app);
Action define_slot_list(CLI::App& app);
Action define_slot_add(CLI::App& app);
Action define_slot_remove(CLI::App& app);
Action define_vault_verify(CLI::App& app);
Action define_vault_backup(CLI::App& app);
Action define_vault_rotate(CLI::App& app);
Action define_vault_restore(CLI::App& app);
Action define_vault_salvage(CLI::App& app);
Action define_vault_copies(CLI::App& app);
Action define_vault_accept_rollback(CLI::App& app);

}  // namespace tacit::cli
