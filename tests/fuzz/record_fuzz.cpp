// Opened records of any bytes: accepted ones are within the limits and encode to the bytes they
// came from.
#include <cstdint>
#include <cstdlib>

#include "daemon/crypto/tag.h"
#include "daemon/vault/record.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tacit::Bytes bytes(data, size);
  if (const auto version = tacit::decode_version(tacit::SecretBytes::copy_of(bytes))) {
    require(version->attributes.size() <= tacit::kMaxAttributes);
    require(tacit::same_bytes(tacit::encode_version(*version).bytes(), bytes));
  }
  if (const auto collection = tacit::decode_collection(tacit::SecretBytes::copy_of(bytes))) {
    require(!collection->name.empty());
    if (collection->inherits_from) {
      require(tacit::same_bytes(tacit::encode_collection(*collection).bytes(), bytes));
    }
  }
  if (const auto name = tacit::decode_name(tacit::SecretBytes::copy_of(bytes))) {
    require(!name->empty() && name->size() <= 1024);
  }
  return 0;
}
