// How grants made beforehand, and denials, lie in the vault (FORMAT.md, policy records).
#include <algorithm>
#include <limits>

#include "daemon/access/grants.h"
#include "daemon/vault/codec.h"

namespace tacit {
namespace {

constexpr std::uint8_t kLayout = 2;
enum Flag : std::uint8_t { kDenied = 1, kCounted = 2, kAgent = 4, kAllFlags = 7 };
constexpr VerbSet kRuled = verb_bit(Verb::kList) | verb_bit(Verb::kRead) | verb_bit(Verb::kWrite);
constexpr std::size_t kFixedBytes = 1 + 1 + 1 + 8 + 8 + 8 + 8 + 8 + 8 + 5 * 2 + 2;

std::array<const std::string*, 5> texts_of(const Grant& grant) {
  return {&grant.boot_id, &grant.path, &grant.program.executable, &grant.program.script,
          &grant.collection};
}

}  // namespace

SecretBytes encode_grant(const Grant& grant) {
  std::size_t size = kFixedBytes;
  for (const std::string* field : texts_of(grant)) size += field->size();
  for (const ItemName& name : grant.names) size += 16 + 2 + name.name.size();
  SecretBytes record(size);
  FieldWriter out(record.writable());
  out.u8(kLayout);
  out.u8(static_cast<std::uint8_t>((grant.denied ? kDenied : 0) | (grant.uses_left ? kCounted : 0) |
                                   (grant.program.agent ? kAgent : 0)));
  out.u8(grant.verbs);
  out.i64(grant.created);
  out.i64(grant.expires);
  out.i64(grant.until.count());
  out.u64(grant.uses_left.value_or(0));
  out.i64(grant.root);
  out.u64(grant.root_start);
  for (const std::string* field : texts_of(grant)) out.text(*field);
  out.u16(static_cast<std::uint16_t>(grant.items.size()));
  for (std::size_t i = 0; i < grant.items.size(); ++i) {
    out.raw(grant.items[i]);
    out.text(grant.names[i].name);
  }
  return record;
}

std::optional<Grant> decode_grant(const SecretBytes& record) {
  FieldReader in(record.bytes());
  if (in.u8() != kLayout) return std::nullopt;
  Grant grant;
  const std::uint8_t flags = in.u8();
  grant.denied = (flags & kDenied) != 0;
  grant.prepared = !grant.denied;
  grant.program.agent = (flags & kAgent) != 0;
  grant.verbs = in.u8();
  grant.created = in.i64();
  grant.expires = in.i64();
  grant.until = BootTime(in.i64());
  const std::uint64_t uses = in.u64();
  if ((flags & kCounted) != 0) grant.uses_left = uses;
  const std::int64_t root = in.i64();
  grant.root_start = in.u64();
  grant.boot_id = in.text();
  grant.path = in.text();
  grant.program.executable = in.text();
  grant.program.script = in.text();
  grant.collection = in.text();
  const std::size_t count = in.u16();
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    ItemId item{};
    in.array(item);
    grant.items.push_back(item);
    grant.names.push_back({grant.collection, in.text()});
  }
  if (!in.done() || flags > kAllFlags || (grant.verbs & ~kRuled) != 0 ||
      (grant.collection.empty() && !grant.denied) || (!grant.uses_left && uses != 0) || root < 0 ||
      root > std::numeric_limits<pid_t>::max()) {
    return std::nullopt;
  }
  grant.root = static_cast<pid_t>(root);
  return grant;
}

}  // namespace tacit
