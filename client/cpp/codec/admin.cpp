#include "client/cpp/codec/admin.h"

namespace tacit::codec {

MessageBuffer empty_request() { return MessageBuffer(); }

MessageBuffer authorized_request(const Credential& authorization) {
  MessageBuffer out(authorization.secret.size() + 16);
  Writer writer(out);
  add_credential(writer, 1, authorization);
  return out;
}

MessageBuffer add_slot_request(const Credential& authorization, const Credential* credential) {
  MessageBuffer out;
  Writer writer(out);
  add_credential(writer, 1, authorization);
  if (credential) add_credential(writer, 2, *credential);
  return out;
}

MessageBuffer check_credential_request(const Credential& authorization, std::string_view purpose) {
  MessageBuffer out;
  Writer writer(out);
  add_credential(writer, 1, authorization);
  add_text(writer, 2, purpose);
  return out;
}

MessageBuffer remove_slot_request(const Credential& authorization, std::uint32_t index) {
  MessageBuffer out;
  Writer writer(out);
  add_credential(writer, 1, authorization);
  writer.add_uint32(2, index);
  return out;
}

MessageBuffer change_passphrase_request(const Credential& authorization,
                                        const std::optional<std::uint32_t>& index,
                                        const SecretBytes& new_passphrase) {
  MessageBuffer out;
  Writer writer(out);
  add_credential(writer, 1, authorization);
  if (index) writer.add_uint32(2, *index);
  add_secret(writer, 3, new_passphrase);
  return out;
}

namespace {

Slot read_slot(Reader reader) {
  Slot out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.index = reader.get_uint32();
        break;
      case varint(2):
        out.kind = static_cast<SlotKind>(reader.get_enum());
        break;
      case varint(3):
        out.created = reader.get_int64();
        break;
      case varint(4):
        out.kdf_memory_bytes = reader.get_uint64();
        break;
      case varint(5):
        out.kdf_passes = reader.get_uint32();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

Client::NewSlot read_new_slot(Reader reader) {
  Client::NewSlot out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.index = reader.get_uint32();
        break;
      case delimited(2):
        out.recovery_key = get_secret(reader);
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

VerifyProgress read_verify(Reader reader) {
  VerifyProgress out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.rows_done = reader.get_uint64();
        break;
      case varint(2):
        out.rows_total = reader.get_uint64();
        break;
      case varint(3):
        out.finding = static_cast<Reason>(reader.get_enum());
        break;
      case delimited(4):
        out.message = reader.get_string();
        break;
      case delimited(5): {
        ItemName item = read_item(reader.get_message());
        out.collection = std::move(item.collection);
        out.name = std::move(item.name);
        break;
      }
      default:
        reader.skip();
    }
  }
  return out;
}

BackupChunk read_backup(Reader reader) {
  BackupChunk out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.chunk = get_secret(reader);
        break;
      case varint(2):
        out.total_size = reader.get_uint64();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

RotateProgress read_rotate(Reader reader) {
  RotateProgress out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.done = reader.get_uint64();
        break;
      case varint(2):
        out.total = reader.get_uint64();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

}  // namespace

Result<std::vector<Slot>> list_slots_reply(const SecretBytes& message) {
  return decode(message, read_list<read_slot>);
}
Result<Client::NewSlot> add_slot_reply(const SecretBytes& message) {
  return decode(message, read_new_slot);
}
Result<VerifyProgress> verify_reply(const SecretBytes& message) {
  return decode(message, read_verify);
}
Result<BackupChunk> backup_reply(const SecretBytes& message) {
  return decode(message, read_backup);
}
Result<RotateProgress> rotate_reply(const SecretBytes& message) {
  return decode(message, read_rotate);
}

}  // namespace tacit::codec
