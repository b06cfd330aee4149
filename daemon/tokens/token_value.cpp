#include "daemon/tokens/token_value.h"

#include <utility>

#include "daemon/base/status.h"
#include "daemon/vault/codec.h"

namespace tacit {
namespace {

constexpr std::uint8_t kLayout = 1;

void put(FieldWriter& out, const SecretBytes& bytes) {
  out.u32(static_cast<std::uint32_t>(bytes.size()));
  out.raw(bytes.bytes());
}

bool take(FieldReader& in, std::size_t most, SecretBytes& to) {
  const std::size_t size = in.u32();
  if (size > most) return false;
  to = SecretBytes::copy_of(in.raw(size));
  return in.ok();
}

}  // namespace

SecretBytes encode_token(const TokenValue& value) {
  SecretBytes out(2 + 2 * 8 + 3 * 4 + value.access.size() + value.refresh.size() +
                  value.recipe.size());
  FieldWriter writer(out.writable());
  writer.u8(kLayout);
  writer.i64(value.obtained);
  writer.i64(value.due);
  writer.u8(value.unattended ? 1 : 0);
  put(writer, value.access);
  put(writer, value.refresh);
  put(writer, value.recipe);
  return out;
}

absl::StatusOr<TokenValue> decode_token(const SecretBytes& value) {
  FieldReader in(value.bytes());
  TokenValue out;
  const bool known = in.u8() == kLayout;
  out.obtained = in.i64();
  out.due = in.i64();
  const std::uint8_t unattended = in.u8();
  out.unattended = unattended == 1;
  const bool whole = take(in, kMaxTokenBytes, out.access) &&
                     take(in, kMaxTokenBytes, out.refresh) &&
                     take(in, kMaxRecipeBytes, out.recipe) && in.done();
  if (known && whole && unattended <= 1) return out;
  return make_error(Reason::kVaultDamaged, "a token of the vault is malformed");
}

absl::StatusOr<std::vector<SecretBytes>> secrets_of(Item item) {
  std::vector<SecretBytes> out;
  if (!is_token(item.metadata)) {
    out.push_back(std::move(item.value));
    return out;
  }
  absl::StatusOr<TokenValue> token = decode_token(item.value);
  if (!token.ok()) return token.status();
  for (SecretBytes* each : {&token->access, &token->refresh}) {
    if (each->size() != 0) out.push_back(std::move(*each));
  }
  return out;
}

}  // namespace tacit
