// The RPCs of Admin that answer with streams.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <memory>
#include <string>

#include "daemon/os/unique_fd.h"
#include "daemon/rpc/admin_service.h"
#include "daemon/rpc/authorization.h"
#include "daemon/rpc/convert.h"
#include "daemon/rpc/slices.h"

namespace tacit {
namespace {

absl::Status io_error(const std::string& what) {
  return make_error(Reason::kIoError, what + ": " + std::strerror(errno));
}

/// A name for a copy in the vault's folder that nothing has yet.
std::string copy_path(const std::string& folder) {
  std::array<unsigned char, 8> random;
  random_bytes(random);
  constexpr char kHex[] = "0123456789abcdef";
  std::string name = folder + "/backup-";
  for (const unsigned char byte : random) {
    name += kHex[byte >> 4];
    name += kHex[byte & 15];
  }
  return name + ".tmp";
}

/// The copy, open and without a name: it goes when this does.
struct Copy {
  UniqueFd file;
  std::uint64_t size = 0;
  std::uint64_t sent = 0;
};

absl::StatusOr<Copy> make_copy(Core& core) {
  const std::string path = copy_path(core.session.place().dir);
  const absl::Status made =
      core.session.with_vault(Use::kPassive, [&](Vault& vault) { return vault.backup(path); });
  Copy copy;
  if (made.ok()) copy.file.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  const absl::Status opened =
      !made.ok() || copy.file ? made : io_error("cannot read the copy of the vault");
  ::unlink(path.c_str());
  if (!opened.ok()) return opened;
  struct stat info {};
  if (::fstat(copy.file.get(), &info) != 0) return io_error("cannot read the copy of the vault");
  copy.size = static_cast<std::uint64_t>(info.st_size);
  return copy;
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
    absl::StatusOr<Copy> made = make_copy(core_);
    if (!made.ok()) return call.fail(made.status());
    auto copy = std::make_shared<Copy>(*std::move(made));
    call.stream([this, copy](v1::BackupReply& reply) -> absl::StatusOr<Step> {
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
