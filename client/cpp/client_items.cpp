#include <algorithm>
#include <tuple>

#include "client/cpp/checks.h"
#include "client/cpp/client_impl.h"

namespace tacit {
namespace {

using codec::ItemAt;

Result<void> check_options(const SetOptions& options) {
  if (options.attributes) {
    if (auto good = check_attributes(*options.attributes); !good) return good;
  }
  constexpr std::size_t kMaxContentType = 255;
  const std::string type = options.content_type.value_or("");
  if (auto good = check_text(type, "content type"); !good) return good;
  return check_length(type.size(), kMaxContentType, "content type");
}

auto by_place(const Metadata& item) { return std::tie(item.collection, item.name); }

}  // namespace

Result<SecretBytes> pick(Item item, const Reference& reference) {
  if (!reference.attribute) return std::move(item.value);
  const auto found = item.metadata.attributes.find(*reference.attribute);
  if (found != item.metadata.attributes.end()) return SecretBytes::copy_of(found->second);
  return Error{Reason::kNotFound,
               "the item " +
                   to_string({reference.collection, reference.name, {}, reference.version}) +
                   " has no attribute `" + *reference.attribute + "`"};
}

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
  auto read = impl_->get_as_it_is(item, version);
  if (version != 0) return read;
  const auto renewal = impl_->renewal_for(read, {std::string(collection), std::string(name)});
  if (!renewal) return read;
  const auto renewed = impl_->renew({&*renewal, 1}, {}).front();
  // What was due is good still.
  if (!renewed) return renewal->needed ? Result<Item>(renewed.error()) : std::move(read);
  auto again = impl_->get_as_it_is(item, version);
  return again || renewal->needed ? std::move(again) : std::move(read);
}

Result<Item> Client::Impl::get_as_it_is(const ItemAt& item, std::uint64_t version) {
  return ask("/tacit.v1.Secrets/Get", codec::get_request(item, version, interaction()),
             patient_limits(), codec::get_reply);
}

Result<SecretBytes> Client::get(const Reference& reference) {
  auto item = get(reference.collection, reference.name, reference.version);
  if (!item) return item.error();
  return pick(std::move(*item), reference);
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
