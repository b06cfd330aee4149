// How a value may stand in data: itself, in base64, hex or percent-encoded. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
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
  /// Of base64: the bits that the characters before and after `text` must have, where the value
  /// does not begin or end with a character. Mask 0: none.
  struct Beside {
    std::uint8_t mask = 0;
    std::uint8_t bits = 0;
  };
  Beside before;
  Beside after;
  std::size_t window = 0;  ///< where in `text` the bytes of its fingerprint begin
};

/// Every form, each once; the same for the same value. None of a short value.
std::vector<ValueForm> forms_of(std::span<const unsigned char> value);

/// Whether the form's text begins at `offset` in the data. Bytes beyond the data are not there.
bool stands_at(const ValueForm& form, std::span<const unsigned char> data, std::size_t offset);

/// The upper half of the lower 64 bits of (8 bytes, little-endian) * multiplier.
std::uint32_t scan_fingerprint(const unsigned char* window, std::uint64_t multiplier);

}  // namespace tacit
