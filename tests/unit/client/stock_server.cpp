#include "tests/unit/client/stock_server.h"

#include <grpc/grpc.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace tacit::testing {

using grpc::ServerContext;
using grpc::ServerWriter;

grpc::Status refuse(ServerContext& context, grpc::StatusCode code, const std::string& reason,
                    const std::string& message) {
  context.AddTrailingMetadata("tacit-reason", reason);
  return {code, message};
}

namespace {

bool is_good(const v1::Credential& credential) { return credential.passphrase() == kPassphrase; }

grpc::Status wrong_credential(ServerContext& context) {
  // Bytes that grpc-message has to escape.
  return refuse(context, grpc::StatusCode::UNAUTHENTICATED, "WRONG_CREDENTIAL",
                "100 % falsch: pass\u00fcberpr\u00fcft");
}

void wait_for_cancel(ServerContext& context) {
  while (!context.IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace

SecretsService::Place SecretsService::place(const v1::ItemRef& item) {
  return {item.collection().empty() ? "default" : item.collection(), item.name()};
}

const v1::GetReply* SecretsService::find(const v1::ItemRef& item, std::uint64_t version) {
  const auto found = items_.find(place(item));
  if (found == items_.end()) return nullptr;
  const auto& versions = found->second;
  if (version == 0) return versions.back().metadata().deleted() ? nullptr : &versions.back();
  return version <= versions.size() ? &versions[version - 1] : nullptr;
}

grpc::Status SecretsService::missing(ServerContext& context, const v1::ItemRef& item) {
  return refuse(context, grpc::StatusCode::NOT_FOUND, "NOT_FOUND", "no item " + item.name());
}

void SecretsService::note(const google::protobuf::Message& request) {
  last_ = request.GetTypeName() + " " + request.ShortDebugString();
}

std::string SecretsService::last_request() {
  const std::lock_guard lock(mutex_);
  return last_;
}

grpc::Status SecretsService::Get(ServerContext* context, const v1::GetRequest* request,
                                 v1::GetReply* reply) {
  if (request->item().name() == "slow") {
    wait_for_cancel(*context);
    return grpc::Status::CANCELLED;
  }
  const std::lock_guard lock(mutex_);
  note(*request);
  const auto* found = find(request->item(), request->version());
  if (!found) return missing(*context, request->item());
  *reply = *found;
  return grpc::Status::OK;
}

grpc::Status SecretsService::GetOrAsk(ServerContext* context, const v1::GetOrAskRequest* request,
                                      v1::GetReply* reply) {
  if (request->item().name() == "nobody") {
    return refuse(*context, grpc::StatusCode::PERMISSION_DENIED, "NO_PROMPTER", "nobody to ask");
  }
  const std::lock_guard lock(mutex_);
  note(*request);
  if (find(request->item(), 0) == nullptr) {
    v1::GetReply stored;
    stored.set_value("typed");
    *stored.mutable_metadata()->mutable_item() = request->item();
    stored.mutable_metadata()->set_version(1);
    *stored.mutable_metadata()->mutable_attributes() = request->attributes().attributes();
    items_[place(request->item())].push_back(std::move(stored));
  }
  *reply = *find(request->item(), 0);
  return grpc::Status::OK;
}

grpc::Status SecretsService::GetBatch(ServerContext*, const v1::GetBatchRequest* request,
                                      ServerWriter<v1::GetBatchReply>* writer) {
  const std::lock_guard lock(mutex_);
  note(*request);
  for (int i = 0; i < request->items_size(); ++i) {
    v1::GetBatchReply reply;
    reply.set_index(static_cast<std::uint32_t>(i));
    const auto* found = find(request->items(i).item(), request->items(i).version());
    if (found) {
      *reply.mutable_item() = *found;
    } else {
      reply.set_status_code(grpc::StatusCode::NOT_FOUND);
      reply.set_reason(v1::REASON_NOT_FOUND);
      reply.set_message("no item " + request->items(i).item().name());
    }
    writer->Write(reply);
  }
  return grpc::Status::OK;
}

grpc::Status SecretsService::Describe(ServerContext* context, const v1::DescribeRequest* request,
                                      v1::DescribeReply* reply) {
  const std::lock_guard lock(mutex_);
  note(*request);
  const auto* found = find(request->item(), request->version());
  if (!found) return missing(*context, request->item());
  *reply->mutable_metadata() = found->metadata();
  return grpc::Status::OK;
}

grpc::Status SecretsService::Set(ServerContext* context, const v1::SetRequest* request,
                                 v1::SetReply* reply) {
  const std::lock_guard lock(mutex_);
  last_ = request->GetTypeName();
  auto& versions = items_[place(request->item())];
  if (request->has_expected_version() && request->expected_version() != versions.size()) {
    return refuse(*context, grpc::StatusCode::ABORTED, "VERSION_MISMATCH",
                  "the item is at version " + std::to_string(versions.size()));
  }
  v1::GetReply next;
  if (!versions.empty()) next = versions.back();
  auto& metadata = *next.mutable_metadata();
  const auto [collection, name] = place(request->item());
  metadata.mutable_item()->set_collection(collection);
  metadata.mutable_item()->set_name(name);
  metadata.set_version(versions.size() + 1);
  metadata.set_created_unix_ms(1'700'000'000'000);
  metadata.set_modified_unix_ms(1'700'000'000'000 + static_cast<std::int64_t>(versions.size()));
  if (request->has_value()) next.set_value(request->value());
  metadata.set_value_size(next.value().size());
  if (request->has_attributes()) {
    *metadata.mutable_attributes() = request->attributes().attributes();
  }
  if (request->has_content_type()) metadata.set_content_type(request->content_type());
  if (request->has_expires_unix_ms()) metadata.set_expires_unix_ms(request->expires_unix_ms());
  metadata.set_policy(v1::POLICY_CONFIRM);
  versions.push_back(next);
  reply->set_version(versions.size());
  return grpc::Status::OK;
}

grpc::Status SecretsService::Delete(ServerContext* context, const v1::DeleteRequest* request,
                                    v1::DeleteReply*) {
  const std::lock_guard lock(mutex_);
  note(*request);
  if (!find(request->item(), 0)) return missing(*context, request->item());
  auto& versions = items_[place(request->item())];
  if (request->purge()) {
    items_.erase(place(request->item()));
  } else {
    v1::GetReply gone;
    *gone.mutable_metadata() = versions.back().metadata();
    gone.mutable_metadata()->set_version(versions.size() + 1);
    gone.mutable_metadata()->set_deleted(true);
    gone.mutable_metadata()->set_value_size(0);
    versions.push_back(gone);
  }
  return grpc::Status::OK;
}

grpc::Status SecretsService::List(ServerContext*, const v1::ListRequest* request,
                                  ServerWriter<v1::ListReply>* writer) {
  if (request->collection() == "dripping") {
    for (int i = 0; i < 5; ++i) {
      v1::ListReply reply;
      reply.add_items()->mutable_item()->set_name("drop" + std::to_string(i));
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      writer->Write(reply);
    }
    return grpc::Status::OK;
  }
  const std::lock_guard lock(mutex_);
  note(*request);
  // Backwards and one a message: the client sorts.
  for (auto entry = items_.rbegin(); entry != items_.rend(); ++entry) {
    const auto& newest = entry->second.back().metadata();
    if (newest.deleted()) continue;
    if (request->has_collection() && newest.item().collection() != request->collection()) continue;
    v1::ListReply reply;
    if (request->names_only()) {
      *reply.add_items()->mutable_item() = newest.item();
    } else {
      *reply.add_items() = newest;
    }
    writer->Write(reply);
  }
  return grpc::Status::OK;
}

grpc::Status SecretsService::Search(ServerContext*, const v1::SearchRequest* request,
                                    ServerWriter<v1::ListReply>* writer) {
  const std::lock_guard lock(mutex_);
  note(*request);
  v1::ListReply reply;
  for (const auto& [where, versions] : items_) {
    const auto& metadata = versions.back().metadata();
    const bool all = std::ranges::all_of(request->attributes(), [&](const auto& wanted) {
      return std::ranges::any_of(metadata.attributes(), [&](const auto& has) {
        return has.key() == wanted.key() && has.value() == wanted.value();
      });
    });
    if (all && !metadata.deleted()) *reply.add_items() = metadata;
  }
  writer->Write(reply);
  return grpc::Status::OK;
}

grpc::Status SecretsService::ListCollections(ServerContext*,
                                             const v1::ListCollectionsRequest* request,
                                             ServerWriter<v1::ListCollectionsReply>* writer) {
  const std::lock_guard lock(mutex_);
  note(*request);
  std::map<std::string, std::uint64_t> counts;
  for (const auto& [where, versions] : items_) ++counts[where.first];
  for (const auto& [name, count] : counts) {
    v1::ListCollectionsReply reply;
    auto* one = reply.add_collections();
    one->set_name(name);
    one->set_item_count(count);
    writer->Write(reply);
  }
  return grpc::Status::OK;
}

grpc::Status SecretsService::Rename(ServerContext* context, const v1::RenameRequest* request,
                                    v1::RenameReply*) {
  const std::lock_guard lock(mutex_);
  note(*request);
  if (!find(request->item(), 0)) return missing(*context, request->item());
  if (find(request->new_item(), 0) && !request->replace()) {
    return refuse(*context, grpc::StatusCode::ALREADY_EXISTS, "ALREADY_EXISTS", "there is one");
  }
  auto moved = items_.extract(place(request->item()));
  const auto [collection, name] = place(request->new_item());
  for (auto& version : moved.mapped()) {
    version.mutable_metadata()->mutable_item()->set_collection(collection);
    version.mutable_metadata()->mutable_item()->set_name(name);
  }
  items_[place(request->new_item())] = std::move(moved.mapped());
  return grpc::Status::OK;
}

grpc::Status SecretsService::History(ServerContext* context, const v1::HistoryRequest* request,
                                     ServerWriter<v1::HistoryReply>* writer) {
  if (request->item().name() == "huge") {
    v1::HistoryReply reply;
    reply.add_versions()->set_content_type(std::string(64 * 1024, 'x'));
    for (int i = 0; i < 200; ++i) {
      if (!writer->Write(reply)) break;
    }
    return grpc::Status::OK;
  }
  const std::lock_guard lock(mutex_);
  note(*request);
  const auto found = items_.find(place(request->item()));
  if (found == items_.end()) return missing(*context, request->item());
  v1::HistoryReply reply;
  for (auto version = found->second.rbegin(); version != found->second.rend(); ++version) {
    *reply.add_versions() = version->metadata();
  }
  writer->Write(reply);
  return grpc::Status::OK;
}

grpc::Status SecretsService::Restore(ServerContext* context, const v1::RestoreRequest* request,
                                     v1::RestoreReply* reply) {
  const std::lock_guard lock(mutex_);
  note(*request);
  const auto* found = find(request->item(), request->version());
  if (!found) return missing(*context, request->item());
  v1::GetReply copy = *found;
  auto& versions = items_[place(request->item())];
  copy.mutable_metadata()->set_version(versions.size() + 1);
  versions.push_back(copy);
  reply->set_version(versions.size());
  return grpc::Status::OK;
}

grpc::Status SecretsService::Watch(ServerContext* context, const v1::WatchRequest* request,
                                   ServerWriter<v1::WatchReply>* writer) {
  {
    const std::lock_guard lock(mutex_);
    note(*request);
  }
  v1::WatchReply reply;
  reply.set_kind(v1::CHANGE_KIND_READY);
  writer->Write(reply);
  for (std::uint64_t version = 1; version <= 3; ++version) {
    reply.set_kind(v1::CHANGE_KIND_SET);
    reply.mutable_item()->set_collection("default");
    reply.mutable_item()->set_name("watched");
    reply.set_version(version);
    writer->Write(reply);
  }
  if (request->collection() == "locks") {
    return refuse(*context, grpc::StatusCode::FAILED_PRECONDITION, "LOCKED", "the vault locked");
  }
  wait_for_cancel(*context);
  return grpc::Status::CANCELLED;
}

grpc::Status SessionService::Status(ServerContext*, const v1::StatusRequest*,
                                    v1::StatusReply* reply) {
  reply->set_state(v1::VAULT_STATE_UNLOCKED);
  reply->set_version("stock");
  reply->set_pid(::getpid());
  return grpc::Status::OK;
}

grpc::Status SessionService::Create(ServerContext* context, const v1::CreateRequest* request,
                                    v1::CreateReply* reply) {
  if (request->credentials_size() == 0) {
    return refuse(*context, grpc::StatusCode::ALREADY_EXISTS, "VAULT_EXISTS", "there is a vault");
  }
  if (request->with_recovery_key()) reply->set_recovery_key("ABCD-EFGH");
  return grpc::Status::OK;
}

grpc::Status SessionService::Unlock(ServerContext* context, const v1::UnlockRequest* request,
                                    v1::UnlockReply* reply) {
  if (!is_good(request->credential())) return wrong_credential(*context);
  reply->set_first_use(true);
  return grpc::Status::OK;
}

grpc::Status SessionService::Lock(ServerContext*, const v1::LockRequest*, v1::LockReply* reply) {
  reply->set_already_locked(true);
  return grpc::Status::OK;
}

grpc::Status SessionService::Watch(ServerContext* context, const v1::WatchSessionRequest*,
                                   ServerWriter<v1::SessionEvent>* writer) {
  v1::SessionEvent event;
  event.set_state(v1::VAULT_STATE_UNLOCKED);
  writer->Write(event);
  event.set_state(v1::VAULT_STATE_LOCKED);
  event.set_cause("idle time-out");
  writer->Write(event);
  wait_for_cancel(*context);
  return grpc::Status::CANCELLED;
}

grpc::Status AdminService::ListSlots(ServerContext*, const v1::ListSlotsRequest*,
                                     v1::ListSlotsReply* reply) {
  for (std::uint32_t i = 0; i < 2; ++i) {
    auto* slot = reply->add_slots();
    slot->set_index(i);
    slot->set_kind(i == 0 ? v1::SLOT_KIND_PASSPHRASE : v1::SLOT_KIND_KEY_FILE);
  }
  return grpc::Status::OK;
}

grpc::Status AdminService::AddSlot(ServerContext* context, const v1::AddSlotRequest* request,
                                   v1::AddSlotReply* reply) {
  if (!is_good(request->authorization())) return wrong_credential(*context);
  reply->set_index(request->credential().key_file().size() % 16);
  if (!request->has_credential()) reply->set_recovery_key("WXYZ");
  return grpc::Status::OK;
}

grpc::Status AdminService::RemoveSlot(ServerContext* context, const v1::RemoveSlotRequest* request,
                                      v1::RemoveSlotReply*) {
  if (!is_good(request->authorization())) return wrong_credential(*context);
  if (request->index() == 0) {
    return refuse(*context, grpc::StatusCode::FAILED_PRECONDITION, "LAST_SLOT", "the last slot");
  }
  return grpc::Status::OK;
}

grpc::Status AdminService::ChangePassphrase(ServerContext* context,
                                            const v1::ChangePassphraseRequest* request,
                                            v1::ChangePassphraseReply*) {
  if (!is_good(request->authorization())) return wrong_credential(*context);
  if (request->has_index() && request->new_passphrase() == "new") return grpc::Status::OK;
  return refuse(*context, grpc::StatusCode::INVALID_ARGUMENT, "INVALID_ARGUMENT", "not that one");
}

grpc::Status AdminService::ConfirmRecoveryKey(ServerContext*, const v1::ConfirmRecoveryKeyRequest*,
                                              v1::ConfirmRecoveryKeyReply*) {
  return grpc::Status::OK;
}

grpc::Status AdminService::Verify(ServerContext*, const v1::VerifyRequest*,
                                  ServerWriter<v1::VerifyReply>* writer) {
  for (std::uint64_t done = 1; done <= 3; ++done) {
    v1::VerifyReply reply;
    reply.set_rows_done(done);
    reply.set_rows_total(3);
    if (done == 3) {
      reply.set_finding(v1::REASON_VAULT_DAMAGED);
      reply.set_message("row 3 is damaged");
      reply.mutable_item()->set_name("broken");
    }
    writer->Write(reply);
  }
  return grpc::Status::OK;
}

grpc::Status AdminService::Backup(ServerContext*, const v1::BackupRequest*,
                                  ServerWriter<v1::BackupReply>* writer) {
  for (int i = 0; i < 4; ++i) {
    v1::BackupReply reply;
    if (i == 0) reply.set_total_size(4 * 256 * 1024);
    reply.set_chunk(std::string(256 * 1024, static_cast<char>('0' + i)));
    writer->Write(reply);
  }
  return grpc::Status::OK;
}

grpc::Status AdminService::AcceptRollback(ServerContext* context,
                                          const v1::AcceptRollbackRequest* request,
                                          v1::AcceptRollbackReply*) {
  return is_good(request->authorization()) ? grpc::Status::OK : wrong_credential(*context);
}

grpc::Status AdminService::Rotate(ServerContext* context, const v1::RotateRequest* request,
                                  ServerWriter<v1::RotateReply>* writer) {
  if (!is_good(request->authorization())) return wrong_credential(*context);
  for (std::uint64_t done = 0; done <= 2; ++done) {
    v1::RotateReply reply;
    reply.set_items_done(done);
    reply.set_items_total(2);
    writer->Write(reply);
  }
  return grpc::Status::OK;
}

StockServer::StockServer(const std::string& socket_path) {
  // Kept until the process ends: gRPC's own last shutdown can wait 10 s for its executor.
  [[maybe_unused]] static const bool library = (grpc_init(), true);
  grpc::ServerBuilder builder;
  builder.AddListeningPort("unix:" + socket_path, grpc::InsecureServerCredentials());
  builder.RegisterService(&secrets);
  builder.RegisterService(&session);
  builder.RegisterService(&admin);
  server_ = builder.BuildAndStart();
}

StockServer::~StockServer() { stop(); }

void StockServer::stop(int grace_ms) {
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(grace_ms));
  server_->Wait();
}

}  // namespace tacit::testing
