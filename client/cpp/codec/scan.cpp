#include "client/cpp/codec/projects.h"

namespace tacit::codec {
namespace {

constexpr std::uint32_t fixed32(std::uint32_t field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::fixed32);
}
constexpr std::uint32_t fixed64(std::uint32_t field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::fixed64);
}

ScanSieve read_sieve(Reader reader) {
  ScanSieve out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.scan_id = reader.get_uint64();
        break;
      case fixed64(2):
        out.multiplier = reader.get_fixed64();
        break;
      // Repeated numbers come packed or one by one.
      case fixed32(3):
        out.fingerprints.push_back(reader.get_fixed32());
        break;
      case delimited(3):
        for (const std::uint32_t fingerprint : reader.get_packed_fixed32()) {
          out.fingerprints.push_back(fingerprint);
        }
        break;
      case varint(4):
        out.reach_before = reader.get_uint32();
        break;
      case varint(5):
        out.reach_after = reader.get_uint32();
        break;
      case varint(6):
        out.values = reader.get_uint64();
        break;
      case varint(7):
        out.short_values = reader.get_uint64();
        break;
      case varint(8):
        out.guarded_values = reader.get_uint64();
        break;
      case varint(9):
        out.complete = get_flag(reader);
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

ScanHit read_hit(Reader reader) {
  ScanHit out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.part = reader.get_uint32();
        break;
      case varint(2):
        out.place = reader.get_uint32();
        break;
      case varint(3):
        out.offset = reader.get_uint32();
        break;
      case varint(4):
        out.length = reader.get_uint32();
        break;
      case varint(5):
        out.form = static_cast<ScanForm>(reader.get_enum());
        break;
      case delimited(6): {
        ItemName item = read_item(reader.get_message());
        out.item = {std::move(item.collection), std::move(item.name)};
        break;
      }
      default:
        reader.skip();
    }
  }
  return out;
}

}  // namespace

MessageBuffer begin_scan_request(const OptionalCollection& collection, Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  if (collection) add_text(writer, 1, *collection);
  add_interaction(writer, 2, interaction);
  return out;
}

MessageBuffer confirm_scan_request(std::uint64_t scan_id, std::span<const ScanPart> parts,
                                   Interaction interaction) {
  std::size_t size = 64;
  for (const ScanPart& part : parts) size += part.data.size() + 5 * part.places.size() + 32;
  MessageBuffer out(size);
  Writer writer(out);
  writer.add_uint64(1, scan_id);
  for (const ScanPart& part : parts) {
    Writer inner(writer, 2);
    inner.add_bytes(1, reinterpret_cast<const char*>(part.data.data()), part.data.size());
    inner.add_packed_uint32(2, part.places.begin(), part.places.end());
  }
  add_interaction(writer, 3, interaction);
  return out;
}

Result<ScanSieve> begin_scan_reply(const SecretBytes& message) {
  return decode(message, read_sieve);
}
Result<std::vector<ScanHit>> confirm_scan_reply(const SecretBytes& message) {
  return decode(message, read_list<read_hit>);
}

}  // namespace tacit::codec
