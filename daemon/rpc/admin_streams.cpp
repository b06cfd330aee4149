// The RPCs of Admin that answer with streams.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <deque>
#include <memory>
#include <string>

#include "daemon/os/unique_fd.h"
#include "daemon/rpc/admin_service.h"
#include "daemon/rpc/authorization.h"
#include "daemon/rpc/convert.h"
#include "daemon/rpc/slices.h"
#include "daemon/vault/leftovers.h"

namespace tacit {
namespace {

constexpr std::chrono::seconds kSignOfLife{5};

absl::Status io_error(const std::string& what) {
  return make_error(Reason::kIoError, what + ": " + std::strerror(errno));
}

/// A copy of the vault on its way to the client: first in the making, then open and without a
/// name, so that it goes when this does.
struct Copy {
  std::shared_ptr<Vault::Backup> making;
  std::string path;
  UniqueFd file;
  std::uint64_t size = 0;
  std::uint64_t sent = 0;
  std::chrono::steady_clock::time_point told = std::chrono::steady_clock::now();
};

absl::StatusOr<Copy> start_copy(Core& core) {
  return core.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::StatusOr<Copy> {
    const VaultPlace& place = core.session.place();
    absl::Status why;
    // The vault's folder has room as a rule. It may be read-only though, or gone, and then a
    // backup is wanted most.
    for (const std::string& folder : {place.dir, place.runtime_dir}) {
      Copy copy;
      copy.path = folder + "/" + new_backup_name();
      auto started = vault.start_backup(copy.path);
      if (started.ok()) {
        copy.making = *std::move(started);
        return copy;
      }
      if (why.ok()) why = started.status();
    }
    return why;
  });
}

/// Goes on making the copy for a slice; when it is whole, opens it and takes its name away.
absl::Status go_on(Core& core, Copy& copy) {
  const Slice slice(core.limits);
  bool whole = false;
  while (!whole && !slice.over()) {
    const absl::StatusOr<bool> step = core.session.with_vault(
        Use::kPassive, [&](Vault&) { return copy.making->step(kPagesAtOnce); });
    if (!step.ok()) return step.status();
    whole = *step;
  }
  if (!whole) return absl::OkStatus();
  copy.making.reset();
  copy.file.reset(::open(copy.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat info {};
  const absl::Status opened = copy.file && ::fstat(copy.file.get(), &info) == 0
                                  ? absl::OkStatus()
                                  : io_error("cannot read the copy of the vault");
  ::unlink(copy.path.c_str());
  copy.size = static_cast<std::uint64_t>(info.st_size);
  return opened;
}

}  // namespace

void AdminService::verify(Stream<v1::VerifyRequest, v1::VerifyReply>& call) {
  authorized(core_, call, {}, true, [this, &call] {
    struct Progress {
      Vault::VerifyState state;
      std::deque<Vault::Finding> findings;
      bool told_end = false;
    };
    call.stream([this, progress = std::make_shared<Progress>()](
                    v1::VerifyReply& reply) -> absl::StatusOr<Step> {
      Vault::VerifyState& state = progress->state;
      const Slice slice(core_.limits);
      while (progress->findings.empty() && !state.cursor.done) {
        // Damage is a finding here and no reason to lock: those who look for it want all of it.
        const absl::StatusOr<Vault*> vault = core_.session.unlocked(Use::kPassive);
        if (!vault.ok()) return vault.status();
        auto found = (*vault)->verify(state, kRowsAtOnce);
        if (!found.ok()) return found.status();
        progress->findings.insert(progress->findings.end(), found->begin(), found->end());
        if (slice.over()) break;
      }
      reply.set_rows_done(state.rows_done);
      reply.set_rows_total(state.rows_total);
      if (!progress->findings.empty()) {
        const Vault::Finding finding = std::move(progress->findings.front());
        progress->findings.pop_front();
        reply.set_finding(to_proto(finding.reason));
        reply.set_message(finding.message);
        if (finding.where) fill(*finding.where, *reply.mutable_item());
        return Step::kSend;
      }
      if (!state.cursor.done) return Step::kSend;
      return std::exchange(progress->told_end, true) ? Step::kEnd : Step::kSend;
    });
  });
}

void AdminService::backup(Stream<v1::BackupRequest, v1::BackupReply>& call) {
  authorized(core_, call, {}, true, [this, &call] {
    absl::StatusOr<Copy> started = start_copy(core_);
    if (!started.ok()) return call.fail(started.status());
    auto copy = std::make_shared<Copy>(*std::move(started));
    call.stream([this, copy](v1::BackupReply& reply) -> absl::StatusOr<Step> {
      if (copy->making) {
        if (absl::Status status = go_on(core_, *copy); !status.ok()) return status;
        // An empty message now and then: clients take a long silence for a daemon that hangs.
        const auto now = std::chrono::steady_clock::now();
        if (now < copy->told + kSignOfLife) return Step::kAgain;
        copy->told = now;
        return Step::kSend;
      }
      if (copy->sent == copy->size && copy->size != 0) return Step::kEnd;
      if (copy->sent == 0) reply.set_total_size(copy->size);
      std::string& chunk = *reply.mutable_chunk();
      chunk.resize(std::min<std::uint64_t>(core_.limits.chunk_bytes, copy->size - copy->sent));
      const ssize_t got =
          ::pread(copy->file.get(), chunk.data(), chunk.size(), static_cast<off_t>(copy->sent));
      if (got <= 0) return io_error("cannot read the copy of the vault");
      chunk.resize(static_cast<std::size_t>(got));
      copy->sent += static_cast<std::uint64_t>(got);
      return Step::kSend;
    });
  });
}

void AdminService::rotate(Stream<v1::RotateRequest, v1::RotateReply>& call) {
  with_authorization(
      core_, call, [](SlotWork&) { return absl::OkStatus(); },
      [](const SlotWork&) { return AdminChange{.change = "renew the data key"}; },
      [this, &call](SlotWork&) {
        call.stream([this, ended = false](v1::RotateReply& reply) mutable -> absl::StatusOr<Step> {
          if (ended) return Step::kEnd;
          // One transaction a slice: its sync takes longer than the rows.
          const absl::StatusOr<Vault::RotateProgress> progress = core_.session.with_vault(
              Use::kActive, [](Vault& vault) { return vault.rotate(kRowsAtOnce); });
          if (!progress.ok()) return progress.status();
          reply.set_items_done(progress->done);
          reply.set_items_total(progress->total);
          ended = progress->done >= progress->total;
          return Step::kSend;
        });
      });
}

}  // namespace tacit
