#include "client/cpp/checks.h"

#include "client/cpp/base/utf8.h"

namespace tacit {

Result<void> check_item(const codec::ItemAt& item) {
  if (!item.collection.empty()) {
    if (auto good = check_name(item.collection, "collection"); !good) return good;
  }
  return check_name(item.name, "name");
}

Result<void> check_collection(std::optional<std::string_view> collection) {
  if (!collection || collection->empty()) return {};
  return check_name(*collection, "collection");
}

Result<void> check_text(std::string_view text, std::string_view what) {
  if (find_invalid_utf8(text) == std::string_view::npos) return {};
  return Error{Reason::kInvalidArgument, "the " + std::string(what) + " is not UTF-8"};
}

Result<void> check_attributes(const Attributes& attributes) {
  for (const auto& [key, value] : attributes) {
    if (auto good = check_text(key, "attribute's key"); !good) return good;
    if (auto good = check_text(value, "value of the attribute `" + key + "`"); !good) return good;
  }
  return {};
}

}  // namespace tacit
