#include "daemon/tokens/token_book.h"

#include <algorithm>
#include <utility>

#include "daemon/base/status.h"
#include "daemon/vault/codec.h"

namespace tacit {
namespace {

constexpr std::uint8_t kLayout = 1;
constexpr std::size_t kMaxTokens = 4096;

}  // namespace

SecretBytes encode_token_record(const TokenRecord& record) {
  const TokenState& state = record.state;
  SecretBytes out(1 + record.item.size() + 3 * 8 + 2 + state.error.size());
  FieldWriter writer(out.writable());
  writer.u8(kLayout);
  writer.raw(record.item);
  writer.u64(state.in_doubt);
  writer.u64(state.refused);
  writer.i64(state.error_time);
  writer.text(state.error);
  return out;
}

std::optional<TokenRecord> decode_token_record(const SecretBytes& record) {
  FieldReader in(record.bytes());
  TokenRecord out;
  const bool known = in.u8() == kLayout;
  in.array(out.item);
  out.state.in_doubt = in.u64();
  out.state.refused = in.u64();
  out.state.error_time = in.i64();
  out.state.error = in.text();
  if (!known || !in.done() || out.state.error.size() > kMaxTokenErrorBytes) return std::nullopt;
  return out;
}

bool TokenBook::load(const Vault::PolicyChange& record) {
  std::optional<TokenRecord> read = decode_token_record(*record.record);
  if (!read) return false;
  last_record_ = std::max(last_record_, record.version);
  kept_[read->item] = {std::move(read->state), record.version, 0};
  return true;
}

void TokenBook::clear() {
  kept_.clear();
  last_record_ = 0;
}

const TokenState* TokenBook::find(const ItemId& item) const {
  const auto found = kept_.find(item);
  return found == kept_.end() ? nullptr : &found->second.state;
}

std::vector<ItemId> TokenBook::items() const {
  std::vector<ItemId> out;
  for (const auto& [item, kept] : kept_) out.push_back(item);
  return out;
}

absl::Status TokenBook::set(Vault& vault, const ItemId& item, const TokenState& state) {
  const auto found = kept_.find(item);
  if (found != kept_.end() && found->second.state == state) return absl::OkStatus();
  if (found == kept_.end() && kept_.size() >= kMaxTokens) {
    return make_error(Reason::kLimit, "there are 4,096 tokens already; delete some with --purge");
  }
  const std::uint64_t number = found == kept_.end() ? last_record_ + 1 : found->second.record;
  absl::Status stored =
      vault.set_policy_record(kTokenSubject, number, encode_token_record({item, state}));
  if (!stored.ok()) return stored;
  last_record_ = std::max(last_record_, number);
  kept_[item] = {state, number, 0};
  return absl::OkStatus();
}

void TokenBook::found_good(const ItemId& item, UnixMillis until) {
  if (const auto found = kept_.find(item); found != kept_.end()) found->second.good_until = until;
}

bool TokenBook::good(const ItemId& item, UnixMillis now) const {
  const auto found = kept_.find(item);
  return found != kept_.end() && now < found->second.good_until;
}

absl::Status TokenBook::tidy(Vault& vault) {
  std::vector<Vault::PolicyChange> changes;
  std::vector<ItemId> gone;
  for (const auto& [item, kept] : kept_) {
    const absl::StatusOr<ItemName> place = vault.place_of(item);
    if (place.ok()) continue;
    if (reason_of(place.status()) != Reason::kNotFound) return place.status();
    changes.push_back({kTokenSubject, kept.record, std::nullopt});
    gone.push_back(item);
  }
  if (changes.empty()) return absl::OkStatus();
  if (absl::Status stored = vault.set_policy_records(changes); !stored.ok()) return stored;
  for (const ItemId& item : gone) kept_.erase(item);
  return absl::OkStatus();
}

}  // namespace tacit
