// How narrowings lie in the vault (FORMAT.md, policy records).
#include <algorithm>
#include <limits>

#include "daemon/access/narrowings.h"
#include "daemon/vault/codec.h"

namespace tacit {
namespace {

constexpr std::uint8_t kLayout = 1;
enum Kind : std::uint8_t { kNarrowing = 1, kPast = 2 };
constexpr std::size_t kMaxRecordBytes = 4096;
constexpr std::size_t kMaxBoot = 64;

std::size_t head_size(const std::string& boot) { return 2 + 2 + boot.size() + CgroupId().size(); }

std::size_t size_of(const ItemName& name) {
  return ItemId().size() + 2 + name.collection.size() + 2 + name.name.size();
}

void put_head(FieldWriter& out, Kind kind, const std::string& boot, const CgroupId& cgroup) {
  out.u8(kLayout);
  out.u8(kind);
  out.text(boot);
  out.raw(cgroup);
}

SecretBytes encode_part(const std::string& boot, const Narrowing& narrowing, std::size_t first,
                        std::size_t end, std::size_t size) {
  SecretBytes record(size);
  FieldWriter out(record.writable());
  put_head(out, kNarrowing, boot, narrowing.cgroup);
  out.u64(narrowing.id);
  out.i64(narrowing.root);
  out.u64(narrowing.root_start);
  out.i64(narrowing.created);
  out.i64(narrowing.until.count());
  out.u16(static_cast<std::uint16_t>(end - first));
  for (std::size_t i = first; i < end; ++i) {
    out.raw(narrowing.items[i]);
    out.text(narrowing.names[i].collection);
    out.text(narrowing.names[i].name);
  }
  return record;
}

bool read_narrowing(FieldReader& in, Narrowing& narrowing) {
  narrowing.id = in.u64();
  const std::int64_t root = in.i64();
  narrowing.root_start = in.u64();
  narrowing.created = in.i64();
  narrowing.until = BootTime(in.i64());
  const std::size_t count = in.u16();
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    in.array(narrowing.items.emplace_back());
    ItemName name;
    name.collection = in.text();
    name.name = in.text();
    narrowing.names.push_back(std::move(name));
  }
  if (root <= 0 || root > std::numeric_limits<pid_t>::max() || count == 0) return false;
  narrowing.root = static_cast<pid_t>(root);
  return true;
}

}  // namespace

std::vector<SecretBytes> encode_narrowing(const std::string& boot, const Narrowing& narrowing) {
  const std::size_t fixed = head_size(boot) + 5 * 8 + 2;
  std::vector<SecretBytes> records;
  for (std::size_t first = 0; first < narrowing.names.size();) {
    std::size_t end = first;
    std::size_t size = fixed;
    // A name has at most 2 times 1,024 bytes: one always fits.
    while (end < narrowing.names.size() &&
           size + size_of(narrowing.names[end]) <= kMaxRecordBytes) {
      size += size_of(narrowing.names[end++]);
    }
    records.push_back(encode_part(boot, narrowing, first, end, size));
    first = end;
  }
  return records;
}

SecretBytes encode_past(const std::string& boot, const NarrowedPast& past) {
  SecretBytes record(head_size(boot) + 3 * 8);
  FieldWriter out(record.writable());
  put_head(out, kPast, boot, past.cgroup);
  out.u64(past.from);
  out.u64(past.to);
  out.u64(past.last_from);
  return record;
}

std::optional<NarrowingRecord> decode_narrowing(const SecretBytes& record) {
  FieldReader in(record.bytes());
  if (in.u8() != kLayout || record.size() > kMaxRecordBytes) return std::nullopt;
  const std::uint8_t kind = in.u8();
  NarrowingRecord read;
  read.boot = in.text();
  CgroupId cgroup{};
  in.array(cgroup);
  bool known = read.boot.size() <= kMaxBoot;
  if (kind == kNarrowing) {
    Narrowing narrowing;
    narrowing.cgroup = cgroup;
    known = known && read_narrowing(in, narrowing);
    read.narrowing = std::move(narrowing);
  } else if (kind == kPast) {
    read.past.cgroup = cgroup;
    read.past.from = in.u64();
    read.past.to = in.u64();
    read.past.last_from = in.u64();
    known = known && read.past.from <= read.past.last_from && read.past.last_from <= read.past.to;
  } else {
    known = false;
  }
  if (!known || !in.done()) return std::nullopt;
  return read;
}

}  // namespace tacit
