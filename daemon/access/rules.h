// The book of rules over an unlocked vault: what guards each collection, item and version. All of
// it is in RAM while the vault is unlocked, and written through.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/rule.h"
#include "daemon/vault/vault.h"

namespace tacit {

/// The rules that stand together over one item, or one collection. Good until a rule changes.
class Guard {
 public:
  enum class Source { kDefault, kCollection, kItem, kVersion };
  struct Part {
    Source source = Source::kDefault;
    const Rule* rule = nullptr;
  };
  /// The strictest of all parts, and the first that is so strict.
  struct Strictest {
    Policy policy = Policy::kOpen;
    Source source = Source::kDefault;
  };

  void add(Source source, const Rule* rule);
  std::span<const Part> parts() const { return {parts_.data(), size_}; }
  Strictest policy(Verb verb) const;
  /// What a program meets that passed every list.
  Strictest asks(Verb verb) const;
  bool tripwire() const;

 private:
  std::array<Part, 5> parts_{};  ///< default, collection, the one asked through, item, version
  std::size_t size_ = 0;
};

std::string_view source_name(Guard::Source source) noexcept;

/// A change of rules that belongs to a change of items, to be written in its transaction and then
/// told to `Rules::changed`.
struct RuleChange {
  Vault::SubjectId subject{};
  std::uint64_t version = 0;
  std::optional<Rule> rule;  ///< none: open
};
std::vector<Vault::PolicyChange> records_of(std::span<const RuleChange> changes);

/// Vault thread. A collection that is not there, and an item that is not, are guarded by what is
/// above them.
class Rules {
 public:
  explicit Rules(Rule default_rule) : default_(std::move(default_rule)) {}

  /// Takes one record of the vault. False: it is no rule.
  bool load(const Vault::PolicyChange& record);
  void clear() { rules_.clear(); }
  /// Nothing is guarded at all.
  bool nothing_set() const { return rules_.empty() && default_ == Rule(); }

  /// Of the subject itself; open if nothing was set.
  Rule own(const Vault::SubjectId& subject, std::uint64_t version = 0) const;
  Guard of_collection(const std::optional<CollectionId>& collection) const;
  /// `version` 0: the newest.
  Guard of_item(const CollectionId& collection, const ItemId& item, std::uint64_t version) const;
  /// Adds what guards the collection that an item is read through, which inherits it.
  void add_through(Guard& guard, const std::optional<CollectionId>& collection) const;
  /// Ids that have a rule as such; also those of collections.
  std::vector<Vault::SubjectId> subjects() const;
  /// By name. Errors: as of a read of the vault.
  absl::StatusOr<Guard> of_item(Vault& vault, const ItemName& where, std::uint64_t version) const;

  /// Sets what guards a subject. What an item's older versions lose by it, they keep as rules of
  /// their own. Errors: kNotFound, no such item; as of a write.
  absl::Status set_collection(Vault& vault, const std::string& collection, const Rule& rule);
  absl::Status set_item(Vault& vault, const ItemName& where, const Rule& rule);

  /// An item keeps what its old collection asked for.
  absl::StatusOr<std::vector<RuleChange>> for_move(Vault& vault, const ItemName& from,
                                                   const ItemName& to) const;
  /// A version that comes back brings what it was guarded by.
  absl::StatusOr<std::vector<RuleChange>> for_restore(Vault& vault, const ItemName& where,
                                                      std::uint64_t version) const;
  /// They were written.
  void changed(std::span<const RuleChange> changes);
  /// The item was purged, and its records with it.
  void forget(const ItemId& item);

 private:
  using Key = std::pair<Vault::SubjectId, std::uint64_t>;
  const Rule* find(const Vault::SubjectId& subject, std::uint64_t version) const;

  const Rule default_;
  std::map<Key, Rule> rules_;
};

}  // namespace tacit
