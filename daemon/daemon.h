// All parts of the daemon, wired together.
#pragma once
#include <utility>  // Boost 1.74 forgets it in C++20

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/access/access.h"
#include "daemon/access/askers.h"
#include "daemon/access/audit_log.h"
#include "daemon/access/prompt_desk.h"
#include "daemon/config/config.h"
#include "daemon/log/log.h"
#include "daemon/login_events.h"
#include "daemon/os/boot_time.h"
#include "daemon/os/endpoint.h"
#include "daemon/os/folder_watch.h"
#include "daemon/process_ends.h"
#include "daemon/rpc/access_service.h"
#include "daemon/rpc/admin_service.h"
#include "daemon/rpc/audit_service.h"
#include "daemon/rpc/collections_service.h"
#include "daemon/rpc/core.h"
#include "daemon/rpc/hangups.h"
#include "daemon/rpc/listener.h"
#include "daemon/rpc/projects_service.h"
#include "daemon/rpc/prompt_service.h"
#include "daemon/rpc/renewal_service.h"
#include "daemon/rpc/replacement_service.h"
#include "daemon/rpc/scan_service.h"
#include "daemon/rpc/secrets_service.h"
#include "daemon/rpc/server.h"
#include "daemon/rpc/session_service.h"
#include "daemon/rpc/waiter.h"
#include "daemon/session/session.h"
#include "daemon/tokens/token_book.h"

namespace tacit {

/// Owns everything and both threads: `run` is the Asio thread and starts the vault thread.
class Daemon {
 public:
  /// Looks for the vault. Errors: kVaultBusy, another daemon has it; kInternal.
  static absl::StatusOr<std::unique_ptr<Daemon>> make(const Config& config, const Limits& limits,
                                                      Endpoint endpoint, Logger log);
  ~Daemon();

  /// Serves until SIGTERM, SIGINT or the end of the runtime folder or of the socket in it;
  /// locks; calls `serving` once it
  /// accepts.
  void run(const std::function<void()>& serving);
  /// A derivation cannot be interrupted: leave without destroying this object.
  bool stuck_in_derivation() const { return derivations_.busy(); }
  /// Removes the socket.
  void close_endpoint() { endpoint_.reset(); }

 private:
  struct Parts;
  Daemon(const Config& config, Parts parts);

  void wire_waiters();
  void watch_logins(const Config& config);
  KdfParams new_slot_cost();
  void watch_runtime_folder();
  void stop(const std::string& cause);
  void lock_from_outside(const std::string& cause, std::function<void()> then);
  void state_changed(VaultState state, const std::string& cause);
  /// Runs `function` on the vault thread.
  void on_vault_thread(absl::AnyInvocable<void()> function);

  Logger log_;
  boost::asio::io_context io_{1};
  const Limits limits_;
  const std::uint32_t kdf_target_ms_;
  std::optional<Endpoint> endpoint_;
  std::unique_ptr<BootClock> session_clock_;
  std::unique_ptr<BootClock> peers_clock_;
  std::unique_ptr<BootClock> audit_clock_;
  std::unique_ptr<BootClock> prompts_clock_;
  std::unique_ptr<BootClock> renewals_clock_;
  HangupWatch hangups_;
  ProcessEnds process_ends_{io_};
  std::unique_ptr<Askers> askers_;
  Server server_;
  Hub<ItemEvent> item_events_;
  Hub<StateChange> state_changes_;
  Hub<AuditWritten> audit_written_;
  AuditLog audit_;
  Session session_;
  PromptDesk prompts_;
  TokenBook tokens_;
  Access access_;
  Backoff backoff_;
  std::optional<KdfParams> calibrated_;  ///< the worker's
  Derivations derivations_;
  Core core_;
  AccessRpc access_rpc_;
  SessionService session_service_;
  SecretsService secrets_service_;
  CollectionsService collections_service_;
  ProjectsService projects_service_;
  ScanService scan_service_;
  RenewalService renewal_service_;
  AdminService admin_service_;
  ReplacementService replacement_service_;
  AccessService access_service_;
  AuditService audit_service_;
  PromptService prompt_service_;

  boost::asio::signal_set signals_{io_};
  std::optional<FolderWatch> folder_;
  std::unique_ptr<Waiter> session_waiter_;
  std::unique_ptr<Waiter> peers_waiter_;
  std::unique_ptr<Waiter> audit_waiter_;
  std::unique_ptr<Waiter> prompts_waiter_;
  std::unique_ptr<Waiter> renewals_waiter_;
  std::unique_ptr<Waiter> hangup_waiter_;
  std::unique_ptr<Waiter> folder_waiter_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<LoginEventsWatch> login_;
  bool stopping_ = false;  ///< Asio thread
};

}  // namespace tacit
