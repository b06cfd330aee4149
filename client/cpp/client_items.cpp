#include <algorithm>
#include <tuple>

#include "client/cpp/checks.h"
#include "client/cpp/client_impl.h"

namespace tacit {
namespace {

using codec::ItemAt;

constexpr std::size_t kMaxBatch = 1000;

Result<void> check_options(const SetOptions& options) {
  if (options.attributes) {
    if (auto good = check_attributes(*options.attributes); !good) return good;
  }
  constexpr std::size_t kMaxContentType = 255;
  const std::string type = options.content_type.value_or("");
  if (auto good = check_text(type, "content type"); !good) return good;
  return check_length(type.size(), kMaxContentType, "content type");
}

Result<SecretBytes> pick(Item item, const Reference& reference) {
  if (!reference.attribute) return std::move(item.value);
  const auto found = item.metadata.attributes.find(*reference.attribute);
  if (found != item.metadata.attributes.end()) return SecretBytes::copy_of(found->second);
  return Error{Reason::kNotFound,
               "the item " +
                   to_string({reference.collection, reference.name, {}, reference.version}) +
                   " has no attribute `" + *reference.attribute + "`"};
}

Error refusal_of(codec::BatchEntry& entry) {
  const Reason reason = entry.reason != Reason::kUnspecified
                            ? entry.reason
                            : reason_from_code(static_cast<int>(std::min(entry.status_code, 100u)));
  return {reason, std::move(entry.message)};
}

auto by_place(const Metadata& item) { return std::tie(item.collection, item.name); }

}  // namespace

std::size_t edit_bytes(const ItemEdit& edit) noexcept {
  // A tag and a length each: of the change, what it is, the item, its parts and every option.
  constexpr std::size_t kFrame = 96;
  constexpr std::size_t kAttributeFrame = 16;
  std::size_t bytes = kFrame + edit.collection.size() + edit.name.size();
  if (!edit.value) return bytes;
  bytes += edit.value->size();
  if (edit.options.content_type) bytes += edit.options.content_type->size();
  if (edit.options.attributes) {
    for (const auto& [key, value] : *edit.options.attributes) {
      bytes += kAttributeFrame + key.size() + value.size();
    }
  }
  return bytes;
}

Result<Item> Client::get(std::string_view collection, std::string_view name,
                         std::uint64_t version) {
  const ItemAt item{collection, name};
  if (auto good = check_item(item); !good) return good.error();
  return impl_->ask("/tacit.v1.Secrets/Get",
                    codec::get_request(item, version, impl_->interaction()),
                    impl_->patient_limits(), codec::get_reply);
}

Result<SecretBytes> Client::get(const Reference& reference) {
  auto item = get(reference.collection, reference.name, reference.version);
  if (!item) return item.error();
  return pick(std::move(*item), reference);
}

Result<std::vector<Result<SecretBytes>>> Client::get_batch(std::span<const Reference> references,
                                                           const ProjectRef* project) {
  std::vector<Result<SecretBytes>> out;
  if (references.empty()) return out;
  if (references.size() > kMaxBatch) {
    return Error{Reason::kInvalidArgument, "more than 1,000 references at once; ask in parts"};
  }
  for (const Reference& reference : references) {
    if (auto good = check_item({reference.collection, reference.name}); !good) return good.error();
    out.emplace_back(Error{Reason::kProtocol, "the daemon left this one out of its answer"});
  }
  std::optional<Error> odd;
  const auto done =
      impl_->follow("/tacit.v1.Secrets/GetBatch",
                    codec::get_batch_request(references, impl_->interaction(), project),
                    impl_->stream_limits(), codec::get_batch_reply, [&](codec::BatchEntry entry) {
                      if (entry.index >= out.size()) {
                        odd = Error{Reason::kProtocol, "the daemon answered what was not asked"};
                        return false;
                      }
                      if (entry.status_code == 0 && entry.item) {
                        out[entry.index] = pick(*std::move(entry.item), references[entry.index]);
                      } else {
                        out[entry.index] = refusal_of(entry);
                      }
                      return true;
                    });
  if (odd) return *std::move(odd);
  if (!done) return done.error();
  return out;
}

Result<std::vector<FoundItem>> Client::Impl::found_items(MessageBuffer request) {
  std::vector<FoundItem> out;
  const auto done =
      follow("/tacit.v1.Secrets/GetBatch", std::move(request), patient_limits(),
             codec::get_batch_reply, [&](codec::BatchEntry entry) {
               if (entry.status_code == 0 && entry.item) {
                 ItemRef where{entry.item->metadata.collection, entry.item->metadata.name};
                 out.push_back({std::move(where), *std::move(entry.item)});
               } else {
                 ItemRef where = std::move(entry.failed);
                 out.push_back({std::move(where), refusal_of(entry)});
               }
               return true;
             });
  if (!done) return done.error();
  return out;
}

Result<Metadata> Client::describe(std::string_view collection, std::string_view name,
                                  std::uint64_t version) {
  const ItemAt item{collection, name};
  if (auto good = check_item(item); !good) return good.error();
  return impl_->ask("/tacit.v1.Secrets/Describe",
                    codec::get_request(item, version, impl_->interaction()),
                    impl_->patient_limits(), codec::describe_reply);
}

Result<std::uint64_t> Client::set(std::string_view collection, std::string_view name,
                                  const SecretBytes& value, const SetOptions& options) {
  const ItemAt item{collection, name};
  if (auto good = check_item(item); !good) return good.error();
  if (auto good = check_options(options); !good) return good.error();
  if (auto good = check_value(value.size()); !good) return good.error();
  return impl_->ask("/tacit.v1.Secrets/Set",
                    codec::set_request(item, &value, options, impl_->interaction()),
                    impl_->patient_limits(), codec::version_reply);
}

Result<std::uint64_t> Client::set_metadata(std::string_view collection, std::string_view name,
                                           const SetOptions& options) {
  const ItemAt item{collection, name};
  if (auto good = check_item(item); !good) return good.error();
  if (auto good = check_options(options); !good) return good.error();
  return impl_->ask("/tacit.v1.Secrets/Set",
                    codec::set_request(item, nullptr, options, impl_->interaction()),
                    impl_->patient_limits(), codec::version_reply);
}

Result<void> Client::remove(std::string_view collection, std::string_view name, bool purge,
                            std::optional<std::uint64_t> expected_version) {
  const ItemAt item{collection, name};
  if (auto good = check_item(item); !good) return good;
  return impl_->tell("/tacit.v1.Secrets/Delete",
                     codec::delete_request(item, purge, expected_version, impl_->interaction()),
                     impl_->patient_limits());
}

Result<std::vector<std::uint64_t>> Client::apply(std::span<const ItemEdit> edits) {
  std::size_t bytes = 0;
  for (const ItemEdit& edit : edits) {
    if (auto good = check_item({edit.collection, edit.name}); !good) return good.error();
    if (auto good = check_options(edit.options); !good) return good.error();
    if (edit.value) {
      if (auto good = check_value(edit.value->size()); !good) return good.error();
    }
    bytes += edit_bytes(edit);
  }
  if (edits.size() > kMaxEdits || bytes > kMaxEditsBytes) {
    return Error{Reason::kLimit,
                 "these changes are more than the daemon takes in one transaction (1,000 changes, "
                 "1 MiB); make fewer at once"};
  }
  if (edits.empty()) return std::vector<std::uint64_t>();
  return impl_->ask("/tacit.v1.Secrets/Apply", codec::apply_request(edits, impl_->interaction()),
                    impl_->patient_limits(), codec::apply_reply);
}

Result<std::vector<Metadata>> Client::list(std::optional<std::string_view> collection,
                                           bool names_only, bool with_inherited) {
  if (auto good = check_collection(collection); !good) return good.error();
  return impl_->collect(
      "/tacit.v1.Secrets/List",
      codec::list_request(collection, names_only, impl_->interaction(), with_inherited), by_place);
}

Result<std::vector<Metadata>> Client::search(const Attributes& attributes,
                                             std::optional<std::string_view> collection) {
  if (auto good = check_collection(collection); !good) return good.error();
  if (auto good = check_attributes(attributes); !good) return good.error();
  return impl_->collect("/tacit.v1.Secrets/Search",
                        codec::search_request(attributes, collection, impl_->interaction()),
                        by_place);
}

Result<std::vector<CollectionInfo>> Client::collections() {
  std::vector<CollectionInfo> out;
  const auto done = impl_->follow(
      "/tacit.v1.Secrets/ListCollections", codec::list_collections_request(impl_->interaction()),
      impl_->stream_limits(), codec::collections_reply, [&](std::vector<CollectionInfo> part) {
        std::ranges::move(part, std::back_inserter(out));
        return true;
      });
  if (!done) return done.error();
  std::ranges::sort(out, {}, &CollectionInfo::name);
  return out;
}

Result<void> Client::rename(std::string_view collection, std::string_view name,
                            std::string_view new_collection, std::string_view new_name,
                            bool replace, std::optional<std::uint64_t> expected_version) {
  const ItemAt from{collection, name};
  const ItemAt to{new_collection, new_name};
  if (auto good = check_item(from); !good) return good;
  if (auto good = check_item(to); !good) return good;
  return impl_->tell(
      "/tacit.v1.Secrets/Rename",
      codec::rename_request(from, to, replace, expected_version, impl_->interaction()),
      impl_->patient_limits());
}

Result<std::vector<Metadata>> Client::history(std::string_view collection, std::string_view name) {
  const ItemAt item{collection, name};
  if (auto good = check_item(item); !good) return good.error();
  return impl_->collect("/tacit.v1.Secrets/History",
                        codec::history_request(item, impl_->interaction()), nullptr);
}

Result<std::uint64_t> Client::restore(std::string_view collection, std::string_view name,
                                      std::uint64_t version,
                                      std::optional<std::uint64_t> expected_version) {
  const ItemAt item{collection, name};
  if (auto good = check_item(item); !good) return good.error();
  return impl_->ask("/tacit.v1.Secrets/Restore",
                    codec::restore_request(item, version, expected_version, impl_->interaction()),
                    impl_->patient_limits(), codec::version_reply);
}

Result<void> Client::watch(std::optional<std::string_view> collection,
                           std::span<const std::string> names,
                           const std::function<bool(const Change&)>& on_change,
                           const Stopper* stopper) {
  if (auto good = check_collection(collection); !good) return good;
  if (names.size() > kMaxBatch) {
    return Error{Reason::kInvalidArgument,
                 "at most 1,000 names in one watch, these are " + std::to_string(names.size())};
  }
  for (const std::string& name : names) {
    if (auto good = check_name(name, "name"); !good) return good;
  }
  return impl_->follow("/tacit.v1.Secrets/Watch",
                       codec::watch_request(collection, names, impl_->interaction()),
                       Impl::watch_limits(), codec::watch_reply, on_change, stopper);
}

}  // namespace tacit
