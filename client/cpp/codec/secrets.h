// Messages of secrets.proto: requests written, replies read.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "client/cpp/codec/common.h"

namespace tacit::codec {

using OptionalVersion = std::optional<std::uint64_t>;
using OptionalCollection = std::optional<std::string_view>;

/// Get and Describe.
MessageBuffer get_request(const ItemAt& item, std::uint64_t version, Interaction interaction);
MessageBuffer get_batch_request(std::span<const Reference> references, Interaction interaction,
                                const ProjectRef* project = nullptr);
/// Without a value the item keeps its own.
MessageBuffer set_request(const ItemAt& item, const SecretBytes* value, const SetOptions& options,
                          Interaction interaction);
MessageBuffer delete_request(const ItemAt& item, bool purge, const OptionalVersion& expected,
                             Interaction interaction);
MessageBuffer apply_request(std::span<const ItemEdit> edits, Interaction interaction);
MessageBuffer list_request(const OptionalCollection& collection, bool names_only,
                           Interaction interaction, bool with_inherited = false);
MessageBuffer search_request(const Attributes& attributes, const OptionalCollection& collection,
                             Interaction interaction);
MessageBuffer list_collections_request(Interaction interaction);
MessageBuffer rename_request(const ItemAt& from, const ItemAt& to, bool replace,
                             const OptionalVersion& expected, Interaction interaction);
MessageBuffer history_request(const ItemAt& item, Interaction interaction);
MessageBuffer restore_request(const ItemAt& item, std::uint64_t version,
                              const OptionalVersion& expected, Interaction interaction);
MessageBuffer watch_request(const OptionalCollection& collection,
                            std::span<const std::string> names, Interaction interaction);

Result<Item> get_reply(const SecretBytes& message);
/// One answer of many: `item`, or else why not.
struct BatchEntry {
  std::uint32_t index = 0;
  std::optional<Item> item;
  std::uint32_t status_code = 0;
  Reason reason = Reason::kUnspecified;
  std::string message;
  ItemRef failed;
};
Result<BatchEntry> get_batch_reply(const SecretBytes& message);
Result<Metadata> describe_reply(const SecretBytes& message);
/// Set and Restore: the version stored.
Result<std::uint64_t> version_reply(const SecretBytes& message);
Result<std::vector<std::uint64_t>> apply_reply(const SecretBytes& message);
/// List, Search and History: each is a list of metadata in field 1.
Result<std::vector<Metadata>> metadata_list_reply(const SecretBytes& message);
Result<std::vector<CollectionInfo>> collections_reply(const SecretBytes& message);
Result<Change> watch_reply(const SecretBytes& message);

}  // namespace tacit::codec
