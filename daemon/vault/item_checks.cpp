#include "daemon/vault/item_checks.h"

#include "daemon/base/status.h"
#include "tacit/reference.h"  // check_name, limits

namespace tacit {
namespace {

absl::Status check_text(std::string_view text, std::string_view what) {
  const Result<void> checked = check_name(text, what);
  if (checked) return absl::OkStatus();
  return make_error(checked.error().code, checked.error().message);
}

absl::Status check_attributes(const Attributes& attributes) {
  if (attributes.size() > kMaxAttributes) {
    return make_error(Reason::kInvalidArgument, "an item has at most 64 attributes");
  }
  for (const auto& [key, value] : attributes) {
    if (key.size() > kMaxAttributeKeyBytes || value.size() > kMaxAttributeValueBytes) {
      return make_error(Reason::kInvalidArgument,
                        "an attribute has a key of 1 to 256 bytes and a value of up to 1,024");
    }
    if (absl::Status status = check_text(key, "attribute key"); !status.ok()) return status;
    if (value.empty()) continue;
    if (absl::Status status = check_text(value, "attribute value"); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status check_where(const ItemName& where) {
  if (absl::Status status = check_text(where.collection, "collection"); !status.ok()) {
    return status;
  }
  return check_text(where.name, "name");
}

absl::Status check_change(const ItemChange& change) {
  if (change.value && change.value->size() > kMaxValueBytes) {
    return make_error(Reason::kValueTooLarge, "the value has " +
                                                  std::to_string(change.value->size()) +
                                                  " bytes; at most 786,432 (768 KiB) are kept");
  }
  if (change.content_type) {
    if (change.content_type->size() > kMaxContentTypeBytes) {
      return make_error(Reason::kInvalidArgument, "a content type has at most 255 bytes");
    }
    if (!change.content_type->empty()) {
      if (absl::Status status = check_text(*change.content_type, "content type"); !status.ok()) {
        return status;
      }
    }
  }
  if (change.expires && *change.expires < 0) {
    return make_error(Reason::kInvalidArgument, "an expiry lies after 1970, or is 0 for never");
  }
  if (change.attributes) return check_attributes(*change.attributes);
  return absl::OkStatus();
}

absl::Status check_expected(std::optional<std::uint64_t> expected, std::uint64_t newest,
                            bool live) {
  if (!expected) return absl::OkStatus();
  if (*expected == 0) {
    if (!live) return absl::OkStatus();
    return make_error(Reason::kAlreadyExists,
                      "the item exists already (version " + std::to_string(newest) + ")");
  }
  if (*expected == newest) return absl::OkStatus();
  return make_error(Reason::kVersionMismatch, "the item was changed meanwhile: it is at version " +
                                                  std::to_string(newest) + ", not " +
                                                  std::to_string(*expected) + "; read it again");
}

absl::Status no_such_item() {
  return make_error(Reason::kNotFound, "no such item; `tacit list` shows what is there");
}

}  // namespace tacit
