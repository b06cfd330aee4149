#include "client/cpp/codec/secrets.h"

namespace tacit::codec {
namespace {

Item read_get(Reader reader) {
  Item out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.value = get_secret(reader);
        break;
      case delimited(2):
        out.metadata = read_metadata(reader.get_message());
        break;
      case varint(3):
        out.renewal_due = get_flag(reader);
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

BatchEntry read_batch_entry(Reader reader) {
  BatchEntry out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.index = reader.get_uint32();
        break;
      case delimited(2):
        out.item = read_get(reader.get_message());
        break;
      case varint(3):
        out.status_code = reader.get_uint32();
        break;
      case varint(4):
        out.reason = static_cast<Reason>(reader.get_enum());
        break;
      case delimited(5):
        out.message = reader.get_string();
        break;
      case delimited(6): {
        ItemName item = read_item(reader.get_message());
        out.failed = {std::move(item.collection), std::move(item.name)};
        break;
      }
      default:
        reader.skip();
    }
  }
  return out;
}

Metadata read_describe(Reader reader) {
  Metadata out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out = read_metadata(reader.get_message());
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

CollectionInfo read_collection(Reader reader) {
  CollectionInfo out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.name = reader.get_string();
        break;
      case varint(2):
        out.item_count = reader.get_uint64();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

Change read_change(Reader reader) {
  Change out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.kind = static_cast<ChangeKind>(reader.get_enum());
        break;
      case delimited(2): {
        ItemName item = read_item(reader.get_message());
        out.collection = std::move(item.collection);
        out.name = std::move(item.name);
        break;
      }
      case varint(3):
        out.version = reader.get_uint64();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

std::vector<std::uint64_t> read_versions(Reader reader) {
  std::vector<std::uint64_t> out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      // Repeated numbers come packed or one by one.
      case varint(1):
        out.push_back(reader.get_uint64());
        break;
      case delimited(1):
        for (const std::uint64_t version : reader.get_packed_uint64()) out.push_back(version);
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

}  // namespace

Result<Item> get_reply(const SecretBytes& message) { return decode(message, read_get); }
Result<BatchEntry> get_batch_reply(const SecretBytes& message) {
  return decode(message, read_batch_entry);
}
Result<Metadata> describe_reply(const SecretBytes& message) {
  return decode(message, read_describe);
}
Result<std::uint64_t> version_reply(const SecretBytes& message) {
  return decode(message, read_number);
}
Result<std::vector<std::uint64_t>> apply_reply(const SecretBytes& message) {
  return decode(message, read_versions);
}
Result<std::vector<Metadata>> metadata_list_reply(const SecretBytes& message) {
  return decode(message, read_list<read_metadata>);
}
Result<std::vector<CollectionInfo>> collections_reply(const SecretBytes& message) {
  return decode(message, read_list<read_collection>);
}
Result<Change> watch_reply(const SecretBytes& message) { return decode(message, read_change); }

}  // namespace tacit::codec
