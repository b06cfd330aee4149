// Opened policy records of any bytes: accepted ones encode to the bytes they came from.
#include <cstdint>
#include <cstdlib>

#include "daemon/access/collection_record.h"
#include "daemon/access/grants.h"
#include "daemon/access/narrowings.h"
#include "daemon/access/rule.h"
#include "daemon/crypto/tag.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tacit::Bytes bytes(data, size);
  if (const auto rule = tacit::decode_rule(tacit::SecretBytes::copy_of(bytes))) {
    require(tacit::fits_record(*rule));
    require(tacit::same_bytes(tacit::encode_rule(*rule).bytes(), bytes));
    require(!rule->loosened_by(*rule));
    require(!rule->loosened_by(tacit::stricter(*rule, tacit::rule_of(tacit::Policy::kDeny))));
  }
  if (const auto grant = tacit::decode_grant(tacit::SecretBytes::copy_of(bytes))) {
    require(tacit::same_bytes(tacit::encode_grant(*grant).bytes(), bytes));
  }
  if (const auto kept = tacit::decode_kept(tacit::SecretBytes::copy_of(bytes))) {
    require(tacit::same_bytes(tacit::encode_kept(*kept).bytes(), bytes));
  }
  if (const auto folder = tacit::decode_folder(tacit::SecretBytes::copy_of(bytes))) {
    require(tacit::is_canonical(folder->path));
    require(tacit::same_bytes(tacit::encode_folder(*folder).bytes(), bytes));
  }
  if (const auto read = tacit::decode_narrowing(tacit::SecretBytes::copy_of(bytes))) {
    const auto again = read->narrowing
                           ? std::move(tacit::encode_narrowing(read->boot, *read->narrowing).at(0))
                           : tacit::encode_past(read->boot, read->past);
    require(tacit::same_bytes(again.bytes(), bytes));
  }
  return 0;
}
