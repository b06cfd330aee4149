// How a value may stand in data: itself, its lines, in base64, hex or percent-encoded. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tacit/secret_bytes.h"

namespace tacit {

/// The numbers are those of proto ScanForm.
enum class ScanForm : std::uint8_t { kPlain = 1, kBase64 = 2, kHex = 3, kUrl = 4 };

inline constexpr std::size_t kScanWindow = 8;  ///< bytes of a fingerprint
/// Shorter values are not looked for; of longer ones than kScannedBytes the beginning is.
inline constexpr std::size_t kLeastScanned = kScanWindow;
inline constexpr std::size_t kScannedBytes = std::size_t{64} << 10;

/// One form of a value.
struct ValueForm {
  ScanForm kind = ScanForm::kPlain;
  SecretBytes text;  ///< to be found as it is; at least kScanWindow bytes
  /// Line ends may stand anywhere in it, and blanks behind them (see JoinedLines).
  bool over_lines = false;
  /// Of base64: the bits that the characters before and after `text` must have, where the value
  /// does not begin or end with a character. Mask 0: none.
  struct Beside {
    std::uint8_t mask = 0;
    std::uint8_t bits = 0;
  };
  Beside before{};
  Beside after{};
  /// Where in `text` the bytes of its fingerprints begin. Two that lie side by side, where it may
  /// be wrapped: no line end is in both.
  std::vector<std::size_t> windows{};
};

/// Every form, each once; the same for the same value. None of a short value. Line ends at its end
/// are no part of a value.
std::vector<ValueForm> forms_of(std::span<const unsigned char> value);

/// How much of the data the form needs before and after the first byte of that window.
struct ScanReach {
  std::size_t before = 0;
  std::size_t after = 0;
};
ScanReach reach_of(const ValueForm& form, std::size_t window);

/// Where in the data the form stands, if its window does so at `place`. Bytes beyond the data are
/// not there.
struct ScanExtent {
  std::size_t offset = 0;
  std::size_t length = 0;
};
std::optional<ScanExtent> stands_at(const ValueForm& form, std::size_t window,
                                    std::span<const unsigned char> data, std::size_t place);

/// The upper half of the lower 64 bits of (8 bytes, little-endian) * multiplier.
std::uint32_t scan_fingerprint(const unsigned char* window, std::uint64_t multiplier);

}  // namespace tacit
