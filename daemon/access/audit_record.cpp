#include "daemon/access/audit_record.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>
#include <vector>

#include "daemon/crypto/tag.h"
#include "daemon/vault/codec.h"
#include "tacit/reference.h"  // check_name

namespace tacit {
namespace {

// Records that need nothing of the second layout are written as before, for older readers.
constexpr std::uint8_t kFirstLayout = 1;
constexpr std::uint8_t kWithChange = 2;  ///< has a text more, and items without a name
constexpr std::uint8_t kHasItem = 1;
constexpr std::uint8_t kHasAsker = 2;
constexpr std::uint8_t kFileKnown = 1;
constexpr std::uint8_t kUnnamedScript = 2;
constexpr std::size_t kFixedBytes = 1 + 1 + 1 + 1 + 8 + 8 + 8 + 8;
constexpr std::size_t kProgramBytes = 4 + 8 + 1;

bool is_text(std::string_view text) {
  return text.empty() || (text.size() <= kMaxAuditText && check_name(text, "text").ok());
}

std::size_t text_bytes(std::string_view text) { return 2 + text.size(); }

std::uint8_t layout_of(const AuditRecord& record) {
  const bool collection_alone = record.item && record.item->name.empty();
  return record.change.empty() && !collection_alone ? kFirstLayout : kWithChange;
}

/// Texts of an asker as a whole, in their order in the record.
constexpr std::string Asker::*kAskerTexts[] = {&Asker::terminal, &Asker::folder, &Asker::unit,
                                               &Asker::agent_marker, &Asker::unknown_because};

std::size_t asker_bytes(const Asker& asker) {
  std::size_t size = 2;
  for (const Program& program : asker.chain) {
    size += kProgramBytes + text_bytes(program.executable) + text_bytes(program.script);
  }
  for (const auto member : kAskerTexts) size += text_bytes(asker.*member);
  return size;
}

void put_asker(FieldWriter& out, const Asker& asker) {
  out.u8(static_cast<std::uint8_t>(asker.chain.size()));
  out.u8(static_cast<std::uint8_t>(asker.program));
  for (const Program& program : asker.chain) {
    out.u32(static_cast<std::uint32_t>(program.pid));
    out.u64(program.start_time);
    out.u8(static_cast<std::uint8_t>((program.file_known ? kFileKnown : 0) |
                                     (program.unnamed_script ? kUnnamedScript : 0)));
    out.text(program.executable);
    out.text(program.script);
  }
  for (const auto member : kAskerTexts) out.text(asker.*member);
}

/// Reads fields and remembers whether all of them were as they must be.
class RecordReader {
 public:
  explicit RecordReader(Bytes in) : in_(in) {}

  FieldReader& fields() { return in_; }
  std::string text() {
    std::string out = in_.text();
    need(is_text(out));
    return out;
  }
  void need(bool holds) { good_ = good_ && holds; }
  bool good() const { return good_ && in_.ok(); }
  bool done() const { return good_ && in_.done(); }

 private:
  FieldReader in_;
  bool good_ = true;
};

std::shared_ptr<const Asker> read_asker(RecordReader& in) {
  auto asker = std::make_shared<Asker>();
  const std::size_t programs = in.fields().u8();
  asker->program = in.fields().u8();
  in.need(programs >= 1 && programs <= kMaxAuditPrograms && asker->program < programs);
  for (std::size_t i = 0; i < programs && in.good(); ++i) {
    Program program;
    const std::uint32_t pid = in.fields().u32();
    in.need(pid <= static_cast<std::uint32_t>(std::numeric_limits<pid_t>::max()));
    program.pid = static_cast<pid_t>(pid);
    program.start_time = in.fields().u64();
    const std::uint8_t flags = in.fields().u8();
    in.need((flags & ~(kFileKnown | kUnnamedScript)) == 0);
    program.file_known = (flags & kFileKnown) != 0;
    program.unnamed_script = (flags & kUnnamedScript) != 0;
    program.executable = in.text();
    program.script = in.text();
    asker->chain.push_back(std::move(program));
  }
  for (const auto member : kAskerTexts) (*asker).*member = in.text();
  return asker;
}

/// Length of the well-formed character (RFC 3629) at the start of `text`; 0: none, or NUL.
std::size_t character_bytes(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() < size || !check_name(text.substr(0, size), "text").ok()) return 0;
  return size;
}

}  // namespace

SecretBytes encode_audit_record(const AuditRecord& record) {
  const std::uint8_t layout = layout_of(record);
  std::size_t size =
      kFixedBytes + text_bytes(record.method) + text_bytes(record.rule) + text_bytes(record.event);
  if (layout == kWithChange) size += text_bytes(record.change);
  if (record.item) {
    size += record.item_tag.size() + text_bytes(record.item->collection) +
            text_bytes(record.item->name);
  }
  if (record.asker) size += asker_bytes(*record.asker);
  SecretBytes body(size);
  FieldWriter out(body.writable());
  out.u8(layout);
  out.u8(static_cast<std::uint8_t>(record.verdict));
  out.u8(static_cast<std::uint8_t>(record.verb));
  out.u8(static_cast<std::uint8_t>((record.item ? kHasItem : 0) | (record.asker ? kHasAsker : 0)));
  out.i64(record.time);
  out.i64(record.last_time);
  out.u64(record.count);
  out.u64(record.lost);
  out.text(record.method);
  out.text(record.rule);
  out.text(record.event);
  if (layout == kWithChange) out.text(record.change);
  if (record.item) {
    out.raw(record.item_tag);
    out.text(record.item->collection);
    out.text(record.item->name);
  }
  if (record.asker) put_asker(out, *record.asker);
  assert(out.used() == size);
  return body;
}

std::optional<AuditRecord> decode_audit_record(const SecretBytes& body) {
  RecordReader in(body.bytes());
  AuditRecord record;
  const std::uint8_t layout = in.fields().u8();
  const std::uint8_t verdict = in.fields().u8();
  const std::uint8_t verb = in.fields().u8();
  const std::uint8_t flags = in.fields().u8();
  record.time = in.fields().i64();
  record.last_time = in.fields().i64();
  record.count = in.fields().u64();
  record.lost = in.fields().u64();
  in.need((layout == kFirstLayout || layout == kWithChange) &&
          (flags & ~(kHasItem | kHasAsker)) == 0);
  in.need(verdict >= 1 && verdict <= static_cast<std::uint8_t>(AuditVerdict::kEvent));
  in.need(verb <= static_cast<std::uint8_t>(Verb::kAdmin) && record.count >= 1);
  if (!in.good()) return std::nullopt;
  record.verdict = static_cast<AuditVerdict>(verdict);
  record.verb = static_cast<Verb>(verb);
  record.method = in.text();
  record.rule = in.text();
  record.event = in.text();
  if (layout == kWithChange) record.change = in.text();
  if ((flags & kHasItem) != 0) {
    in.fields().array(record.item_tag);
    record.item.emplace();
    record.item->collection = in.text();
    record.item->name = in.text();
    in.need(!record.item->collection.empty());
  }
  in.need(layout == layout_of(record));
  if ((flags & kHasAsker) != 0) record.asker = read_asker(in);
  if (!in.done()) return std::nullopt;
  return record;
}

std::string audit_text(std::string_view text) {
  if (is_text(text)) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const std::size_t size = character_bytes(text);
    const std::string_view next = size == 0 ? std::string_view("?") : text.substr(0, size);
    if (out.size() + next.size() > kMaxAuditText) break;
    out += next;
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

std::shared_ptr<const Asker> audit_asker(const Asker& asker) {
  auto out = std::make_shared<Asker>();
  const std::size_t programs = std::min(asker.chain.size(), kMaxAuditPrograms);
  for (std::size_t i = 0; i < programs; ++i) {
    // The one that asks takes the last place if it stands beyond it.
    const bool last = i + 1 == programs;
    const std::size_t from = last ? std::max(i, asker.program) : i;
    Program program;
    program.pid = asker.chain[from].pid;
    program.start_time = asker.chain[from].start_time;
    program.file_known = asker.chain[from].file_known;
    program.unnamed_script = asker.chain[from].unnamed_script;
    program.executable = audit_text(asker.chain[from].executable);
    program.script = audit_text(asker.chain[from].script);
    out->chain.push_back(std::move(program));
  }
  if (out->chain.empty()) out->chain.emplace_back();
  out->program = std::min(asker.program, out->chain.size() - 1);
  for (const auto member : kAskerTexts) (*out).*member = audit_text(asker.*member);
  return out;
}

}  // namespace tacit
