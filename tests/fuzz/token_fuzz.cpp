// Opened values and records of tokens, of any bytes: accepted ones encode to what they came from.
#include <cstdint>
#include <cstdlib>

#include "daemon/crypto/tag.h"
#include "daemon/tokens/token_book.h"
#include "daemon/tokens/token_value.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tacit::Bytes bytes(data, size);
  if (const auto value = tacit::decode_token(tacit::SecretBytes::copy_of(bytes)); value.ok()) {
    require(tacit::same_bytes(tacit::encode_token(*value).bytes(), bytes));
  }
  if (const auto record = tacit::decode_token_record(tacit::SecretBytes::copy_of(bytes))) {
    require(tacit::same_bytes(tacit::encode_token_record(*record).bytes(), bytes));
  }
  return 0;
}
