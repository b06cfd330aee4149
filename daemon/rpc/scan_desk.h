// Scans that were begun: what was told to be looked for, and for whom. No value is kept.
#pragma once
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <vector>

#include "daemon/access/access.h"
#include "daemon/os/boot_time.h"
#include "daemon/rpc/scan_forms.h"
#include "daemon/session/process_key.h"

namespace tacit {

/// The forms of each, one after the other.
std::vector<ValueForm> forms_of_all(std::span<const SecretBytes> secrets);

/// One scan. Filled while it is begun, then only read.
struct ScanBook {
  /// A form of an item's value, by its fingerprint.
  struct Entry {
    std::uint32_t fingerprint = 0;
    std::uint32_t item = 0;  ///< position in `items`
    std::uint16_t form = 0;  ///< position in forms_of_all its secrets
  };
  std::uint64_t id = 0;
  std::uint64_t multiplier = 0;
  ProcessKey owner{};
  AccessVerdict verdict;
  BootTime used{};
  struct Scanned {
    ItemId id{};
    ItemName where;
  };
  std::vector<Scanned> items;
  std::vector<Entry> entries;  ///< once begun, by fingerprint
  std::size_t reach_before = 0;
  std::size_t reach_after = 0;
  std::uint64_t short_values = 0;
  std::uint64_t guarded_values = 0;

  /// `secrets`: as of secrets_of.
  void add(const ItemMetadata& item, std::span<const SecretBytes> secrets);
};

/// Vault thread.
class ScanDesk {
 public:
  static constexpr std::size_t kMaxScans = 8;
  static constexpr std::chrono::minutes kIdle{10};

  /// A new one, which makes room for itself.
  std::shared_ptr<ScanBook> begin(const ProcessKey& owner, const AccessVerdict& verdict,
                                  BootTime now);
  /// Null: there is none of this owner.
  std::shared_ptr<ScanBook> find(std::uint64_t id, const ProcessKey& owner, BootTime now);
  void forget_all() { books_.clear(); }

 private:
  std::list<std::shared_ptr<ScanBook>> books_;  ///< the one used longest ago first
};

}  // namespace tacit
