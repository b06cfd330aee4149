// Looks for values of the vault that stand in plain in data. The values stay in the daemon: this
// sifts the data by fingerprints and has the daemon confirm what remains.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tacit/client.h"

namespace tacit {

/// One value in the data, or a line of it that stands alone. Of base64 it begins and ends with the
/// characters that are the value's alone.
struct ScanFinding {
  std::size_t offset = 0;  ///< bytes from the beginning of the data
  std::size_t length = 0;
  ScanForm form = ScanForm::kPlain;
  ItemRef item;
  bool operator==(const ScanFinding&) const;
};

/// One scan of any number of buffers.
class Scanner {
 public:
  /// No collection: every one. Errors: as of Client::begin_scan; kLimit, over 20,000 values. The
  /// client outlives it.
  static Result<Scanner> begin(Client& client, std::optional<std::string_view> collection = {});

  /// What stands in `data`, in order of offsets. A file is handed over as a whole (mapped, say): a
  /// value that lies across two buffers is not found. Of 8 bytes that stand in very many places
  /// the first 4,096 or some more are looked at: see `untold`. kNotFound: the scan is over (the
  /// vault was locked): begin anew.
  Result<std::vector<ScanFinding>> scan(std::span<const unsigned char> data);

  /// The two halves of `scan`. `sift` may run on any number of threads at once; most data gives
  /// nothing, and then there is nothing to confirm.
  std::vector<std::size_t> sift(std::span<const unsigned char> data) const;
  Result<std::vector<ScanFinding>> confirm(std::span<const unsigned char> data,
                                           std::span<const std::size_t> places);

  std::uint64_t values() const { return values_; }
  /// Left out: under 8 bytes; guarded, so that somebody would have to be asked first.
  std::uint64_t short_values() const { return short_values_; }
  std::uint64_t guarded_values() const { return guarded_values_; }
  /// Places of values that were found in the same buffer already, in all buffers together, which
  /// were not told: there were too many.
  std::uint64_t untold() const { return untold_; }

 private:
  Scanner(Client& client, ScanSieve sieve);
  std::uint32_t fingerprint_at(const unsigned char* window) const;

  Client* client_;
  std::uint64_t scan_id_;
  std::uint64_t multiplier_;
  std::vector<std::uint32_t> fingerprints_;  ///< in order
  std::vector<std::uint64_t> bits_;          ///< one for each beginning of a fingerprint
  int shift_ = 0;                            ///< from a fingerprint to its bit
  std::size_t reach_before_;
  std::size_t reach_after_;
  std::uint64_t values_;
  std::uint64_t short_values_;
  std::uint64_t guarded_values_;
  std::uint64_t untold_ = 0;
};

}  // namespace tacit
