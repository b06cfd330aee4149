// Every call of the contract against a closed collection, in a narrowed process and in a coding
// agent's: a method that is not in the table fails the test, so that none forgets to ask.
#include <google/protobuf/descriptor.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tacit/v1/access.grpc.pb.h"
#include "tacit/v1/replacement.grpc.pb.h"
#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

/// What a row expects: a reason, "OK", or "" where the call is not about items.
struct Row {
  std::function<std::string()> call;
  std::string closed;    ///< the item lies in a collection that is closed to all
  std::string narrowed;  ///< the caller was narrowed to another item
  std::string agent;     ///< the caller is in a coding agent's tree, and nobody can be asked
};

std::set<std::string> methods_of_the_contract() {
  std::set<std::string> methods;
  for (const google::protobuf::FileDescriptor* file :
       {pb::GetRequest::descriptor()->file(), pb::StatusRequest::descriptor()->file(),
        pb::VerifyRequest::descriptor()->file(), pb::AskRequest::descriptor()->file(),
        pb::Collection::descriptor()->file(), pb::Project::descriptor()->file(),
        pb::ScanMatch::descriptor()->file(), pb::TokenInfo::descriptor()->file(),
        pb::OldFile::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        methods.insert(file->service(s)->name() + "." + file->service(s)->method(m)->name());
      }
    }
  }
  return methods;
}

std::string reason_of_outcome(const Outcome& outcome) {
  if (outcome.ok()) return "OK";
  return outcome.reason.empty() ? "code " + std::to_string(outcome.code) : outcome.reason;
}

class EveryCall : public DaemonTest {
 protected:
  void begin(const std::string& config = "") {
    configure(config);
    start_unlocked();
    make_stubs();
  }
  void make_stubs() {
    access_ = pb::Access::NewStub(client_->channel());
    collections_ = pb::Collections::NewStub(client_->channel());
    projects_ = pb::Projects::NewStub(client_->channel());
    scan_ = pb::Scan::NewStub(client_->channel());
    renewal_ = pb::Renewal::NewStub(client_->channel());
    replacement_ = pb::Replacement::NewStub(client_->channel());
  }
  /// The project of every collection that `put` filled.
  void link(const std::string& collection) {
    pb::LinkProjectRequest request;
    request.set_id(kProject);
    request.mutable_folder()->set_path("/project");
    request.set_collection(collection);
    request.set_consented(true);
    ASSERT_TRUE(succeeded(client_->call(*projects_, &pb::Projects::Stub::Link, request)));
  }
  void put(const std::string& collection, const std::string& name) {
    pb::SetRequest set;
    set.mutable_item()->set_collection(collection);
    set.mutable_item()->set_name(name);
    set.set_value("value of " + name);
    (*set.mutable_attributes()->add_attributes()).set_key("k");
    pb::SetReply reply;
    ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &pb::Secrets::Stub::Set, set, reply)));
  }

  template <class Stub, class Request, class Reply>
  std::function<std::string()> unary(Stub& stub,
                                     grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                  const Request&, Reply*),
                                     const Request& request) {
    return [this, &stub, method, request] {
      return reason_of_outcome(client_->call(stub, method, request));
    };
  }
  /// `row` says what a message gives away: OK if it is nothing that was to be kept.
  template <class Stub, class Request, class Reply>
  std::function<std::string()> stream(
      Stub& stub,
      std::unique_ptr<grpc::ClientReader<Reply>> (Stub::*method)(grpc::ClientContext*,
                                                                 const Request&),
      const Request& request,
      const std::function<std::string(const Reply&)>& row = [](const Reply&) { return "OK"; }) {
    return [this, &stub, method, request, row] {
      const auto ctx = context(std::chrono::seconds(10));
      const auto reader = (stub.*method)(ctx.get(), request);
      std::string told;
      // One message tells: a watch or a follower would send for ever.
      if (Reply reply; reader->Read(&reply)) {
        told = row(reply);
        ctx->TryCancel();
        while (reader->Read(&reply)) {
        }
      }
      const Outcome outcome = outcome_of(reader->Finish(), *ctx);
      if (!told.empty()) return told;
      return reason_of_outcome(outcome);
    };
  }

  std::map<std::string, Row> table(const std::string& collection, const std::string& name);
  void walk(const std::string& collection, const std::string& name, std::string Row::*expected) {
    const std::map<std::string, Row> rows = table(collection, name);
    for (const std::string& method : methods_of_the_contract()) {
      const auto row = rows.find(method);
      ASSERT_NE(row, rows.end()) << method << " is not in the table: who may call it?";
      if ((row->second.*expected).empty()) continue;
      EXPECT_EQ(row->second.call(), row->second.*expected) << method;
    }
    for (const auto& [method, row] : rows) {
      EXPECT_TRUE(methods_of_the_contract().contains(method)) << method;
    }
  }

  static constexpr char kProject[] = "0f8fad5b-d9cb-469f-a165-70867728950e";

  std::unique_ptr<pb::Access::Stub> access_;
  std::unique_ptr<pb::Collections::Stub> collections_;
  std::unique_ptr<pb::Projects::Stub> projects_;
  std::unique_ptr<pb::Scan::Stub> scan_;
  std::unique_ptr<pb::Renewal::Stub> renewal_;
  std::unique_ptr<pb::Replacement::Stub> replacement_;
};

std::map<std::string, Row> EveryCall::table(const std::string& collection,
                                            const std::string& name) {
  using Secrets = pb::Secrets::Stub;
  using Admin = pb::Admin::Stub;
  using Access = pb::Access::Stub;
  using Collections = pb::Collections::Stub;
  using Projects = pb::Projects::Stub;
  using Renewal = pb::Renewal::Stub;
  using Scan = pb::Scan::Stub;
  Secrets& secrets = client_->secrets();
  Admin& admin = client_->admin();
  const std::string refused = "POLICY_DENIED";
  const std::string asks = "NO_PROMPTER";

  pb::ItemRef item;
  item.set_collection(collection);
  item.set_name(name);
  pb::Subject subject;
  subject.set_collection(collection);
  subject.set_name(name);
  const pb::Credential credential = key_file(key_);

  pb::GetRequest get;
  *get.mutable_item() = item;
  pb::GetOrAskRequest get_or_ask;
  *get_or_ask.mutable_item() = item;
  pb::GetBatchRequest batch;
  *batch.add_items() = get;
  const std::function<std::string(const pb::GetBatchReply&)> of_batch =
      [](const pb::GetBatchReply& reply) {
        if (reply.has_item()) return std::string("OK");
        return pb::Reason_Name(reply.reason()).substr(std::string("REASON_").size());
      };
  pb::DescribeRequest describe;
  *describe.mutable_item() = item;
  pb::SetRequest set;
  *set.mutable_item() = item;
  set.set_value("changed");
  pb::DeleteRequest remove;
  *remove.mutable_item() = item;
  pb::ApplyRequest apply;
  apply.add_changes()->mutable_set()->mutable_item()->set_name("of the default collection");
  apply.mutable_changes(0)->mutable_set()->set_value("v");
  *apply.add_changes()->mutable_remove()->mutable_item() = item;
  pb::ListRequest list;
  pb::SearchRequest search;
  (*search.add_attributes()).set_key("k");
  const std::function<std::string(const pb::ListReply&)> of_list =
      [collection, name](const pb::ListReply& reply) -> std::string {
    for (const pb::Metadata& row : reply.items()) {
      if (row.item().collection() == collection && row.item().name() == name) return "it is shown";
    }
    return "OK";
  };
  const std::function<std::string(const pb::ListCollectionsReply&)> of_collections =
      [collection](const pb::ListCollectionsReply& reply) -> std::string {
    for (const pb::CollectionInfo& row : reply.collections()) {
      if (row.name() == collection && collection != "default") return "it is shown";
    }
    return "OK";
  };
  pb::RenameRequest rename;
  *rename.mutable_item() = item;
  rename.mutable_new_item()->set_name("elsewhere");
  pb::HistoryRequest history;
  *history.mutable_item() = item;
  pb::RestoreRequest restore;
  *restore.mutable_item() = item;
  restore.set_version(1);
  pb::WatchRequest watch;
  watch.set_collection(collection);
  watch.add_names(name);

  pb::AddSlotRequest add_slot;
  *add_slot.mutable_authorization() = credential;
  pb::RemoveSlotRequest remove_slot;
  *remove_slot.mutable_authorization() = credential;
  pb::ChangePassphraseRequest change;
  *change.mutable_authorization() = credential;
  change.set_new_passphrase("new");
  pb::AcceptRollbackRequest accept;
  *accept.mutable_authorization() = credential;
  pb::RotateRequest rotate;
  *rotate.mutable_authorization() = credential;

  pb::CheckCredentialRequest check_credential;
  *check_credential.mutable_authorization() = credential;
  check_credential.set_purpose("to see");
  pb::ReplaceKeysRequest replace_keys;
  *replace_keys.mutable_authorization() = credential;
  *replace_keys.add_credentials() = credential;
  pb::RemoveOldFileRequest remove_old;
  *remove_old.mutable_authorization() = credential;
  remove_old.set_name("vault-00000000000000000000000000000000.db");

  pb::SetPolicyRequest set_policy;
  *set_policy.mutable_subject() = subject;
  pb::VerbPolicy& tightened = *set_policy.add_policies();
  tightened.set_verb(pb::VERB_WRITE);
  tightened.set_policy(pb::POLICY_DENY);
  pb::GetPolicyRequest get_policy;
  *get_policy.mutable_subject() = subject;
  pb::ExplainRequest explain;
  *explain.mutable_subject() = subject;
  explain.set_verb(pb::VERB_READ);
  pb::AddGrantRequest add_grant;
  *add_grant.mutable_authorization() = credential;
  add_grant.add_verbs(pb::VERB_READ);
  add_grant.set_collection(collection);
  add_grant.set_program("/usr/bin/true");
  add_grant.set_lifetime_ms(60'000);
  pb::RevokeGrantsRequest revoke;
  revoke.set_all(true);
  pb::NarrowRequest narrow;
  *narrow.add_items() = item;
  narrow.set_lifetime_ms(60'000);

  pb::CreateCollectionRequest create_collection;
  create_collection.set_name(collection);
  pb::RenameCollectionRequest rename_collection;
  rename_collection.set_name(collection);
  rename_collection.set_new_name("elsewhere");
  pb::DeleteCollectionRequest delete_collection;
  delete_collection.set_name(collection);
  delete_collection.set_with_items(true);
  *delete_collection.mutable_authorization() = credential;
  pb::InheritRequest inherit;
  inherit.set_name("default");
  inherit.set_parent(collection);
  const std::function<std::string(const pb::CollectionsReply&)> of_all_collections =
      [collection](const pb::CollectionsReply& reply) -> std::string {
    for (const pb::Collection& row : reply.collections()) {
      if (row.name() == collection && collection != "default") return "it is shown";
    }
    return "OK";
  };
  pb::LinkProjectRequest link_project;
  link_project.set_id("7c9e6679-7425-40de-944b-e07fc1f90ae7");
  link_project.mutable_folder()->set_path("/elsewhere");
  link_project.set_collection(collection);
  link_project.set_consented(true);
  pb::ResolveProjectRequest resolve;
  resolve.mutable_project()->set_id(kProject);
  resolve.mutable_project()->mutable_folder()->set_path("/project");
  pb::TrustFolderRequest trust;
  trust.set_id(kProject);
  trust.mutable_folder()->set_path("/elsewhere");
  trust.set_consented(true);
  pb::UnlinkFolderRequest unlink_folder;
  unlink_folder.set_id(kProject);
  unlink_folder.mutable_folder()->set_path("/project");
  pb::ClearProjectRequest clear_project;
  clear_project.set_id(kProject);
  const std::function<std::string(const pb::ListProjectsReply&)> of_projects =
      [](const pb::ListProjectsReply& reply) -> std::string {
    return reply.projects().empty() ? "OK" : "it is shown";
  };
  pb::BeginScanRequest begin_scan;
  begin_scan.set_collection(collection);
  const std::function<std::string(const pb::BeginScanReply&)> of_scan =
      [](const pb::BeginScanReply& reply) -> std::string {
    // A narrowed process looks for what it was left, and for nothing else.
    return reply.values() <= 1 ? "OK" : "it is looked for";
  };

  pb::CreateTokenRequest create_token;
  create_token.mutable_item()->set_collection(collection);
  create_token.mutable_item()->set_name(name);
  create_token.mutable_recipe()->set_token_endpoint("https://id.example/token");
  pb::BeginRenewalRequest begin_renewal;
  *begin_renewal.mutable_item() = create_token.item();

  // Whoever may list may be told what is not guarded; a closed collection's items are left out.
  return {
      {"Session.Status", {}},
      {"Session.Create", {}},
      {"Session.Unlock", {}},
      {"Session.Lock", {}},
      {"Session.Watch", {}},
      {"Secrets.Get", {unary(secrets, &Secrets::Get, get), refused, refused, asks}},
      {"Secrets.GetOrAsk",
       {unary(secrets, &Secrets::GetOrAsk, get_or_ask), refused, refused, asks}},
      {"Secrets.GetBatch",
       {stream(secrets, &Secrets::GetBatch, batch, of_batch), refused, refused, asks}},
      {"Secrets.Describe", {unary(secrets, &Secrets::Describe, describe), refused, refused, asks}},
      {"Secrets.Set", {unary(secrets, &Secrets::Set, set), refused, refused, asks}},
      {"Secrets.Delete", {unary(secrets, &Secrets::Delete, remove), refused, refused, asks}},
      {"Secrets.Apply", {unary(secrets, &Secrets::Apply, apply), refused, refused, asks}},
      {"Secrets.List", {stream(secrets, &Secrets::List, list, of_list), "OK", "OK", refused}},
      {"Secrets.Search", {stream(secrets, &Secrets::Search, search, of_list), "OK", "OK", refused}},
      {"Secrets.ListCollections",
       {stream(secrets, &Secrets::ListCollections, pb::ListCollectionsRequest{}, of_collections),
        "OK", refused, refused}},
      {"Secrets.Rename", {unary(secrets, &Secrets::Rename, rename), refused, refused, asks}},
      {"Secrets.History", {stream(secrets, &Secrets::History, history), refused, refused, asks}},
      {"Secrets.Restore", {unary(secrets, &Secrets::Restore, restore), refused, refused, asks}},
      {"Secrets.Watch", {stream(secrets, &Secrets::Watch, watch), refused, refused, asks}},
      {"Collections.Create",
       {unary(*collections_, &Collections::Create, create_collection), refused, refused, asks}},
      {"Collections.Rename",
       {unary(*collections_, &Collections::Rename, rename_collection), refused, refused, asks}},
      {"Collections.Delete",
       {unary(*collections_, &Collections::Delete, delete_collection), refused, refused, asks}},
      {"Collections.List",
       {stream(*collections_, &Collections::List, pb::CollectionsRequest{}, of_all_collections),
        "OK", refused, refused}},
      {"Collections.Inherit",
       {unary(*collections_, &Collections::Inherit, inherit), refused, refused, asks}},
      {"Projects.Link", {unary(*projects_, &Projects::Link, link_project), refused, refused, asks}},
      // Whoever knows the id may know the collection's name, and whether its folder is trusted.
      {"Projects.Resolve", {unary(*projects_, &Projects::Resolve, resolve), "OK", "OK", "OK"}},
      {"Projects.Trust", {unary(*projects_, &Projects::Trust, trust), "", refused, refused}},
      {"Projects.List",
       {stream(*projects_, &Projects::List, pb::ListProjectsRequest{}, of_projects), "OK", refused,
        refused}},
      {"Projects.Unlink",
       {unary(*projects_, &Projects::Unlink, unlink_folder), refused, refused, asks}},
      {"Projects.Clear",
       {unary(*projects_, &Projects::Clear, clear_project), refused, refused, asks}},
      {"Scan.Begin", {stream(*scan_, &Scan::Begin, begin_scan, of_scan), refused, "OK", asks}},
      {"Scan.Confirm",
       {unary(*scan_, &Scan::Confirm, pb::ConfirmScanRequest{}), "NOT_FOUND", "NOT_FOUND",
        "NOT_FOUND"}},
      {"Renewal.Create",
       {unary(*renewal_, &Renewal::Create, create_token), refused, refused, asks}},
      {"Renewal.List",
       {stream(*renewal_, &Renewal::List, pb::ListTokensRequest{}), "OK", "OK", refused}},
      // A lease is for Tacit's own programs, which this is not.
      {"Renewal.Begin",
       {stream(*renewal_, &Renewal::Begin, begin_renewal), refused, refused, refused}},
      {"Renewal.Sending",
       {unary(*renewal_, &Renewal::Sending, pb::SendingRequest{}), "NOT_FOUND", "NOT_FOUND",
        "NOT_FOUND"}},
      {"Renewal.ShowLogin",
       {unary(*renewal_, &Renewal::ShowLogin, pb::ShowLoginRequest{}), "NOT_FOUND", "NOT_FOUND",
        "NOT_FOUND"}},
      {"Renewal.Commit",
       {unary(*renewal_, &Renewal::Commit, pb::CommitRenewalRequest{}), "NOT_FOUND", "NOT_FOUND",
        "NOT_FOUND"}},
      {"Renewal.Fail",
       {unary(*renewal_, &Renewal::Fail, pb::FailRenewalRequest{}), "NOT_FOUND", "NOT_FOUND",
        "NOT_FOUND"}},
      {"Admin.ListSlots",
       {unary(admin, &Admin::ListSlots, pb::ListSlotsRequest{}), "", refused, refused}},
      {"Admin.AddSlot", {unary(admin, &Admin::AddSlot, add_slot), "", refused, asks}},
      {"Admin.RemoveSlot", {unary(admin, &Admin::RemoveSlot, remove_slot), "", refused, asks}},
      {"Admin.ChangePassphrase",
       {unary(admin, &Admin::ChangePassphrase, change), "", refused, asks}},
      {"Admin.ConfirmRecoveryKey",
       {unary(admin, &Admin::ConfirmRecoveryKey, pb::ConfirmRecoveryKeyRequest{}), "", refused,
        asks}},
      {"Admin.Verify", {stream(admin, &Admin::Verify, pb::VerifyRequest{}), "", refused, asks}},
      {"Admin.Backup", {stream(admin, &Admin::Backup, pb::BackupRequest{}), "", refused, refused}},
      {"Admin.AcceptRollback", {unary(admin, &Admin::AcceptRollback, accept), "", refused, asks}},
      {"Admin.Rotate", {stream(admin, &Admin::Rotate, rotate), "", refused, asks}},
      {"Admin.CheckCredential",
       {unary(admin, &Admin::CheckCredential, check_credential), "", refused, asks}},
      // A credential decides, of a vault that may not open at all.
      {"Replacement.Upload", {}},
      {"Replacement.RestoreBackup", {}},
      {"Replacement.Salvage", {}},
      {"Replacement.ListOldFiles", {}},
      {"Replacement.ReplaceKeys",
       {stream(*replacement_, &pb::Replacement::Stub::ReplaceKeys, replace_keys), "", refused,
        asks}},
      {"Replacement.RemoveOldFile",
       {unary(*replacement_, &pb::Replacement::Stub::RemoveOldFile, remove_old), "", refused,
        asks}},
      {"Access.SetPolicy", {unary(*access_, &Access::SetPolicy, set_policy), "", refused, asks}},
      // To whom it is hidden it is not there.
      {"Access.GetPolicy",
       {unary(*access_, &Access::GetPolicy, get_policy), refused, "NOT_FOUND", asks}},
      {"Access.Explain", {unary(*access_, &Access::Explain, explain), "OK", refused, asks}},
      {"Access.ListGrants",
       {stream(*access_, &Access::ListGrants, pb::ListGrantsRequest{}), "", refused, refused}},
      {"Access.AddGrant", {unary(*access_, &Access::AddGrant, add_grant), "", refused, asks}},
      {"Access.RevokeGrants", {unary(*access_, &Access::RevokeGrants, revoke), "", refused, asks}},
      {"Access.Narrow", {unary(*access_, &Access::Narrow, narrow), refused, refused, asks}},
      {"Access.Prompt", {}},
      {"Access.Answer", {}},
      {"Access.Ask", {}},
      {"Access.Audit", {}},
      {"Access.VerifyAudit", {}},
  };
}

TEST_F(EveryCall, KeepsToAClosedCollection) {
  begin();
  put("closed", "name");
  put("default", "other");
  link("closed");
  pb::SetPolicyRequest close;
  close.mutable_subject()->set_collection("closed");
  for (const pb::Verb verb : {pb::VERB_LIST, pb::VERB_READ, pb::VERB_WRITE}) {
    pb::VerbPolicy& policy = *close.add_policies();
    policy.set_verb(verb);
    policy.set_policy(pb::POLICY_DENY);
  }
  ASSERT_TRUE(succeeded(client_->call(*access_, &pb::Access::Stub::SetPolicy, close)));
  walk("closed", "name", &Row::closed);
}

TEST_F(EveryCall, KeepsToWhatAProcessWasNarrowedTo) {
  begin();
  put("default", "name");
  put("default", "other");
  link("default");
  pb::NarrowRequest narrow;
  narrow.add_items()->set_name("other");
  narrow.set_lifetime_ms(60'000);
  ASSERT_TRUE(succeeded(client_->call(*access_, &pb::Access::Stub::Narrow, narrow)));
  walk("default", "name", &Row::narrowed);
  std::string value;
  EXPECT_TRUE(succeeded(client_->get("other", &value)));
  EXPECT_EQ(value, "value of other");
}

TEST_F(EveryCall, AsksInACodingAgentsTree) {
  begin();
  put("default", "name");
  link("default");
  // This very process has PATH in its environment: to the next daemon it is an agent's.
  configure("[agents]\nmarkers = [\"PATH\"]\n");
  restart();
  make_stubs();
  ASSERT_TRUE(succeeded(unlock()));
  walk("default", "name", &Row::agent);
}

}  // namespace
}  // namespace tacit::test
