// Opened audit records of any bytes: what is accepted is within the bounds and encodes to the
// bytes it came from.
#include <cstdint>
#include <cstdlib>

#include "daemon/access/audit_record.h"
#include "daemon/crypto/tag.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tacit::Bytes bytes(data, size);
  if (const auto record = tacit::decode_audit_record(tacit::SecretBytes::copy_of(bytes))) {
    require(record->event.size() <= tacit::kMaxAuditText && record->count >= 1);
    require(record->change.size() <= tacit::kMaxAuditText);
    require(!record->item || !record->item->collection.empty());
    require(tacit::same_bytes(tacit::encode_audit_record(*record).bytes(), bytes));
  }
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string kept = tacit::audit_text(text);
  require(kept.size() <= tacit::kMaxAuditText && tacit::audit_text(kept) == kept);
  return 0;
}
