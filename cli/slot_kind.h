// Slot kinds as they are written on the command line and in JSON.
#pragma once
#include <string_view>

#include "tacit/client.h"

namespace tacit::cli {

/// `passphrase`, `recovery-key` or `key-file`.
constexpr std::string_view slot_kind_name(SlotKind kind) {
  switch (kind) {
    case SlotKind::kPassphrase:
      return "passphrase";
    case SlotKind::kRecoveryKey:
      return "recovery-key";
    case SlotKind::kKeyFile:
      return "key-file";
  }
  return "unknown";
}

}  // namespace tacit::cli
