// Request bodies of any bytes, as the services treat them: parsed as gRPC parses them, checked by
// daemon/rpc/convert, and what is accepted is done to a real vault. First byte: which request;
// second: where the body is cut into the pieces that gRPC reads it in.
#include <grpcpp/support/byte_buffer.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "daemon/base/status.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/collection_names.h"
#include "daemon/rpc/convert.h"
#include "daemon/rpc/project_places.h"
#include "daemon/rpc/scan_forms.h"
#include "daemon/session/open_vault.h"
#include "tacit/reference.h"
#include "tacit/v1/collections.pb.h"
#include "tacit/v1/scan.pb.h"

namespace {

using namespace tacit;

void require(bool promise) {
  if (!promise) std::abort();
}

/// An unlocked vault in memory's file system where there is one: nobody waits for its disk.
class Place {
 public:
  Place() {
    std::string pattern = std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp";
    pattern += "/tacit-fuzz-XXXXXX";
    require(mkdtemp(pattern.data()) != nullptr);
    dir_ = pattern;
    const std::array<Credential, 1> credentials{
        Credential{SlotKind::kKeyFile, SecretBytes::copy_of(std::string(32, 'k'))}};
    auto created = create_vault(
        {dir_ + "/vault", dir_ + "/anchor", dir_, ""}, [] { return UnixMillis{1}; }, credentials,
        false, KdfParams{});
    require(created.ok() && created->opened.vault.ok());
    file_ = std::move(created->opened.file);
    vault_ = *std::move(created->opened.vault);
  }
  ~Place() {
    vault_.reset();
    file_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(dir_, ignored);
  }
  Vault& vault() { return *vault_; }

 private:
  std::string dir_;
  std::unique_ptr<LockedVault> file_;
  std::unique_ptr<Vault> vault_;
};

Vault& vault() {
  static Place place;
  return place.vault();
}

/// Refusals say why and never what was sent beside names; a vault that only heard requests is
/// not damaged by them.
void refused(const absl::Status& status) {
  require(!status.ok() && !status.message().empty());
  switch (reason_of(status)) {
    case Reason::kInvalidArgument:
    case Reason::kValueTooLarge:
    case Reason::kNotFound:
    case Reason::kAlreadyExists:
    case Reason::kVersionMismatch:
      return;
    default:
      std::abort();
  }
}

template <class T>
bool accepted(const absl::StatusOr<T>& result) {
  if (!result.ok()) refused(result.status());
  return result.ok();
}

bool is_name(const std::string& text) { return check_name(text, "name").ok(); }

absl::StatusOr<ItemName> name_of(const v1::ItemRef& ref) {
  absl::StatusOr<ItemName> where = item_name_from(ref);
  if (accepted(where)) require(is_name(where->collection) && is_name(where->name));
  return where;
}

void check(const Attributes& attributes) {
  require(attributes.size() <= kMaxAttributes);
  for (const auto& [key, value] : attributes) {
    require(is_name(key) && key.size() <= kMaxAttributeKeyBytes);
    require(value.size() <= kMaxAttributeValueBytes && (value.empty() || is_name(value)));
  }
}

void wiped(const std::string& field) {
  require(std::ranges::all_of(field, [](char byte) { return byte == 0; }));
}

void check_credential(v1::Credential& given) {
  if (!accepted(credential_from(given))) return;
  wiped(given.passphrase());
  wiped(given.recovery_key());
  wiped(given.key_file());
}

void forget(const ItemName& where) {
  const absl::Status gone = vault().remove(where, true, std::nullopt);
  if (!gone.ok()) require(reason_of(gone) == Reason::kNotFound);
}

void serve(v1::GetRequest& request) {
  const auto where = name_of(request.item());
  if (where.ok() && accepted(vault().get(*where, request.version()))) std::abort();  // it is empty
}

void serve(v1::DescribeRequest& request) {
  const auto where = name_of(request.item());
  if (where.ok() && accepted(vault().describe(*where, request.version()))) std::abort();
}

/// What is accepted can be stored, and comes back as it was sent.
void serve(v1::SetRequest& request) {
  const auto where = name_of(request.item());
  const std::string sent = request.value();
  absl::StatusOr<ItemChange> change = change_from(request);
  if (!accepted(change)) return;
  if (request.has_value()) wiped(request.value());
  if (change->attributes) check(*change->attributes);
  if (!where.ok()) return;
  const auto attributes = change->attributes.value_or(Attributes());
  const auto content_type = change->content_type.value_or("");
  const auto stored = vault().set(*where, *std::move(change));
  if (!accepted(stored)) return;
  const auto got = vault().get(*where);
  require(got.ok() && field_of(got->value) == sent);
  require(got->metadata.attributes == attributes && got->metadata.content_type == content_type);
  v1::Metadata told;
  fill(got->metadata, false, told);
  require(v1::Metadata().ParseFromString(told.SerializeAsString()));
  forget(*where);
}

void serve(v1::DeleteRequest& request) {
  const auto where = name_of(request.item());
  if (!where.ok()) return;
  refused(vault().remove(*where, request.purge(), request.expected_version()));
}

void serve(v1::RenameRequest& request) {
  const auto from = name_of(request.item());
  const auto to = name_of(request.new_item());
  if (!from.ok() || !to.ok()) return;
  ItemChange change;
  change.value = SecretBytes::copy_of("value");
  require(vault().set(*from, std::move(change)).ok());
  const absl::Status renamed = vault().rename(
      *from, *to, request.replace(),
      request.has_expected_version() ? std::optional(request.expected_version()) : std::nullopt);
  if (!renamed.ok()) refused(renamed);
  require(vault().get(renamed.ok() ? *to : *from).ok());
  forget(*from);
  forget(*to);
}

void serve(v1::RestoreRequest& request) {
  const auto where = name_of(request.item());
  if (where.ok() && accepted(vault().restore(*where, request.version(), std::nullopt))) {
    std::abort();
  }
}

void serve(v1::HistoryRequest& request) {
  const auto where = name_of(request.item());
  if (where.ok()) accepted(vault().history(*where));
}

void serve(v1::GetBatchRequest& request) {
  for (const v1::GetRequest& item : request.items()) (void)name_of(item.item());
}

void serve(v1::ListRequest& request) {
  const auto collection = collection_from(request.has_collection(), request.collection());
  if (!accepted(collection)) return;
  require(collection->has_value() == request.has_collection());
  Vault::Cursor cursor;
  require(vault().list(*collection, request.names_only(), cursor, 10).ok());
}

void serve(v1::SearchRequest& request) {
  const auto attributes = attributes_from(request.attributes());
  if (!accepted(attributes)) return;
  check(*attributes);
  const auto collection = collection_from(request.has_collection(), request.collection());
  if (!accepted(collection) || attributes->empty()) return;
  Vault::Cursor cursor;
  require(vault().search(*attributes, *collection, cursor, 10).ok());
}

void serve(v1::WatchRequest& request) {
  accepted(collection_from(request.has_collection(), request.collection()));
}

void serve(v1::CreateRequest& request) {
  for (v1::Credential& given : *request.mutable_credentials()) check_credential(given);
}
void serve(v1::UnlockRequest& request) { check_credential(*request.mutable_credential()); }
void serve(v1::RemoveSlotRequest& request) { check_credential(*request.mutable_authorization()); }

void serve(v1::AddSlotRequest& request) {
  check_credential(*request.mutable_authorization());
  check_credential(*request.mutable_credential());
}

void serve(v1::ChangePassphraseRequest& request) {
  check_credential(*request.mutable_authorization());
  if (accepted(passphrase_from(*request.mutable_new_passphrase()))) wiped(request.new_passphrase());
}

void serve(v1::RenameCollectionRequest& request) {
  const auto from = collection_name_from(request.name());
  const auto to = new_collection_name(request.new_name());
  if (!accepted(from) || !accepted(to)) return;
  above_new_name(vault(), *to);
  const Reason reason = reason_of(vault().rename_collection(*from, *to, {}));
  require(reason == Reason::kUnspecified || reason == Reason::kNotFound ||
          reason == Reason::kAlreadyExists || reason == Reason::kInvalidArgument);
}

void serve(v1::ResolveProjectRequest& request) {
  const auto id = project_id_from(request.project().id());
  if (accepted(id)) require(project_id_text(*id) == request.project().id());
  const auto folder = folder_from(request.project().folder());
  if (accepted(folder)) require(decode_folder(encode_folder(*folder)) == *folder);
  static const CollectionBook book;
  accepted(place_of(book, vault(), request.project()));
}

void serve(v1::ConfirmScanRequest& request) {
  for (const v1::ScanPart& part : request.parts()) {
    const std::span<const unsigned char> data(
        reinterpret_cast<const unsigned char*>(part.data().data()), part.data().size());
    for (const ValueForm& form : forms_of(data.first(data.size() / 2))) {
      require(form.text.size() >= kScanWindow);
      for (const std::size_t window : form.windows) {
        require(window <= form.text.size() - kScanWindow);
        for (const std::uint32_t place : part.places()) {
          const auto extent = stands_at(form, window, data, place);
          require(!extent || extent->offset + extent->length <= data.size());
        }
      }
    }
  }
}

/// A body that comes in two pieces.
grpc::ByteBuffer body_of(std::uint8_t cut, const std::uint8_t* data, std::size_t size) {
  const std::size_t first = std::min<std::size_t>(cut, size);
  const std::array<grpc::Slice, 2> pieces{grpc::Slice(data, first),
                                          grpc::Slice(data + first, size - first)};
  return {pieces.data(), pieces.size()};
}

template <class Request>
void read_and_serve(grpc::ByteBuffer body) {
  Request request;
  if (parse(body, request)) serve(request);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array kRequests{
      &read_and_serve<v1::GetRequest>,
      &read_and_serve<v1::DescribeRequest>,
      &read_and_serve<v1::SetRequest>,
      &read_and_serve<v1::DeleteRequest>,
      &read_and_serve<v1::RenameRequest>,
      &read_and_serve<v1::RestoreRequest>,
      &read_and_serve<v1::HistoryRequest>,
      &read_and_serve<v1::GetBatchRequest>,
      &read_and_serve<v1::ListRequest>,
      &read_and_serve<v1::SearchRequest>,
      &read_and_serve<v1::WatchRequest>,
      &read_and_serve<v1::CreateRequest>,
      &read_and_serve<v1::UnlockRequest>,
      &read_and_serve<v1::AddSlotRequest>,
      &read_and_serve<v1::RemoveSlotRequest>,
      &read_and_serve<v1::ChangePassphraseRequest>,
      &read_and_serve<v1::RenameCollectionRequest>,
      &read_and_serve<v1::ResolveProjectRequest>,
      &read_and_serve<v1::ConfirmScanRequest>,
  };
  if (size < 2) return 0;
  kRequests[data[0] % kRequests.size()](body_of(data[1], data + 2, size - 2));
  return 0;
}
