#include "client/cpp/codec/secrets.h"

#include "client/cpp/codec/projects.h"

namespace tacit::codec {
namespace {

void add_collection(Writer& writer, std::uint32_t field, const OptionalCollection& collection) {
  if (collection) add_text(writer, field, *collection);
}

void add_expected(Writer& writer, std::uint32_t field, const OptionalVersion& expected) {
  if (expected) writer.add_uint64(field, *expected);
}

void fill_get(Writer& writer, const ItemAt& item, std::uint64_t version, Interaction interaction) {
  add_item(writer, 1, item);
  writer.add_uint64(2, version);
  add_interaction(writer, 3, interaction);
}

void fill_set(Writer& writer, const ItemAt& item, const SecretBytes* value,
              const SetOptions& options, Interaction interaction) {
  add_item(writer, 1, item);
  if (value) add_secret(writer, 2, *value);
  if (options.attributes && options.attributes->empty()) {
    writer.add_message(3, "", 0);  // protozero's nested writer would leave an empty one out
  } else if (options.attributes) {
    Writer inner(writer, 3);
    add_attributes(inner, 1, *options.attributes);
  }
  if (options.content_type) add_text(writer, 4, *options.content_type);
  if (options.expires) writer.add_int64(5, *options.expires);
  add_expected(writer, 6, options.expected_version);
  add_interaction(writer, 7, interaction);
}

void fill_delete(Writer& writer, const ItemAt& item, bool purge, const OptionalVersion& expected,
                 Interaction interaction) {
  add_item(writer, 1, item);
  add_expected(writer, 2, expected);
  writer.add_bool(3, purge);
  add_interaction(writer, 4, interaction);
}

void add_edit(Writer& writer, std::uint32_t field, const ItemEdit& edit) {
  const ItemAt item{edit.collection, edit.name};
  Writer change(writer, field);
  if (edit.value) {
    Writer set(change, 1);
    fill_set(set, item, &*edit.value, edit.options, Interaction::kNever);
  } else {
    Writer remove(change, 2);
    fill_delete(remove, item, false, edit.options.expected_version, Interaction::kNever);
  }
}

}  // namespace

MessageBuffer get_request(const ItemAt& item, std::uint64_t version, Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  fill_get(writer, item, version, interaction);
  return out;
}

MessageBuffer get_batch_request(std::span<const Reference> references, Interaction interaction,
                                const ProjectRef* project) {
  MessageBuffer out;
  Writer writer(out);
  for (const Reference& reference : references) {
    Writer inner(writer, 1);
    fill_get(inner, {reference.collection, reference.name}, reference.version, interaction);
  }
  add_interaction(writer, 2, interaction);
  if (project) add_project(writer, 4, *project);
  return out;
}

MessageBuffer set_request(const ItemAt& item, const SecretBytes* value, const SetOptions& options,
                          Interaction interaction) {
  constexpr std::size_t kRest = 256;
  MessageBuffer out((value ? value->size() : 0) + item.collection.size() + item.name.size() +
                    kRest);
  Writer writer(out);
  fill_set(writer, item, value, options, interaction);
  return out;
}

MessageBuffer delete_request(const ItemAt& item, bool purge, const OptionalVersion& expected,
                             Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  fill_delete(writer, item, purge, expected, interaction);
  return out;
}

MessageBuffer apply_request(std::span<const ItemEdit> edits, Interaction interaction) {
  std::size_t size = 0;
  for (const ItemEdit& edit : edits) size += edit_bytes(edit);
  MessageBuffer out(size);
  Writer writer(out);
  for (const ItemEdit& edit : edits) add_edit(writer, 1, edit);
  add_interaction(writer, 2, interaction);
  return out;
}

MessageBuffer list_request(const OptionalCollection& collection, bool names_only,
                           Interaction interaction, bool with_inherited) {
  MessageBuffer out;
  Writer writer(out);
  add_collection(writer, 1, collection);
  writer.add_bool(2, names_only);
  add_interaction(writer, 3, interaction);
  if (with_inherited) writer.add_bool(4, true);
  return out;
}

MessageBuffer search_request(const Attributes& attributes, const OptionalCollection& collection,
                             Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_attributes(writer, 1, attributes);
  add_collection(writer, 2, collection);
  add_interaction(writer, 3, interaction);
  return out;
}

MessageBuffer list_collections_request(Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_interaction(writer, 1, interaction);
  return out;
}

MessageBuffer rename_request(const ItemAt& from, const ItemAt& to, bool replace,
                             const OptionalVersion& expected, Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_item(writer, 1, from);
  add_item(writer, 2, to);
  add_expected(writer, 3, expected);
  writer.add_bool(4, replace);
  add_interaction(writer, 5, interaction);
  return out;
}

MessageBuffer history_request(const ItemAt& item, Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_item(writer, 1, item);
  add_interaction(writer, 2, interaction);
  return out;
}

MessageBuffer restore_request(const ItemAt& item, std::uint64_t version,
                              const OptionalVersion& expected, Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_item(writer, 1, item);
  writer.add_uint64(2, version);
  add_expected(writer, 3, expected);
  add_interaction(writer, 4, interaction);
  return out;
}

MessageBuffer watch_request(const OptionalCollection& collection,
                            std::span<const std::string> names, Interaction interaction) {
  MessageBuffer out;
  Writer writer(out);
  add_collection(writer, 1, collection);
  for (const std::string& name : names) add_text(writer, 2, name);
  add_interaction(writer, 3, interaction);
  return out;
}

}  // namespace tacit::codec
