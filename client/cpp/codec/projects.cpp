#include "client/cpp/codec/projects.h"

namespace tacit::codec {
namespace {

void add_folder(Writer& writer, std::uint32_t field, const Folder& folder) {
  Writer inner(writer, field);
  add_text(inner, 1, folder.path);
  inner.add_uint64(2, folder.device);
  inner.add_uint64(3, folder.inode);
}

Folder read_folder(Reader reader) {
  Folder out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.path = reader.get_string();
        break;
      case varint(2):
        out.device = reader.get_uint64();
        break;
      case varint(3):
        out.inode = reader.get_uint64();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

KnownFolder read_known(Reader reader) {
  KnownFolder out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.folder = read_folder(reader.get_message());
        break;
      case varint(2):
        out.same_folder = get_flag(reader);
        break;
      case varint(3):
        out.trusted = reader.get_int64();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

Project read_project(Reader reader) {
  Project out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.id = reader.get_string();
        break;
      case delimited(2):
        out.collection = reader.get_string();
        break;
      case delimited(3):
        out.folders.push_back(read_known(reader.get_message()));
        break;
      case varint(4):
        out.item_count = reader.get_uint64();
        break;
      case varint(5):
        out.linked = reader.get_int64();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

LinkedProject read_linked(Reader reader) {
  LinkedProject out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.collection = reader.get_string();
        break;
      case varint(2):
        out.created = get_flag(reader);
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

ProjectPlace read_place(Reader reader) {
  ProjectPlace out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.collection = reader.get_string();
        break;
      case varint(2):
        out.reason = static_cast<Reason>(reader.get_enum());
        break;
      case delimited(3):
        out.known.push_back(read_known(reader.get_message()));
        break;
      case varint(4):
        out.known_withheld = get_flag(reader);
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

TrustedFolder read_trusted(Reader reader) {
  TrustedFolder out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.collection = reader.get_string();
        break;
      case delimited(2):
        out.moved_from = reader.get_string();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

}  // namespace

void add_project(Writer& writer, std::uint32_t field, const ProjectRef& project) {
  Writer inner(writer, field);
  add_text(inner, 1, project.id);
  add_folder(inner, 2, project.folder);
  add_text(inner, 3, project.profile);
}

MessageBuffer link_project_request(std::string_view id, const Folder& folder,
                                   std::string_view collection, bool consented,
                                   Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_text(writer, 1, id);
  add_folder(writer, 2, folder);
  add_text(writer, 3, collection);
  writer.add_bool(4, consented);
  add_interaction(writer, 5, interaction);
  return out;
}

MessageBuffer resolve_project_request(const ProjectRef& project, Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_project(writer, 1, project);
  add_interaction(writer, 2, interaction);
  return out;
}

MessageBuffer trust_folder_request(std::string_view id, const Folder& folder, bool consented,
                                   Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_text(writer, 1, id);
  add_folder(writer, 2, folder);
  writer.add_bool(3, consented);
  add_interaction(writer, 4, interaction);
  return out;
}

MessageBuffer list_projects_request(Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_interaction(writer, 1, interaction);
  return out;
}

MessageBuffer unlink_folder_request(std::string_view id, const Folder& folder,
                                    Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_text(writer, 1, id);
  add_folder(writer, 2, folder);
  add_interaction(writer, 3, interaction);
  return out;
}

MessageBuffer clear_project_request(std::string_view id, Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_text(writer, 1, id);
  add_interaction(writer, 2, interaction);
  return out;
}

MessageBuffer get_all_request(std::string_view collection, Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_interaction(writer, 2, interaction);
  add_text(writer, 3, collection);
  return out;
}

MessageBuffer get_all_request(const ProjectRef& project, Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_interaction(writer, 2, interaction);
  add_project(writer, 4, project);
  return out;
}

Result<LinkedProject> link_project_reply(const SecretBytes& message) {
  return decode(message, read_linked);
}
Result<ProjectPlace> resolve_project_reply(const SecretBytes& message) {
  return decode(message, read_place);
}
Result<TrustedFolder> trust_folder_reply(const SecretBytes& message) {
  return decode(message, read_trusted);
}
Result<std::vector<Project>> list_projects_reply(const SecretBytes& message) {
  return decode(message, read_list<read_project>);
}

}  // namespace tacit::codec
