// The golden vault: what it opens by and what is in it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/vault/item.h"
#include "daemon/vault/slot.h"

namespace tacit {

inline constexpr std::string_view kGoldenPassphrase = "golden passphrase \xc3\xa4";
inline constexpr UnixMillis kGoldenStart = 1'700'000'000'000;

/// The key file's content: 64 bytes, 0 to 63.
std::string golden_key_file();

struct GoldenVersion {
  std::uint64_t version = 0;
  bool deleted = false;
  std::string value;
  Attributes attributes;
  std::string content_type;
  UnixMillis created = 0;
  UnixMillis modified = 0;
  UnixMillis expires = 0;
};
struct GoldenItem {
  ItemName where;
  bool live = true;
  std::vector<GoldenVersion> versions;  ///< newest first
};
/// Ordered by collection and name.
std::vector<GoldenItem> golden_items();

/// Writes vault/, anchor, recovery-key.txt, key-file and expected.json into `folder`.
absl::Status make_golden(const std::string& folder);

}  // namespace tacit
