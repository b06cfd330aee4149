#include "daemon/daemon.h"

#include <google/protobuf/stubs/logging.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <cstring>
#include <thread>

#include "daemon/access/agents.h"
#include "daemon/base/status.h"
#include "tacit/paths.h"

namespace tacit {
namespace {

UnixMillis wall_clock_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::uint64_t descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

using WhenEnded = std::function<void(Narrowings::Root, std::function<void()>)>;

Access::Setup access_setup(const Config::Access& config, BootClock& clock, Session& session,
                           TokenBook& tokens, WhenEnded when_ended) {
  return {[&session] { return session.unlocked(Use::kPassive); },
          {[&clock] { return clock.now(); }, wall_clock_now, boot_id(), config.grant_idle,
           config.grant_lifetime},
          {[&clock] { return clock.now(); }, boot_id(), std::move(when_ended)},
          rule_of(static_cast<Policy>(config.default_policy)),
          [&tokens](const Vault::PolicyChange& record) -> std::optional<bool> {
            if (record.subject != kTokenSubject) return std::nullopt;
            return tokens.load(record);
          }};
}

PromptRules prompt_rules(const Config::Access& config) {
  PromptRules rules;
  rules.timeout = config.question_timeout;
  rules.idle = config.grant_idle;
  rules.hard = config.grant_lifetime;
  return rules;
}

Limits fitted(Limits limits) {
  limits.fit_descriptors(descriptor_limit());
  return limits;
}

VaultPlace vault_place(const Endpoint& endpoint) {
  const Paths paths = user_paths();
  return {paths.vault_dir, paths.anchor_file, endpoint.folder(), endpoint.path()};
}

std::string message_of(const absl::Status& status) { return std::string(status.message()); }

}  // namespace

struct Daemon::Parts {
  Limits limits;
  Endpoint endpoint;
  Logger log;
  std::unique_ptr<BootClock> session_clock;
  std::unique_ptr<BootClock> peers_clock;
  std::unique_ptr<BootClock> audit_clock;
  std::unique_ptr<BootClock> prompts_clock;
  std::unique_ptr<BootClock> renewals_clock;
  HangupWatch hangups;
};

absl::StatusOr<std::unique_ptr<Daemon>> Daemon::make(const Config& config, const Limits& limits,
                                                     Endpoint endpoint, Logger log) {
  absl::StatusOr<std::unique_ptr<BootClock>> session_clock = make_boot_clock();
  if (!session_clock.ok()) return session_clock.status();
  absl::StatusOr<std::unique_ptr<BootClock>> peers_clock = make_boot_clock();
  if (!peers_clock.ok()) return peers_clock.status();
  absl::StatusOr<std::unique_ptr<BootClock>> audit_clock = make_boot_clock();
  if (!audit_clock.ok()) return audit_clock.status();
  absl::StatusOr<std::unique_ptr<BootClock>> prompts_clock = make_boot_clock();
  if (!prompts_clock.ok()) return prompts_clock.status();
  absl::StatusOr<std::unique_ptr<BootClock>> renewals_clock = make_boot_clock();
  if (!renewals_clock.ok()) return renewals_clock.status();
  absl::StatusOr<HangupWatch> hangups = HangupWatch::open();
  if (!hangups.ok()) return hangups.status();
  std::unique_ptr<Daemon> daemon(new Daemon(
      config, {limits, std::move(endpoint), std::move(log), *std::move(session_clock),
               *std::move(peers_clock), *std::move(audit_clock), *std::move(prompts_clock),
               *std::move(renewals_clock), *std::move(hangups)}));
  if (absl::Status started = daemon->session_.start(); !started.ok()) return started;
  return daemon;
}

Daemon::Daemon(const Config& config, Parts parts)
    : log_(std::move(parts.log)),
      limits_(fitted(parts.limits)),
      kdf_target_ms_(config.kdf.target_ms),
      endpoint_(std::move(parts.endpoint)),
      session_clock_(std::move(parts.session_clock)),
      peers_clock_(std::move(parts.peers_clock)),
      audit_clock_(std::move(parts.audit_clock)),
      prompts_clock_(std::move(parts.prompts_clock)),
      renewals_clock_(std::move(parts.renewals_clock)),
      hangups_(std::move(parts.hangups)),
      askers_(make_askers(
          {[this](absl::AnyInvocable<void()> f) { on_vault_thread(std::move(f)); },
           config.agents.markers_set ? config.agents.markers : built_in_agent_markers()})),
      server_(limits_, numbers_for(limits_, descriptor_limit()), *peers_clock_, *askers_,
              {[this](const Peer& peer) {
                 hangups_.watch(peer.kill_switch.get(), {peer.number, peer.generation});
               },
               [this](const Peer& peer) { hangups_.unwatch(peer.kill_switch.get()); }}),
      item_events_(limits_.watch_events),
      state_changes_(limits_.watch_events),
      audit_written_(limits_.watch_events),
      audit_({[this](const std::function<void(Vault&)>& work) {
                return session_.with_vault(Use::kPassive, [&](Vault& vault) {
                  work(vault);
                  return absl::OkStatus();
                });
              },
              wall_clock_now, audit_clock_.get(), config.audit.max_records,
              [this] { audit_written_.tell({}); },
              [this](const absl::Status& status) {
                log_->warn("cannot write the audit log: {}", message_of(status));
              }}),
      session_({vault_place(*endpoint_), wall_clock_now, session_clock_.get(),
                Timeouts{config.session.idle_timeout, config.session.hard_timeout},
                [this](VaultState state, const std::string& cause) { state_changed(state, cause); },
                [this](const absl::Status& status) { log_->warn("{}", message_of(status)); },
                [this](const ItemEvent& event) { item_events_.tell(event); },
                [this](const std::string& cause) { audit_.locking("locked: " + cause); }}),
      prompts_(prompt_rules(config.access), *prompts_clock_),
      access_(access_setup(config.access, *session_clock_, session_, tokens_,
                           [this](Narrowings::Root root, std::function<void()> ended) {
                             process_ends_.watch(
                                 root.first, root.second,
                                 [this, ended = std::move(ended)] { on_vault_thread(ended); });
                           })),
      backoff_(limits_.backoff),
      derivations_([this](absl::AnyInvocable<void()> f) { on_vault_thread(std::move(f)); },
                   limits_.derivations_waiting),
      core_{limits_,         session_,          access_,
            prompts_,        *askers_,          audit_,
            tokens_,         derivations_,      backoff_,
            *session_clock_, wall_clock_now,    server_.peers(),
            item_events_,    state_changes_,    [this] { return new_slot_cost(); },
            TACIT_VERSION,   endpoint_->path(), session_clock_->now()},
      access_rpc_(server_),
      session_service_(core_, server_),
      secrets_service_(core_, server_),
      collections_service_(core_, server_),
      projects_service_(core_, server_),
      scan_service_(core_, server_),
      renewal_service_(core_, server_, *renewals_clock_),
      admin_service_(core_, server_),
      replacement_service_(core_, server_),
      access_service_(core_, server_, access_rpc_),
      audit_service_(core_, server_, access_rpc_, audit_, audit_written_),
      prompt_service_(core_, server_, access_rpc_) {
  access_.connect(&prompts_, &audit_);
  // A message that could not be parsed must not be quoted in a log.
  google::protobuf::SetLogHandler(nullptr);
  if (config.session.lock_on_sleep || config.session.lock_on_screen_lock) watch_logins(config);
}

Daemon::~Daemon() { askers_->stop(); }

KdfParams Daemon::new_slot_cost() {
  if (limits_.kdf_at_floor) return {{}, kMinKdfMemory, kMinNewKdfPasses};
  if (!calibrated_) {
    constexpr std::uint32_t kDefaultTargetMs = 500;
    calibrated_ = calibrate_kdf();
    const std::uint64_t passes =
        std::uint64_t{calibrated_->passes} * kdf_target_ms_ / kDefaultTargetMs;
    calibrated_->passes = static_cast<std::uint32_t>(
        std::clamp<std::uint64_t>(passes, kMinNewKdfPasses, kMaxKdfPasses));
  }
  return *calibrated_;
}

void Daemon::on_vault_thread(absl::AnyInvocable<void()> function) {
  server_.mailbox().post(std::move(function));
}

void Daemon::state_changed(VaultState state, const std::string& cause) {
  constexpr std::array<const char*, 5> kNames{"", "no vault", "locked", "unlocked", "unusable"};
  log_->info("vault: {} ({})", kNames[static_cast<std::size_t>(state)], cause);
  if (state == VaultState::kUnlocked) {
    if (const auto vault = session_.unlocked(Use::kPassive); vault.ok()) {
      const absl::Status loaded = access_.unlocked(**vault);
      if (!loaded.ok()) log_->error("nothing is served: {}", message_of(loaded));
    }
  } else {
    prompts_.vault_locked();
    scan_service_.locked();
    renewal_service_.end_all(
        make_error(Reason::kLocked, "the vault was locked while the token was renewed"));
    tokens_.clear();
    access_.locked();
  }
  state_changes_.tell({state, cause});
  if (state == VaultState::kUnlocked) {
    prompts_.vault_unlocked();
    return audit_.unlocked("unlocked: " + cause);
  }
  audit_.locked("locked: " + cause);
  audit_written_.end_all();
  item_events_.end_all();
  server_.peers().drain([] {});
}

void Daemon::lock_from_outside(const std::string& cause, std::function<void()> then) {
  on_vault_thread([this, cause, then = std::move(then)]() mutable {
    session_.lock(cause);
    if (then) boost::asio::post(io_, std::move(then));
  });
}

void Daemon::watch_logins(const Config& config) {
  LoginEvents events;
  if (config.session.lock_on_sleep) {
    events.before_sleep = [this] {
      lock_from_outside("the machine goes to sleep", [this] {
        if (login_) login_->let_sleep();
      });
    };
    events.no_wait = [this](const std::string& why) {
      log_->warn("the machine may sleep before the vault is locked; is polkit installed? {}", why);
    };
  }
  if (config.session.lock_on_screen_lock) {
    events.screen_locked = [this] { lock_from_outside("the screen was locked", {}); };
  }
  events.last_session_ended = [this] { lock_from_outside("the last session ended", {}); };
  auto login = LoginEventsWatch::open(io_, ::geteuid(), std::move(events));
  if (login.ok()) {
    login_ = *std::move(login);
  } else {
    log_->info("locks by time-outs only: {}", message_of(login.status()));
  }
}

void Daemon::wire_waiters() {
  const auto alarm = [this](BootClock& clock, std::unique_ptr<Waiter>& waiter,
                            const std::function<void()>& ring) {
    waiter = std::make_unique<Waiter>(io_, clock.fd(), [this, &clock, &waiter, ring] {
      on_vault_thread([this, &clock, &waiter, ring] {
        clock.acknowledge();
        ring();
        boost::asio::post(io_, [&waiter] { waiter->again(); });
      });
    });
  };
  alarm(*session_clock_, session_waiter_, [this] { session_.on_alarm(); });
  alarm(*peers_clock_, peers_waiter_, [this] {
    server_.peers().on_alarm();
    server_.connect_waiting();
  });
  alarm(*audit_clock_, audit_waiter_, [this] { audit_.on_alarm(); });
  alarm(*prompts_clock_, prompts_waiter_, [this] { prompts_.on_alarm(); });
  alarm(*renewals_clock_, renewals_waiter_, [this] { renewal_service_.on_alarm(); });
  hangup_waiter_ = std::make_unique<Waiter>(io_, hangups_.fd(), [this] {
    on_vault_thread([this, gone = hangups_.take()] {
      for (const auto& [number, generation] : gone) server_.peers().hung_up(number, generation);
    });
    hangup_waiter_->again();
  });
  listener_ = std::make_unique<Listener>(
      io_, endpoint_->fd(),
      Listener::Events{
          [this](Accepted accepted) {
            on_vault_thread([this, accepted = std::move(accepted)]() mutable {
              server_.connect(std::move(accepted), [this](const absl::Status& status) {
                if (!status.ok()) log_->debug("refused a connection: {}", message_of(status));
                listener_->handled();
              });
            });
          },
          [this](uid_t uid) { log_->warn("closed a connection of another user (uid {})", uid); },
          [this](int error) { log_->warn("cannot accept: {}", std::strerror(error)); }});
}

void Daemon::watch_runtime_folder() {
  const std::string folder = endpoint_->folder();
  if (folder.empty()) return;
  absl::StatusOr<FolderWatch> watch = FolderWatch::open(folder);
  if (!watch.ok()) return log_->warn("{}", message_of(watch.status()));
  folder_ = *std::move(watch);
  folder_waiter_ = std::make_unique<Waiter>(io_, folder_->fd(), [this] {
    if (folder_->gone()) return stop("the runtime folder was removed");
    if (!endpoint_->in_place()) {
      // Nobody could reach this daemon any more, and it would keep every other from starting. One
      // of the service manager's goes with it: that does not notice by itself.
      return stop("the socket's file was removed or replaced");
    }
    folder_waiter_->again();
  });
}

void Daemon::run(const std::function<void()>& serving) {
  server_.start();
  std::thread vault_thread([this] { server_.run(); });
  wire_waiters();
  watch_runtime_folder();
  signals_.add(SIGTERM);
  signals_.add(SIGINT);
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (!error) stop(signal == SIGINT ? "SIGINT" : "SIGTERM");
  });
  serving();
  io_.run();
  server_.stop([this] { return derivations_.busy() ? 1 : 0; });
  vault_thread.join();
}

void Daemon::stop(const std::string& cause) {
  if (std::exchange(stopping_, true)) return;
  log_->info("stopping: {}", cause);
  listener_->stop();
  on_vault_thread([this] {
    session_.lock("the daemon stops");
    server_.stop_calls();
    renewal_service_.end_all(absl::UnavailableError("the daemon is stopping"));
    access_.stop(absl::UnavailableError("the daemon is stopping"));
    derivations_.cancel_all();
    state_changes_.end_all();
    prompts_.stop();
    // What was just ended may still leave.
    server_.peers().drain([this] { boost::asio::post(io_, [this] { io_.stop(); }); });
  });
}

}  // namespace tacit
