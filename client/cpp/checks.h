// What requests are checked for before they are sent. All errors are kInvalidArgument.
#pragma once
#include <optional>
#include <string_view>

#include "client/cpp/codec/common.h"
#include "tacit/client.h"

namespace tacit {

/// An empty collection stands for the default one.
Result<void> check_item(const codec::ItemAt& item);
Result<void> check_collection(std::optional<std::string_view> collection);
/// gRPC refuses a whole request with malformed text, and does not say which it was.
Result<void> check_text(std::string_view text, std::string_view what);
Result<void> check_attributes(const Attributes& attributes);

}  // namespace tacit
