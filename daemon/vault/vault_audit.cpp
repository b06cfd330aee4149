// The audit log's rows: sealed, chained, the oldest dropped. What they say is access control's.
#include <algorithm>

#include "daemon/base/status.h"
#include "daemon/crypto/padding.h"
#include "daemon/vault/change.h"
#include "daemon/vault/codec.h"
#include "daemon/vault/sealed.h"
#include "daemon/vault/vault_core.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxAuditRecordBytes = 64 * 1024;
constexpr std::size_t kLinkBytes = std::tuple_size_v<Digest>;
// What one append drops at least, when it has to, and at most, so that it stays quick.
constexpr std::uint64_t kLeastDropped = 256;
constexpr std::uint64_t kMostDropped = 2048;

absl::Status audit_damaged(std::uint64_t sequence) {
  return make_error(Reason::kVaultDamaged,
                    "the audit log was changed at record " + std::to_string(sequence) +
                        " by something other than Tacit; do not trust what it tells before and "
                        "after it. Secrets are checked apart: run `tacit vault verify`");
}

std::array<unsigned char, kRowAadBytes> audit_aad(const VaultId& vault_id, std::uint64_t sequence) {
  return row_aad(vault_id, {.part = RowPart::kAudit, .number = sequence});
}

Digest audit_link(const KeyBytes& audit_key, const Digest& before, std::uint64_t sequence,
                  Bytes sealed) {
  std::array<unsigned char, 8> number{};
  FieldWriter(number).u64(sequence);
  return keyed_tag(audit_key, {before, number, sealed});
}

std::vector<unsigned char> seal_record(const Vault::Core& core, const AuditChain& chain,
                                       const SecretBytes& body) {
  SecretBytes record(kLinkBytes + body.size());
  FieldWriter out(record.writable());
  out.raw(chain.head);
  out.raw(body.bytes());
  const SecretBytes plain = pad_to(record.bytes(), padded_small(record.size()));
  return seal_box(core.log_key, audit_aad(core.vault_id, chain.next), plain.bytes());
}

/// A record that is authentic, with the chain's values before and after it.
struct ChainedRecord {
  Digest before{};
  Digest after{};
  SecretBytes body;
};

/// The next row of `use`, which is to be record `expected`. Nothing: there is no further row.
absl::StatusOr<std::optional<ChainedRecord>> next_record(const Vault::Core& core, StatementUse& use,
                                                         std::uint64_t expected) {
  const absl::StatusOr<bool> found = use->step();
  if (!found.ok()) return found.status();
  if (!*found) return std::optional<ChainedRecord>();
  const std::int64_t sequence = use->integer(0);
  const Bytes sealed = use->blob(1);
  if (!use->well_typed() || sequence != static_cast<std::int64_t>(expected)) {
    return audit_damaged(expected);
  }
  std::optional<SecretBytes> plain =
      open_box(core.log_key, audit_aad(core.vault_id, expected), sealed);
  if (!plain || !unpad(*plain) || plain->size() < kLinkBytes) return audit_damaged(expected);
  ChainedRecord out;
  std::copy_n(plain->bytes().begin(), kLinkBytes, out.before.begin());
  out.after = audit_link(core.audit_key, out.before, expected, sealed);
  out.body = SecretBytes::copy_of(plain->bytes().subspan(kLinkBytes));
  return std::optional<ChainedRecord>(std::move(out));
}

/// Moves the chain's beginning on to `first`, or to the first record after it that can be read,
/// and says whether what it leaves behind was as we left it.
absl::StatusOr<Vault::AuditDropped> drop_before(Vault::Core& core, AuditChain& chain,
                                                std::uint64_t first) {
  Vault::AuditDropped dropped;
  Digest link = chain.base;
  {
    StatementUse use(core.store.sql.audit_after);
    use->bind(1, static_cast<std::int64_t>(chain.first - 1)).bind(2, std::int64_t{-1});
    for (std::uint64_t at = chain.first; at < first; ++at) {
      const auto record = next_record(core, use, at);
      if (!record.ok() && reason_of(record.status()) != Reason::kVaultDamaged) {
        return record.status();
      }
      if (!record.ok() || !*record || (*record)->before != link) {
        dropped.damaged = at;
        break;
      }
      link = (*record)->after;
    }
  }
  for (; first < chain.next; ++first) {
    StatementUse use(core.store.sql.audit_after);
    use->bind(1, static_cast<std::int64_t>(first - 1)).bind(2, std::int64_t{1});
    const auto record = next_record(core, use, first);
    if (!record.ok() && reason_of(record.status()) != Reason::kVaultDamaged) {
      return record.status();
    }
    if (record.ok() && *record) {
      if (dropped.damaged == 0 && (*record)->before != link) dropped.damaged = first;
      link = (*record)->before;
      break;
    }
    if (dropped.damaged == 0) dropped.damaged = first;
  }
  if (absl::Status status = core.store.drop_audit_before(first); !status.ok()) return status;
  dropped.count = first - chain.first;
  chain.first = first;
  chain.base = first == chain.next ? chain.head : link;
  return dropped;
}

}  // namespace

absl::Status Change::append_audit(const SecretBytes& body) {
  if (body.size() > kMaxAuditRecordBytes) {
    return make_error(Reason::kInvalidArgument, "an audit record has at most 64 KiB");
  }
  AuditChain& chain = state_.audit;
  const std::vector<unsigned char> sealed = seal_record(core_, chain, body);
  if (absl::Status status = core_.store.append_audit(chain.next, sealed); !status.ok()) {
    return status;
  }
  chain.head = audit_link(core_.audit_key, chain.head, chain.next, sealed);
  ++chain.next;
  return absl::OkStatus();
}

absl::StatusOr<Vault::AuditRecord> Vault::Core::open_audit(std::uint64_t sequence,
                                                           Bytes sealed) const {
  std::optional<SecretBytes> plain = open_box(log_key, audit_aad(vault_id, sequence), sealed);
  if (!plain || !unpad(*plain) || plain->size() < kLinkBytes) return audit_damaged(sequence);
  return AuditRecord{sequence, SecretBytes::copy_of(plain->bytes().subspan(kLinkBytes))};
}

absl::StatusOr<Vault::AuditDropped> Vault::append_audit(std::span<const SecretBytes> bodies,
                                                        std::uint64_t keep) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  AuditDropped dropped;
  if (bodies.empty()) return dropped;
  Change write(*core_);
  if (absl::Status status = write.begin(); !status.ok()) return status;
  AuditChain& chain = write.state().audit;
  for (const SecretBytes& body : bodies) {
    if (absl::Status status = write.append_audit(body); !status.ok()) return status;
  }
  keep = std::max<std::uint64_t>(keep, 1);
  const std::uint64_t count = chain.next - chain.first;
  if (count > keep) {
    const std::uint64_t spare = std::min(kLeastDropped, keep / 16);
    const std::uint64_t dropping = std::min(count - keep + spare, kMostDropped);
    absl::StatusOr<AuditDropped> old = drop_before(*core_, chain, chain.first + dropping);
    if (!old.ok()) return old.status();
    dropped = *old;
  }
  if (absl::Status status = write.commit(); !status.ok()) return status;
  return dropped;
}

absl::StatusOr<std::vector<Vault::AuditRecord>> Vault::read_audit(std::uint64_t from,
                                                                  std::size_t limit) {
  std::vector<AuditRecord> out;
  const AuditChain& chain = core_->state.audit;
  std::uint64_t expected = std::max(from, chain.first);
  StatementUse use(core_->store.sql.audit_after);
  use->bind(1, static_cast<std::int64_t>(expected - 1))
      .bind(2, static_cast<std::int64_t>(std::min<std::size_t>(limit, 1 << 20)));
  for (; expected < chain.next && out.size() < limit; ++expected) {
    absl::StatusOr<std::optional<ChainedRecord>> record = next_record(*core_, use, expected);
    if (!record.ok()) return record.status();
    if (!*record) return audit_damaged(expected);
    out.push_back({expected, std::move((*record)->body)});
  }
  return out;
}

std::uint64_t Vault::first_audit_sequence() const { return core_->state.audit.first; }
std::uint64_t Vault::next_audit_sequence() const { return core_->state.audit.next; }

absl::Status Vault::verify_audit(AuditWalk& walk, std::size_t limit,
                                 const std::function<void(const AuditRecord&)>& each) {
  if (walk.done) return absl::OkStatus();
  limit = std::clamp<std::size_t>(limit, 1, 1 << 20);
  const AuditChain& chain = core_->state.audit;
  StatementUse use(core_->store.sql.audit_after);
  if (walk.next == 0) {
    use->bind(1, INT64_MIN).bind(2, std::int64_t{1});
    const absl::StatusOr<bool> found = use->step();
    if (!found.ok()) return found.status();
    if (*found && use->integer(0) < static_cast<std::int64_t>(chain.first)) {
      return audit_damaged(chain.first);
    }
    use->done();
  }
  if (walk.next < chain.first) {  // the beginning, also one that has moved on meanwhile
    walk.next = chain.first;
    walk.link = chain.base;
  }
  use->bind(1, static_cast<std::int64_t>(walk.next - 1)).bind(2, static_cast<std::int64_t>(limit));
  for (std::size_t done = 0; done < limit; ++done) {
    absl::StatusOr<std::optional<ChainedRecord>> record = next_record(*core_, use, walk.next);
    if (!record.ok()) return record.status();
    if (!*record) {
      if (walk.next != chain.next) return audit_damaged(walk.next);
      if (!same_bytes(walk.link, chain.head)) return audit_damaged(walk.next - 1);
      walk.done = true;
      return absl::OkStatus();
    }
    if (walk.next >= chain.next) return audit_damaged(walk.next);
    // What a record says of the one before it shows which of two is not the one that was written.
    if ((*record)->before != walk.link) {
      return audit_damaged(std::max(walk.next - 1, chain.first));
    }
    walk.link = (*record)->after;
    if (each) each({walk.next, std::move((*record)->body)});
    ++walk.next;
  }
  return absl::OkStatus();
}

absl::Status Vault::verify_audit() {
  for (AuditWalk walk; !walk.done;) {
    if (absl::Status status = verify_audit(walk, 1024); !status.ok()) return status;
  }
  return absl::OkStatus();
}

std::array<unsigned char, 32> Vault::audit_tag(const ItemName& where) const {
  return keyed_tag(core_->audit_key,
                   {bytes_of("item"), bytes_of(where.collection), bytes_of(where.name)});
}

}  // namespace tacit
