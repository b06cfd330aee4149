#include "client/cpp/codec/projects.h"

namespace tacit::codec {
namespace {

Collection read_collection(Reader reader) {
  Collection out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.id = reader.get_string();
        break;
      case delimited(2):
        out.name = reader.get_string();
        break;
      case varint(3):
        out.item_count = reader.get_uint64();
        break;
      case delimited(4):
        out.parent = reader.get_string();
        break;
      case varint(5):
        out.profile = get_flag(reader);
        break;
      case varint(6):
        out.kept = get_flag(reader);
        break;
      case delimited(7):
        out.project_id = reader.get_string();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

std::string read_id(Reader reader) {
  std::string out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out = reader.get_string();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

}  // namespace

MessageBuffer create_collection_request(std::string_view name, Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_text(writer, 1, name);
  add_interaction(writer, 2, interaction);
  return out;
}

MessageBuffer rename_collection_request(std::string_view name, std::string_view new_name,
                                        std::string_view expected_id, Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_text(writer, 1, name);
  add_text(writer, 2, new_name);
  add_text(writer, 3, expected_id);
  add_interaction(writer, 4, interaction);
  return out;
}

MessageBuffer delete_collection_request(std::string_view name, bool with_items,
                                        std::string_view expected_id,
                                        const Credential* authorization, Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_text(writer, 1, name);
  writer.add_bool(2, with_items);
  add_text(writer, 3, expected_id);
  if (authorization) add_credential(writer, 4, *authorization);
  add_interaction(writer, 5, interaction);
  return out;
}

MessageBuffer collections_request(Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_interaction(writer, 1, interaction);
  return out;
}

MessageBuffer inherit_request(std::string_view name, const OptionalCollection& parent,
                              Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_text(writer, 1, name);
  if (parent) add_text(writer, 2, *parent);
  add_interaction(writer, 3, interaction);
  return out;
}

Result<std::string> create_collection_reply(const SecretBytes& message) {
  return decode(message, read_id);
}
Result<std::uint64_t> deleted_reply(const SecretBytes& message) {
  return decode(message, read_number);
}
Result<std::vector<Collection>> all_collections_reply(const SecretBytes& message) {
  return decode(message, read_list<read_collection>);
}

}  // namespace tacit::codec
