// No call reaches a locked vault, or one that is not there.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

class LockGate : public DaemonTest {
 protected:
  template <class Stub, class Request, class Reply>
  void unary(const std::string& name, Stub& (StockClient::*stub)(),
             grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
             const Request& request) {
    calls_.emplace_back(name, [this, stub, method, request] {
      return client_->call((client_.get()->*stub)(), method, request);
    });
  }
  template <class Stub, class Request, class Reply>
  void stream(const std::string& name, Stub& (StockClient::*stub)(),
              std::unique_ptr<grpc::ClientReader<Reply>> (Stub::*method)(grpc::ClientContext*,
                                                                         const Request&),
              const Request& request) {
    calls_.emplace_back(name, [this, stub, method, request] {
      std::vector<Reply> replies;
      const Outcome outcome = client_->read_all((client_.get()->*stub)(), method, request, replies);
      EXPECT_TRUE(replies.empty());
      return outcome;
    });
  }

  /// Every call of Secrets and Admin, each with a request that would work on an open vault.
  void SetUp() override {
    const auto secrets = &StockClient::secrets;
    const auto admin = &StockClient::admin;
    using Secrets = pb::Secrets::Stub;
    using Admin = pb::Admin::Stub;
    pb::ItemRef item;
    item.set_name("name");
    pb::GetRequest get;
    *get.mutable_item() = item;
    unary("Get", secrets, &Secrets::Get, get);
    pb::GetBatchRequest batch;
    *batch.add_items() = get;
    stream("GetBatch", secrets, &Secrets::GetBatch, batch);
    pb::DescribeRequest describe;
    *describe.mutable_item() = item;
    unary("Describe", secrets, &Secrets::Describe, describe);
    pb::SetRequest set;
    *set.mutable_item() = item;
    set.set_value("value");
    unary("Set", secrets, &Secrets::Set, set);
    pb::DeleteRequest remove;
    *remove.mutable_item() = item;
    unary("Delete", secrets, &Secrets::Delete, remove);
    pb::ApplyRequest apply;
    *apply.add_changes()->mutable_set() = set;
    unary("Apply", secrets, &Secrets::Apply, apply);
    stream("List", secrets, &Secrets::List, pb::ListRequest{});
    pb::SearchRequest search;
    search.add_attributes()->set_key("k");
    stream("Search", secrets, &Secrets::Search, search);
    stream("ListCollections", secrets, &Secrets::ListCollections, pb::ListCollectionsRequest{});
    pb::RenameRequest rename;
    *rename.mutable_item() = item;
    rename.mutable_new_item()->set_name("other");
    unary("Rename", secrets, &Secrets::Rename, rename);
    pb::HistoryRequest history;
    *history.mutable_item() = item;
    stream("History", secrets, &Secrets::History, history);
    pb::RestoreRequest restore;
    *restore.mutable_item() = item;
    restore.set_version(1);
    unary("Restore", secrets, &Secrets::Restore, restore);
    stream("Watch", secrets, &Secrets::Watch, pb::WatchRequest{});

    unary("ListSlots", admin, &Admin::ListSlots, pb::ListSlotsRequest{});
    pb::AddSlotRequest add;
    *add.mutable_authorization() = key_file(key_);
    unary("AddSlot", admin, &Admin::AddSlot, add);
    pb::RemoveSlotRequest remove_slot;
    *remove_slot.mutable_authorization() = key_file(key_);
    unary("RemoveSlot", admin, &Admin::RemoveSlot, remove_slot);
    pb::ChangePassphraseRequest change;
    *change.mutable_authorization() = key_file(key_);
    change.set_index(0);
    change.set_new_passphrase("new");
    unary("ChangePassphrase", admin, &Admin::ChangePassphrase, change);
    pb::CheckCredentialRequest check;
    *check.mutable_authorization() = key_file(key_);
    check.set_purpose("to see");
    unary("CheckCredential", admin, &Admin::CheckCredential, check);
    unary("ConfirmRecoveryKey", admin, &Admin::ConfirmRecoveryKey, pb::ConfirmRecoveryKeyRequest{});
    stream("Verify", admin, &Admin::Verify, pb::VerifyRequest{});
    stream("Backup", admin, &Admin::Backup, pb::BackupRequest{});
    pb::AcceptRollbackRequest accept;
    *accept.mutable_authorization() = key_file(key_);
    unary("AcceptRollback", admin, &Admin::AcceptRollback, accept);
    pb::RotateRequest rotate;
    *rotate.mutable_authorization() = key_file(key_);
    stream("Rotate", admin, &Admin::Rotate, rotate);
  }

  std::vector<std::pair<std::string, std::function<Outcome()>>> calls_;
};

TEST_F(LockGate, EveryCallIsRefusedWithoutAVault) {
  start();
  for (const auto& [name, call] : calls_) EXPECT_TRUE(failed_with(call(), "NO_VAULT")) << name;
}

TEST_F(LockGate, EveryCallIsRefusedWhileLocked) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("name", "value")));
  ASSERT_TRUE(succeeded(client_->lock()));
  for (const auto& [name, call] : calls_) EXPECT_TRUE(failed_with(call(), "LOCKED")) << name;
  restart();
  for (const auto& [name, call] : calls_) EXPECT_TRUE(failed_with(call(), "LOCKED")) << name;
  ASSERT_TRUE(succeeded(unlock()));
  std::string value;
  ASSERT_TRUE(succeeded(client_->get("name", &value)));
  EXPECT_EQ(value, "value") << "no refused call changed anything";
}

}  // namespace
}  // namespace tacit::test
