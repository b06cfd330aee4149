#include "client/cpp/codec/common.h"

namespace tacit::codec {

void add_interaction(Writer& writer, std::uint32_t field, Interaction interaction) {
  writer.add_enum(field, static_cast<std::int32_t>(interaction));
}

void add_texts(Writer& writer, std::uint32_t field, std::span<const std::string> texts) {
  for (const std::string& text : texts) add_text(writer, field, text);
}

void add_item(Writer& writer, std::uint32_t field, const ItemAt& item) {
  Writer inner(writer, field);
  add_text(inner, 1, item.collection);
  add_text(inner, 2, item.name);
}

void add_attribute(Writer& writer, std::uint32_t field, std::string_view key,
                   std::string_view value) {
  Writer inner(writer, field);
  add_text(inner, 1, key);
  add_text(inner, 2, value);
}

void add_attributes(Writer& writer, std::uint32_t field, const Attributes& attributes) {
  for (const auto& [key, value] : attributes) add_attribute(writer, field, key, value);
}

void add_credential(Writer& writer, std::uint32_t field, const Credential& credential) {
  Writer inner(writer, field);
  switch (credential.kind) {
    case Credential::Kind::kPassphrase:
      return add_secret(inner, 1, credential.secret);
    case Credential::Kind::kRecoveryKey:
      return add_secret(inner, 2, credential.secret);
    case Credential::Kind::kKeyFile:
      return add_secret(inner, 3, credential.secret);
  }
}

std::uint64_t read_number(Reader reader) {
  std::uint64_t out = 0;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out = reader.get_uint64();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

ItemName read_item(Reader reader) {
  ItemName out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.collection = reader.get_string();
        break;
      case delimited(2):
        out.name = reader.get_string();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

std::pair<std::string, std::string> read_attribute(Reader reader) {
  std::string key;
  std::string value;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        key = reader.get_string();
        break;
      case delimited(2):
        value = reader.get_string();
        break;
      default:
        reader.skip();
    }
  }
  return {std::move(key), std::move(value)};
}

Metadata read_metadata(Reader reader) {
  Metadata out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1): {
        ItemName item = read_item(reader.get_message());
        out.collection = std::move(item.collection);
        out.name = std::move(item.name);
        break;
      }
      case varint(2):
        out.version = reader.get_uint64();
        break;
      case delimited(3): {
        auto [key, value] = read_attribute(reader.get_message());
        out.attributes.insert_or_assign(std::move(key), std::move(value));
        break;
      }
      case delimited(4):
        out.content_type = reader.get_string();
        break;
      case varint(5):
        out.created = reader.get_int64();
        break;
      case varint(6):
        out.modified = reader.get_int64();
        break;
      case varint(7):
        out.expires = reader.get_int64();
        break;
      case varint(8):
        out.policy = static_cast<Policy>(reader.get_enum());
        break;
      case varint(9):
        out.value_size = reader.get_uint64();
        break;
      case varint(10):
        out.deleted = get_flag(reader);
        break;
      case varint(11):
        out.inherited = get_flag(reader);
        break;
      case varint(12):
        out.token = get_flag(reader);
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

}  // namespace tacit::codec
