#include "client/cpp/checks.h"

#include "client/cpp/base/utf8.h"

namespace tacit {
namespace {

// The limits of proto/README.md and of the vault.
constexpr std::size_t kMaxAttributes = 64;
constexpr std::size_t kMaxAttributeKey = 256;
constexpr std::size_t kMaxAttributeValue = 1024;
constexpr std::size_t kMaxPassphrase = 4096;
constexpr std::size_t kMaxKeyFile = std::size_t{64} * 1024;
constexpr std::size_t kMaxPinned = 32;
constexpr std::size_t kMaxPath = 4096;

}  // namespace

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

Result<void> check_length(std::size_t size, std::size_t most, std::string_view what) {
  if (size <= most) return {};
  return Error{Reason::kInvalidArgument, "the " + std::string(what) + " has " +
                                             std::to_string(size) + " bytes; at most " +
                                             std::to_string(most) + " are allowed"};
}

Result<void> check_attributes(const Attributes& attributes) {
  if (attributes.size() > kMaxAttributes) {
    return Error{Reason::kInvalidArgument, "there are " + std::to_string(attributes.size()) +
                                               " attributes; at most " +
                                               std::to_string(kMaxAttributes) + " are allowed"};
  }
  for (const auto& [key, value] : attributes) {
    if (auto good = check_text(key, "attribute's key"); !good) return good;
    if (auto good = check_length(key.size(), kMaxAttributeKey, "attribute's key"); !good) {
      return good;
    }
    const std::string what = "value of the attribute `" + key + "`";
    if (auto good = check_text(value, what); !good) return good;
    if (auto good = check_length(value.size(), kMaxAttributeValue, what); !good) return good;
  }
  return {};
}

Result<void> check_value(std::size_t size) {
  if (size <= kMaxValueBytes) return {};
  return Error{Reason::kValueTooLarge,
               "a value has at most 768 KiB, this one has " + std::to_string(size) + " bytes"};
}

Result<void> check_passphrase(const SecretBytes& passphrase) {
  return check_length(passphrase.size(), kMaxPassphrase, "passphrase");
}

Result<void> check_credential(const Credential& credential) {
  switch (credential.kind) {
    case Credential::Kind::kPassphrase:
      return check_passphrase(credential.secret);
    case Credential::Kind::kRecoveryKey:
      return check_length(credential.secret.size(), kMaxPassphrase, "recovery key");
    case Credential::Kind::kKeyFile:
      return check_length(credential.secret.size(), kMaxKeyFile, "key file");
  }
  return {};
}

Result<void> check_credential(const Credential* credential) {
  return credential == nullptr ? Result<void>() : check_credential(*credential);
}

Result<void> check_programs(std::span<const std::string> paths) {
  constexpr std::string_view kWhat = "path of a pinned program";
  if (paths.size() > kMaxPinned) {
    return Error{Reason::kInvalidArgument, "at most " + std::to_string(kMaxPinned) +
                                               " programs can be pinned, these are " +
                                               std::to_string(paths.size())};
  }
  for (const std::string& path : paths) {
    if (auto good = check_text(path, kWhat); !good) return good;
    if (auto good = check_length(path.size(), kMaxPath, kWhat); !good) return good;
  }
  return {};
}

}  // namespace tacit
