// Messages of common.proto that services share.
#pragma once
#include "client/cpp/codec/wire.h"

namespace tacit::codec {

/// proto: Interaction.
enum class Interaction : std::int32_t { kNever = 0, kAllow = 1 };
void add_interaction(Writer& writer, std::uint32_t field, Interaction interaction);

/// An item by where it is; both views live as long as the request is being written.
struct ItemAt {
  std::string_view collection;
  std::string_view name;
};

void add_texts(Writer& writer, std::uint32_t field, std::span<const std::string> texts);
void add_item(Writer& writer, std::uint32_t field, const ItemAt& item);
void add_attribute(Writer& writer, std::uint32_t field, std::string_view key,
                   std::string_view value);
void add_attributes(Writer& writer, std::uint32_t field, const Attributes& attributes);
void add_credential(Writer& writer, std::uint32_t field, const Credential& credential);

struct ItemName {
  std::string collection;
  std::string name;
};
/// A reply whose one number is in field 1.
std::uint64_t read_number(Reader reader);
ItemName read_item(Reader reader);
/// Key and value.
std::pair<std::string, std::string> read_attribute(Reader reader);
Metadata read_metadata(Reader reader);

}  // namespace tacit::codec
