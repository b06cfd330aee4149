// What requests are checked for before they are sent: what the daemon, or gRPC without a word of
// why, would refuse. Errors are kInvalidArgument, but kValueTooLarge for a value.
#pragma once
#include <optional>
#include <span>
#include <string>
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
Result<void> check_length(std::size_t size, std::size_t most, std::string_view what);
Result<void> check_value(std::size_t size);
Result<void> check_passphrase(const SecretBytes& passphrase);
/// A passphrase or recovery key of at most 4 KiB, a key file of at most 64 KiB.
Result<void> check_credential(const Credential& credential);
/// The same where there is one.
Result<void> check_credential(const Credential* credential);
/// Of a policy's pinned programs.
Result<void> check_programs(std::span<const std::string> paths);

}  // namespace tacit
