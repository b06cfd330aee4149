// Data of any length, scanned piece by piece.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tacit/scan.h"

namespace tacit::cli {

/// A value in the data.
struct ScanPlace {
  std::uint64_t offset = 0;  ///< bytes from the beginning
  std::uint64_t line = 1;    ///< from 1
  std::uint64_t length = 0;
  ScanForm form = ScanForm::kPlain;
  ItemRef item;
};

/// Fills a part of the span and returns its size; 0: the end.
using ScanSource = std::function<Result<std::size_t>(std::span<unsigned char>)>;

/// Pieces overlap by more than the longest form of a value, so that none is cut. Its memory is used
/// again for the next source. The scanner outlives it.
class StreamScan {
 public:
  /// `piece` and `overlap` are smaller in tests alone.
  explicit StreamScan(Scanner& scanner, std::size_t piece = kPiece, std::size_t overlap = kOverlap)
      : scanner_(scanner), overlap_(overlap), buffer_(piece) {}

  /// In order of offsets. Errors: those of the source and of Scanner::scan.
  Result<std::vector<ScanPlace>> scan(const ScanSource& source);

  static constexpr std::size_t kPiece = std::size_t{8} << 20;
  /// Of a value 64 KiB are looked for, and percent-encoding triples it.
  static constexpr std::size_t kOverlap = std::size_t{256} << 10;

 private:
  Scanner& scanner_;
  std::size_t overlap_;
  std::vector<unsigned char> buffer_;
};

}  // namespace tacit::cli
