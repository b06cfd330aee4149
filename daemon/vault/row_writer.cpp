#include "daemon/vault/row_writer.h"

#include <algorithm>
#include <utility>

#include "daemon/vault/sealed.h"

namespace tacit {
namespace {

constexpr std::size_t kMostRows = 4096;
constexpr std::size_t kMostBytes = std::size_t{8} << 20;

}  // namespace

absl::StatusOr<Change*> RowWriter::change(std::size_t bytes) {
  if (change_ && (rows_ >= kMostRows || bytes_ >= kMostBytes)) {
    if (absl::Status status = change_->commit(); !status.ok()) return status;
    change_.reset();
  }
  if (!change_) {
    change_ = std::make_unique<Change>(to_);
    if (absl::Status status = change_->begin(); !status.ok()) return status;
    rows_ = bytes_ = 0;
  }
  ++rows_;
  bytes_ += bytes;
  return change_.get();
}

absl::Status RowWriter::collection(const CollectionId& id, const CollectionRecord& record) {
  const absl::StatusOr<Change*> change = this->change(0);
  if (!change.ok()) return change.status();
  const KeyRing::Entry& key = to_.ring.newest();
  const Tag tag = to_.collection_tag(record.name);
  const auto aad = row_aad(
      to_.vault_id, {.part = RowPart::kCollection, .term = key.term, .subject = id, .tag = tag});
  const std::vector<unsigned char> sealed =
      seal_box(key.key, aad, encode_collection(record).bytes());
  return (*change)->insert(CollectionRow{tag, id, key.term, sealed});
}

absl::Status RowWriter::name(const CollectionId& collection, const ItemId& item, bool live,
                             std::string_view name) {
  const absl::StatusOr<Change*> change = this->change(0);
  if (!change.ok()) return change.status();
  return (*change)->add_name(collection, to_.name_tag(collection, name), item, live, name);
}

absl::Status RowWriter::version(const ItemId& item, std::uint64_t version,
                                const VersionRecord& record, const SecretBytes* value) {
  const absl::StatusOr<Change*> change = this->change(record.value_size);
  if (!change.ok()) return change.status();
  return (*change)->add_version(item, version, record, value);
}

absl::Status RowWriter::attributes(const ItemId& item, const Attributes& attributes) {
  if (attributes.empty()) return absl::OkStatus();
  const absl::StatusOr<Change*> change = this->change(0);
  return change.ok() ? (*change)->add_attributes(item, attributes) : change.status();
}

absl::Status RowWriter::policy(const Vault::PolicyChange& record) {
  const absl::StatusOr<Change*> change = this->change(0);
  return change.ok() ? (*change)->put_policy(record) : change.status();
}

absl::Status RowWriter::audit(std::uint64_t sequence, const SecretBytes& body) {
  const absl::StatusOr<Change*> change = this->change(body.size());
  if (!change.ok()) return change.status();
  if (!std::exchange(log_begun_, true)) {
    AuditChain& chain = (*change)->state().audit;
    chain.first = chain.next = sequence;
  }
  return (*change)->append_audit(body);
}

absl::Status RowWriter::finish(std::uint64_t epoch) {
  const absl::StatusOr<Change*> change = this->change(0);
  if (!change.ok()) return change.status();
  (*change)->state().epoch = std::max((*change)->state().epoch, epoch);
  const absl::Status status = (*change)->commit();
  change_.reset();
  return status;
}

}  // namespace tacit
