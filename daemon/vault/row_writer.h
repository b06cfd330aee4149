// Writes content into an empty vault, under its own keys, in transactions of bounded size.
#pragma once
#include <memory>

#include "daemon/vault/change.h"
#include "daemon/vault/record.h"

namespace tacit {

/// `to` outlives it, and nobody else changes it meanwhile. After an error the vault is to be
/// thrown away.
class RowWriter {
 public:
  explicit RowWriter(Vault::Core& to) : to_(to) {}

  absl::Status collection(const CollectionId& id, const CollectionRecord& record);
  absl::Status name(const CollectionId& collection, const ItemId& item, bool live,
                    std::string_view name);
  /// No value: a deletion.
  absl::Status version(const ItemId& item, std::uint64_t version, const VersionRecord& record,
                       const SecretBytes* value);
  absl::Status attributes(const ItemId& item, const Attributes& attributes);
  absl::Status policy(const Vault::PolicyChange& record);
  /// The log begins with the first sequence number given.
  absl::Status audit(std::uint64_t sequence, const SecretBytes& body);
  /// Commits what is open. Before it, `epoch` is taken if it is later.
  absl::Status finish(std::uint64_t epoch);

 private:
  /// The transaction that is open, or a new one.
  absl::StatusOr<Change*> change(std::size_t bytes);

  Vault::Core& to_;
  std::unique_ptr<Change> change_;
  std::size_t rows_ = 0;
  std::size_t bytes_ = 0;
  bool log_begun_ = false;
};

}  // namespace tacit
