#include "daemon/access/askers.h"

#include <deque>
#include <mutex>
#include <string_view>
#include <utility>

#include "daemon/access/chain.h"
#include "daemon/access/facts_pool.h"
#include "daemon/access/shown.h"

namespace tacit {
namespace {

/// The way to the vault thread, which ends before that thread does.
class VaultThread {
 public:
  explicit VaultThread(std::function<void(absl::AnyInvocable<void()>)> post)
      : post_(std::move(post)) {}
  void post(absl::AnyInvocable<void()> function) {
    const std::lock_guard lock(mutex_);
    if (post_) post_(std::move(function));
  }
  void close() {
    const std::lock_guard lock(mutex_);
    post_ = nullptr;
  }

 private:
  std::mutex mutex_;
  std::function<void(absl::AnyInvocable<void()>)> post_;
};

class PooledLookup;

/// Where a pool's thread leaves what it found. Any thread.
class Answer {
 public:
  Answer(const ProcessName& process, std::shared_ptr<VaultThread> vault_thread)
      : process_(process), vault_thread_(std::move(vault_thread)) {}

  /// Before it is shared.
  void belongs_to(std::weak_ptr<PooledLookup> lookup) { lookup_ = std::move(lookup); }
  const ProcessName& process() const { return process_; }
  /// Nobody wants it any more.
  bool forsaken() const { return lookup_.expired(); }

  /// What is found late still replaces what was said meanwhile.
  void found(std::shared_ptr<const Asker> asker) { settle(std::move(asker), true); }
  void late() {
    settle(ChainReader::unknown(process_, "what it is could not be found out in time"), false);
  }
  std::shared_ptr<const Asker> now() const {
    const std::lock_guard lock(mutex_);
    return best_;
  }
  /// The same; where it is not there yet, the vault thread is told when it is.
  std::shared_ptr<const Asker> now_or_later() {
    const std::lock_guard lock(mutex_);
    awaited_ = !best_;
    return best_;
  }

 private:
  void settle(std::shared_ptr<const Asker> asker, bool final);

  const ProcessName process_;
  const std::shared_ptr<VaultThread> vault_thread_;
  std::weak_ptr<PooledLookup> lookup_;

  mutable std::mutex mutex_;  ///< guards the two below
  std::shared_ptr<const Asker> best_;
  bool awaited_ = false;
};

class PooledLookup final : public AskerLookup {
 public:
  explicit PooledLookup(std::shared_ptr<Answer> answer) : answer_(std::move(answer)) {}

  void then(absl::AnyInvocable<void(std::shared_ptr<const Asker>)> function) override {
    std::shared_ptr<const Asker> known = answer_->now_or_later();
    // Who has waited longer is told first.
    if (known && waiting_.empty()) return function(std::move(known));
    waiting_.push_back(std::move(function));
  }
  std::shared_ptr<const Asker> now() const override { return answer_->now(); }

  void tell_waiting() {
    for (auto& function : std::exchange(waiting_, {})) function(now());
  }

 private:
  const std::shared_ptr<Answer> answer_;
  std::deque<absl::AnyInvocable<void(std::shared_ptr<const Asker>)>> waiting_;
};

void Answer::settle(std::shared_ptr<const Asker> asker, bool final) {
  {
    const std::lock_guard lock(mutex_);
    if (final || !best_) best_ = std::move(asker);
    if (!std::exchange(awaited_, false)) return;
  }
  vault_thread_->post([weak = lookup_] {
    if (const auto lookup = weak.lock()) lookup->tell_waiting();
  });
}

class ProcessAskers final : public Askers {
 public:
  explicit ProcessAskers(AskersSetup setup)
      : vault_thread_(std::make_shared<VaultThread>(std::move(setup.on_vault_thread))),
        reader_(std::make_shared<ChainReader>(AgentMarkers::parse(setup.agent_markers),
                                              OwnPrograms::beside_this_program())) {}
  ~ProcessAskers() override { vault_thread_->close(); }

  std::shared_ptr<AskerLookup> look_up(const PeerIdentity& identity) override {
    auto answer =
        std::make_shared<Answer>(ProcessName{identity.pid, identity.start_time}, vault_thread_);
    auto lookup = std::make_shared<PooledLookup>(answer);
    answer->belongs_to(lookup);
    pool_.run(
        [reader = reader_, answer] {
          if (!answer->forsaken()) answer->found(reader->read(answer->process()));
        },
        [answer] { answer->late(); });
    return lookup;
  }

  void stop() override { vault_thread_->close(); }

 private:
  const std::shared_ptr<VaultThread> vault_thread_;
  const std::shared_ptr<ChainReader> reader_;
  FactsPool pool_;
};

}  // namespace

std::unique_ptr<Askers> make_askers(AskersSetup setup) {
  return std::make_unique<ProcessAskers>(std::move(setup));
}

std::string describe_program(const Program& program) {
  const std::string pid = "pid " + std::to_string(program.pid);
  std::string_view path = program.executable;
  if (path.empty()) return pid;
  path.remove_prefix(path.rfind('/') + 1);
  std::string_view script = program.script;
  script.remove_prefix(script.rfind('/') + 1);  // the whole of it where there is no slash
  const std::string what = script.empty() ? "" : " " + shown(script, 64);
  return shown(path, 64) + what + " (" + pid + ")";
}

}  // namespace tacit
