#include "client/cpp/codec/replacement.h"

namespace tacit::codec {

MessageBuffer replace_keys_request(const Credential& authorization,
                                   std::span<const Credential> credentials, bool with_recovery_key,
                                   std::optional<std::uint32_t> removed_slot) {
  MessageBuffer out;
  Writer writer(out);
  add_credential(writer, 1, authorization);
  for (const Credential& each : credentials) add_credential(writer, 2, each);
  writer.add_bool(3, with_recovery_key);
  if (removed_slot) writer.add_uint32(4, *removed_slot);
  return out;
}

MessageBuffer upload_request(std::uint64_t offset, const SecretBytes& part) {
  MessageBuffer out(part.size() + 32);
  Writer writer(out);
  writer.add_uint64(1, offset);
  add_secret(writer, 2, part);
  return out;
}

MessageBuffer restore_backup_request(const Credential& credential, const Credential* current) {
  MessageBuffer out;
  Writer writer(out);
  add_credential(writer, 1, credential);
  if (current != nullptr) add_credential(writer, 2, *current);
  return out;
}

MessageBuffer remove_old_file_request(const Credential& authorization, std::string_view name) {
  MessageBuffer out;
  Writer writer(out);
  add_credential(writer, 1, authorization);
  add_text(writer, 2, name);
  return out;
}

namespace {

ReplacementStep read_step(Reader reader) {
  ReplacementStep out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.rows_done = reader.get_uint64();
        break;
      case varint(2):
        out.rows_total = reader.get_uint64();
        break;
      case delimited(3):
        out.recovery_key = get_secret(reader);
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

SalvageSummary read_summary(Reader reader) {
  SalvageSummary out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.items = reader.get_uint64();
        break;
      case varint(2):
        out.versions = reader.get_uint64();
        break;
      case varint(3):
        out.losses = reader.get_uint64();
        break;
      case varint(4):
        out.slots_dropped = get_flag(reader);
        break;
      case varint(5):
        out.rules_tightened = get_flag(reader);
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

SalvageStep read_salvage(Reader reader) {
  SalvageStep out;
  ItemName item;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.rows_done = reader.get_uint64();
        break;
      case varint(2):
        out.rows_total = reader.get_uint64();
        break;
      case delimited(3):
        out.loss.emplace().message = reader.get_string();
        break;
      case delimited(4):
        item = read_item(reader.get_message());
        break;
      case delimited(5):
        out.summary = read_summary(reader.get_message());
        break;
      default:
        reader.skip();
    }
  }
  if (out.loss) {
    out.loss->collection = std::move(item.collection);
    out.loss->name = std::move(item.name);
  }
  return out;
}

OldFile read_old_file(Reader reader) {
  OldFile out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.name = reader.get_string();
        break;
      case varint(2):
        out.bytes = reader.get_uint64();
        break;
      case varint(3):
        out.modified = reader.get_int64();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

}  // namespace

Result<ReplacementStep> replacement_step(const SecretBytes& message) {
  return decode(message, read_step);
}
Result<std::uint64_t> upload_reply(const SecretBytes& message) {
  return decode(message, read_number);
}
Result<SalvageStep> salvage_reply(const SecretBytes& message) {
  return decode(message, read_salvage);
}
Result<std::vector<OldFile>> list_old_files_reply(const SecretBytes& message) {
  return decode(message, read_list<read_old_file>);
}

}  // namespace tacit::codec
