#include "daemon/rpc/convert.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "daemon/base/status.h"
#include "daemon/tokens/token_value.h"
#include "tacit/reference.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxPassphraseBytes = 4096;
constexpr std::size_t kMinKeyFileBytes = 32;
constexpr std::size_t kMaxKeyFileBytes = std::size_t{64} << 10;
/// 9999-12-31T23:59:59.999Z, the last moment that RFC 3339 can write.
constexpr std::int64_t kLastExpiry = 253'402'300'799'999;

absl::Status checked_name(const std::string& text, std::string_view what) {
  const Result<void> checked = check_name(text, what);
  return checked.ok() ? absl::OkStatus()
                      : make_error(checked.error().code, checked.error().message);
}

absl::Status check_size(const std::string& what, std::size_t size, std::size_t least,
                        std::size_t most) {
  if (size >= least && size <= most) return absl::OkStatus();
  return invalid(what + " has " + std::to_string(size) + " bytes; " + std::to_string(least) +
                 " to " + std::to_string(most) + " are allowed");
}

}  // namespace

absl::Status invalid(const std::string& message) {
  return make_error(Reason::kInvalidArgument, message);
}

absl::StatusOr<ItemName> item_name_from(const v1::ItemRef& ref) {
  ItemName where{ref.collection().empty() ? std::string(kDefaultCollection) : ref.collection(),
                 ref.name()};
  if (absl::Status ok = checked_name(where.collection, "collection"); !ok.ok()) return ok;
  if (absl::Status ok = checked_name(where.name, "name"); !ok.ok()) return ok;
  return where;
}

absl::StatusOr<std::optional<std::string>> collection_from(bool has, const std::string& name) {
  if (!has) return std::optional<std::string>();
  if (name.empty()) return std::optional<std::string>(kDefaultCollection);
  if (absl::Status ok = checked_name(name, "collection"); !ok.ok()) return ok;
  return std::optional<std::string>(name);
}

absl::StatusOr<Attributes> attributes_from(
    const google::protobuf::RepeatedPtrField<v1::Attribute>& list) {
  if (static_cast<std::size_t>(list.size()) > kMaxAttributes) {
    return invalid("there are " + std::to_string(list.size()) + " attributes; at most " +
                   std::to_string(kMaxAttributes) + " are allowed");
  }
  Attributes attributes;
  for (const v1::Attribute& attribute : list) {
    if (absl::Status ok = checked_name(attribute.key(), "attribute key"); !ok.ok()) return ok;
    if (absl::Status ok =
            check_size("an attribute key", attribute.key().size(), 1, kMaxAttributeKeyBytes);
        !ok.ok()) {
      return ok;
    }
    if (absl::Status ok =
            check_size("an attribute value", attribute.value().size(), 0, kMaxAttributeValueBytes);
        !ok.ok()) {
      return ok;
    }
    if (!attribute.value().empty()) {
      if (absl::Status ok = checked_name(attribute.value(), "attribute value"); !ok.ok()) return ok;
    }
    if (!attributes.emplace(attribute.key(), attribute.value()).second) {
      return invalid("an attribute key is there twice");
    }
  }
  return attributes;
}

absl::StatusOr<ItemChange> change_from(v1::SetRequest& request) {
  ItemChange change;
  if (request.has_value()) {
    if (request.value().size() > kMaxValueBytes) {
      return make_error(Reason::kValueTooLarge,
                        "the value has " + std::to_string(request.value().size()) +
                            " bytes; at most " + std::to_string(kMaxValueBytes) +
                            " (768 KiB) can be stored");
    }
    change.value = secret_from(*request.mutable_value());
  }
  if (request.has_attributes()) {
    absl::StatusOr<Attributes> attributes = attributes_from(request.attributes().attributes());
    if (!attributes.ok()) return attributes.status();
    change.attributes = *std::move(attributes);
  }
  if (request.has_content_type()) {
    const std::string& type = request.content_type();
    if (absl::Status ok = check_size("the content type", type.size(), 0, kMaxContentTypeBytes);
        !ok.ok()) {
      return ok;
    }
    if (type.find('\0') != std::string::npos) return invalid("the content type holds a NUL");
    if (type == kTokenType) return invalid("the content type is that of tokens: see Renewal");
    change.content_type = type;
  }
  if (request.has_expires_unix_ms()) {
    if (request.expires_unix_ms() < 0) return invalid("the expiry lies before 1970");
    if (request.expires_unix_ms() > kLastExpiry)
      return invalid("the expiry is after the year 9999");
    change.expires = request.expires_unix_ms();
  }
  if (request.has_expected_version()) change.expected_version = request.expected_version();
  return change;
}

absl::StatusOr<Credential> passphrase_from(std::string& passphrase) {
  if (absl::Status ok = check_size("the passphrase", passphrase.size(), 1, kMaxPassphraseBytes);
      !ok.ok()) {
    return ok;
  }
  return Credential{SlotKind::kPassphrase, secret_from(passphrase)};
}

absl::StatusOr<Credential> credential_from(v1::Credential& credential) {
  switch (credential.kind_case()) {
    case v1::Credential::kPassphrase:
      return passphrase_from(*credential.mutable_passphrase());
    case v1::Credential::kRecoveryKey: {
      std::string& text = *credential.mutable_recovery_key();
      if (absl::Status ok = check_size("the recovery key", text.size(), 1, kMaxPassphraseBytes);
          !ok.ok()) {
        return ok;
      }
      return Credential{SlotKind::kRecoveryKey, secret_from(text)};
    }
    case v1::Credential::kKeyFile: {
      std::string& content = *credential.mutable_key_file();
      if (absl::Status ok =
              check_size("the key file", content.size(), kMinKeyFileBytes, kMaxKeyFileBytes);
          !ok.ok()) {
        return ok;
      }
      return Credential{SlotKind::kKeyFile, secret_from(content)};
    }
    case v1::Credential::KIND_NOT_SET:
      break;
  }
  return invalid("no credential is given: a passphrase, a recovery key or a key file is needed");
}

SecretBytes secret_from(std::string& field) {
  return SecretBytes::absorb({reinterpret_cast<unsigned char*>(field.data()), field.size()});
}

void fill(const ItemName& from, v1::ItemRef& to) {
  to.set_collection(from.collection);
  to.set_name(from.name);
}

void fill(const ItemMetadata& from, bool names_only, v1::Metadata& to) {
  fill(from.where, *to.mutable_item());
  if (names_only) return;
  to.set_version(from.version);
  for (const auto& [key, value] : from.attributes) {
    v1::Attribute& attribute = *to.add_attributes();
    attribute.set_key(key);
    attribute.set_value(value);
  }
  to.set_content_type(from.content_type);
  to.set_created_unix_ms(from.created);
  to.set_modified_unix_ms(from.modified);
  to.set_expires_unix_ms(from.expires);
  to.set_policy(static_cast<v1::Policy>(from.policy));
  to.set_token(is_token(from));
  // Of a token the value holds more than is ever given.
  to.set_value_size(is_token(from) ? 0 : from.value_size);
  to.set_deleted(from.deleted);
}

void fill(const Slot& from, v1::Slot& to) {
  to.set_index(from.index);
  to.set_kind(to_proto(from.kind));
  to.set_created_unix_ms(from.created);
  if (from.kind == SlotKind::kPassphrase) {
    to.set_kdf_memory_bytes(from.kdf.memory_bytes);
    to.set_kdf_passes(from.kdf.passes);
  }
}

v1::Reason to_proto(Reason reason) { return static_cast<v1::Reason>(reason); }
v1::SlotKind to_proto(SlotKind kind) { return static_cast<v1::SlotKind>(kind); }

std::string field_of(const SecretBytes& secret) {
  return {reinterpret_cast<const char*>(secret.bytes().data()), secret.size()};
}

}  // namespace tacit
