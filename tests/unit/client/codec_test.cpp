// The hand-written codec against the generated one: every field of every message.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <functional>
#include <sstream>

#include "client/cpp/codec/access.h"
#include "client/cpp/codec/admin.h"
#include "client/cpp/codec/projects.h"
#include "client/cpp/codec/renewal.h"
#include "client/cpp/codec/replacement.h"
#include "client/cpp/codec/secrets.h"
#include "client/cpp/codec/session.h"
#include "tacit/v1/access.pb.h"
#include "tacit/v1/admin.pb.h"
#include "tacit/v1/collections.pb.h"
#include "tacit/v1/projects.pb.h"
#include "tacit/v1/renewal.pb.h"
#include "tacit/v1/replacement.pb.h"
#include "tacit/v1/scan.pb.h"
#include "tacit/v1/secrets.pb.h"
#include "tacit/v1/session.pb.h"

namespace tacit {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

// ---- Requests: written by us, read by protobuf.

template <class T>
T parsed(const MessageBuffer& buffer) {
  T out;
  const auto bytes = buffer.message();
  EXPECT_TRUE(out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  EXPECT_TRUE(out.GetReflection()->GetUnknownFields(out).empty());
  return out;
}

/// Every field is there and says something, so that none was forgotten. One of a oneof is enough.
void expect_complete(const Message& message) {
  const auto* reflection = message.GetReflection();
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->is_repeated()) {
      EXPECT_GT(reflection->FieldSize(message, field), 0) << field->full_name();
    } else if (const auto* oneof = field->real_containing_oneof()) {
      EXPECT_TRUE(reflection->HasOneof(message, oneof)) << oneof->full_name();
    } else {
      EXPECT_TRUE(reflection->HasField(message, field)) << field->full_name();
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated() && reflection->HasField(message, field)) {
      expect_complete(reflection->GetMessage(message, field));
    }
  }
}

template <class T>
void expect_request(const MessageBuffer& buffer, const char* text) {
  const T seen = parsed<T>(buffer);
  expect_complete(seen);
  EXPECT_EQ(seen.ShortDebugString(), text) << T::descriptor()->full_name();
}

Credential credential(Credential::Kind kind) { return {kind, SecretBytes::copy_of("pw")}; }

constexpr codec::ItemAt kItem{"c", "n"};
constexpr auto kAllow = codec::Interaction::kAllow;
const ProjectRef kProject{"i", {"/f\xff", 5, UINT64_MAX}, "p"};
constexpr std::string_view kProjectText =
    "project { id: \"i\" folder { path: \"/f\\377\" device: 5 inode: 18446744073709551615 } "
    "profile: \"p\" }";

TEST(Codec, SessionRequests) {
  const Credential all[] = {credential(Credential::Kind::kPassphrase),
                            credential(Credential::Kind::kRecoveryKey),
                            credential(Credential::Kind::kKeyFile)};
  expect_request<v1::StatusRequest>(codec::status_request(), "");
  expect_request<v1::LockRequest>(codec::lock_request(), "");
  expect_request<v1::WatchSessionRequest>(codec::watch_session_request(), "");
  expect_request<v1::CreateRequest>(
      codec::create_request(all, true),
      "credentials { passphrase: \"pw\" } credentials { recovery_key: \"pw\" } "
      "credentials { key_file: \"pw\" } with_recovery_key: true");
  expect_request<v1::UnlockRequest>(codec::unlock_request(all[1]),
                                    "credential { recovery_key: \"pw\" }");
}

TEST(Codec, SecretsRequests) {
  expect_request<v1::GetRequest>(
      codec::get_request(kItem, 7, kAllow),
      "item { collection: \"c\" name: \"n\" } version: 7 interaction: INTERACTION_ALLOW");
  expect_request<v1::DescribeRequest>(
      codec::get_request(kItem, 7, kAllow),
      "item { collection: \"c\" name: \"n\" } version: 7 interaction: INTERACTION_ALLOW");
  const Reference references[] = {{"c", "n", {}, 2}, {"d", "m", "attribute", 0}};
  const auto batch =
      parsed<v1::GetBatchRequest>(codec::get_batch_request(references, kAllow, &kProject));
  EXPECT_EQ(
      batch.ShortDebugString(),
      "items { item { collection: \"c\" name: \"n\" } version: 2 interaction: INTERACTION_ALLOW } "
      "items { item { collection: \"d\" name: \"m\" } interaction: INTERACTION_ALLOW } "
      "interaction: INTERACTION_ALLOW " +
          std::string(kProjectText));
  expect_complete(batch.project());
  EXPECT_FALSE(
      parsed<v1::GetBatchRequest>(codec::get_batch_request(references, kAllow)).has_project());
  EXPECT_EQ(parsed<v1::GetBatchRequest>(codec::get_all_request("c", kAllow)).ShortDebugString(),
            "interaction: INTERACTION_ALLOW all_of_collection: \"c\"");
  EXPECT_EQ(
      parsed<v1::GetBatchRequest>(codec::get_all_request(kProject, kAllow)).ShortDebugString(),
      "interaction: INTERACTION_ALLOW " + std::string(kProjectText));
  SetOptions options;
  options.attributes = Attributes{{"k", "v"}, {"l", ""}};
  options.content_type = "t";
  options.expires = -5;
  options.expected_version = 0;
  const SecretBytes value = SecretBytes::copy_of(std::string_view("\0v", 2));
  expect_request<v1::SetRequest>(
      codec::set_request(kItem, &value, options, kAllow),
      "item { collection: \"c\" name: \"n\" } value: \"\\000v\" "
      "attributes { attributes { key: \"k\" value: \"v\" } attributes { key: \"l\" } } "
      "content_type: \"t\" expires_unix_ms: -5 expected_version: 0 interaction: INTERACTION_ALLOW");
  expect_request<v1::DeleteRequest>(
      codec::delete_request(kItem, true, 4, kAllow),
      "item { collection: \"c\" name: \"n\" } expected_version: 4 purge: true "
      "interaction: INTERACTION_ALLOW");
  ItemEdit edits[2];
  edits[0] = {"c", "n", SecretBytes::copy_of(std::string_view("\0v", 2)), options};
  edits[1].name = "m";
  edits[1].options.expected_version = 3;
  const MessageBuffer apply = codec::apply_request(edits, kAllow);
  expect_request<v1::ApplyRequest>(
      apply,
      "changes { set { item { collection: \"c\" name: \"n\" } value: \"\\000v\" "
      "attributes { attributes { key: \"k\" value: \"v\" } attributes { key: \"l\" } } "
      "content_type: \"t\" expires_unix_ms: -5 expected_version: 0 } } "
      "changes { remove { item { name: \"m\" } expected_version: 3 } } "
      "interaction: INTERACTION_ALLOW");
  EXPECT_LE(apply.message_size(), edit_bytes(edits[0]) + edit_bytes(edits[1]));
  expect_request<v1::ListRequest>(
      codec::list_request("c", true, kAllow, true),
      "collection: \"c\" names_only: true interaction: INTERACTION_ALLOW with_inherited: true");
  expect_request<v1::SearchRequest>(codec::search_request({{"k", "v"}}, "", kAllow),
                                    "attributes { key: \"k\" value: \"v\" } collection: \"\" "
                                    "interaction: INTERACTION_ALLOW");
  expect_request<v1::ListCollectionsRequest>(codec::list_collections_request(kAllow),
                                             "interaction: INTERACTION_ALLOW");
  expect_request<v1::RenameRequest>(
      codec::rename_request(kItem, {"d", "m"}, true, 9, kAllow),
      "item { collection: \"c\" name: \"n\" } new_item { collection: \"d\" name: \"m\" } "
      "expected_version: 9 replace: true interaction: INTERACTION_ALLOW");
  expect_request<v1::HistoryRequest>(
      codec::history_request(kItem, kAllow),
      "item { collection: \"c\" name: \"n\" } interaction: INTERACTION_ALLOW");
  expect_request<v1::RestoreRequest>(
      codec::restore_request(kItem, 3, 8, kAllow),
      "item { collection: \"c\" name: \"n\" } version: 3 expected_version: 8 "
      "interaction: INTERACTION_ALLOW");
  const std::string names[] = {"a", "b"};
  expect_request<v1::WatchRequest>(
      codec::watch_request("c", names, kAllow),
      "collection: \"c\" names: \"a\" names: \"b\" interaction: INTERACTION_ALLOW");
}

TEST(Codec, CollectionRequests) {
  const Credential passphrase = credential(Credential::Kind::kPassphrase);
  expect_request<v1::CreateCollectionRequest>(codec::create_collection_request("c", kAllow),
                                              "name: \"c\" interaction: INTERACTION_ALLOW");
  expect_request<v1::RenameCollectionRequest>(
      codec::rename_collection_request("c", "d", "id", kAllow),
      "name: \"c\" new_name: \"d\" expected_id: \"id\" interaction: INTERACTION_ALLOW");
  expect_request<v1::DeleteCollectionRequest>(
      codec::delete_collection_request("c", true, "id", &passphrase, kAllow),
      "name: \"c\" with_items: true expected_id: \"id\" authorization { passphrase: \"pw\" } "
      "interaction: INTERACTION_ALLOW");
  EXPECT_FALSE(parsed<v1::DeleteCollectionRequest>(
                   codec::delete_collection_request("c", true, "", nullptr, kAllow))
                   .has_authorization());
  expect_request<v1::CollectionsRequest>(codec::collections_request(kAllow),
                                         "interaction: INTERACTION_ALLOW");
  expect_request<v1::InheritRequest>(codec::inherit_request("c", "p", kAllow),
                                     "name: \"c\" parent: \"p\" interaction: INTERACTION_ALLOW");
  EXPECT_FALSE(parsed<v1::InheritRequest>(codec::inherit_request("c", {}, kAllow)).has_parent());
  EXPECT_TRUE(parsed<v1::InheritRequest>(codec::inherit_request("c", "", kAllow)).has_parent());
}

TEST(Codec, ProjectRequests) {
  const Folder& folder = kProject.folder;
  const std::string as_text = "folder { path: \"/f\\377\" device: 5 inode: 18446744073709551615 } ";
  expect_request<v1::LinkProjectRequest>(
      codec::link_project_request("i", folder, "c", true, kAllow),
      ("id: \"i\" " + as_text + "collection: \"c\" consented: true interaction: INTERACTION_ALLOW")
          .c_str());
  expect_request<v1::ResolveProjectRequest>(
      codec::resolve_project_request(kProject, kAllow),
      (std::string(kProjectText) + " interaction: INTERACTION_ALLOW").c_str());
  expect_request<v1::TrustFolderRequest>(
      codec::trust_folder_request("i", folder, true, kAllow),
      ("id: \"i\" " + as_text + "consented: true interaction: INTERACTION_ALLOW").c_str());
  expect_request<v1::ListProjectsRequest>(codec::list_projects_request(kAllow),
                                          "interaction: INTERACTION_ALLOW");
  expect_request<v1::UnlinkFolderRequest>(
      codec::unlink_folder_request("i", folder, kAllow),
      ("id: \"i\" " + as_text + "interaction: INTERACTION_ALLOW").c_str());
  expect_request<v1::ClearProjectRequest>(codec::clear_project_request("i", kAllow),
                                          "id: \"i\" interaction: INTERACTION_ALLOW");
}

TEST(Codec, ScanRequests) {
  expect_request<v1::BeginScanRequest>(codec::begin_scan_request("c", kAllow),
                                       "collection: \"c\" interaction: INTERACTION_ALLOW");
  EXPECT_FALSE(
      parsed<v1::BeginScanRequest>(codec::begin_scan_request({}, kAllow)).has_collection());
  const unsigned char data[] = {'a', 0, 0xff};
  const ScanPart parts[] = {{data, {0, 300}}};
  expect_request<v1::ConfirmScanRequest>(
      codec::confirm_scan_request(7, parts, kAllow),
      "scan_id: 7 parts { data: \"a\\000\\377\" places: 0 places: 300 } "
      "interaction: INTERACTION_ALLOW");
}

TEST(Codec, AbsentIsNotEmpty) {
  const auto bare = parsed<v1::SetRequest>(codec::set_request(kItem, nullptr, {}, kAllow));
  EXPECT_EQ(bare.ShortDebugString(),
            "item { collection: \"c\" name: \"n\" } interaction: INTERACTION_ALLOW");
  SetOptions none;
  none.attributes.emplace();
  none.content_type = "";
  none.expires = 0;
  const SecretBytes empty;
  const auto set = parsed<v1::SetRequest>(codec::set_request(kItem, &empty, none, kAllow));
  EXPECT_TRUE(set.has_value() && set.has_attributes() && set.has_content_type());
  EXPECT_TRUE(set.has_expires_unix_ms());
  const auto list = parsed<v1::ListRequest>(codec::list_request({}, false, kAllow));
  EXPECT_FALSE(list.has_collection());
}

TEST(Codec, AdminRequests) {
  const Credential authorization = credential(Credential::Kind::kPassphrase);
  const Credential key_file = credential(Credential::Kind::kKeyFile);
  expect_request<v1::ListSlotsRequest>(codec::empty_request(), "");
  expect_request<v1::ConfirmRecoveryKeyRequest>(codec::empty_request(), "");
  expect_request<v1::VerifyRequest>(codec::empty_request(), "");
  expect_request<v1::BackupRequest>(codec::empty_request(), "");
  expect_request<v1::AcceptRollbackRequest>(codec::authorized_request(authorization),
                                            "authorization { passphrase: \"pw\" }");
  expect_request<v1::RotateRequest>(codec::authorized_request(authorization),
                                    "authorization { passphrase: \"pw\" }");
  expect_request<v1::AddSlotRequest>(
      codec::add_slot_request(authorization, &key_file),
      "authorization { passphrase: \"pw\" } credential { key_file: \"pw\" }");
  EXPECT_FALSE(
      parsed<v1::AddSlotRequest>(codec::add_slot_request(authorization, nullptr)).has_credential());
  expect_request<v1::RemoveSlotRequest>(codec::remove_slot_request(authorization, 3),
                                        "authorization { passphrase: \"pw\" } index: 3");
  expect_request<v1::ChangePassphraseRequest>(
      codec::change_passphrase_request(authorization, 0, SecretBytes::copy_of("new")),
      "authorization { passphrase: \"pw\" } index: 0 new_passphrase: \"new\"");
}

TEST(Codec, AccessRequests) {
  const Credential passphrase = credential(Credential::Kind::kPassphrase);
  const Subject item{"c", "n"};
  const Verb verbs[] = {Verb::kList, Verb::kRead};
  const ItemRef items[] = {{"c", "n"}, {"d", "m"}};
  constexpr auto kSpan = std::chrono::milliseconds(5000);
  expect_request<v1::SetPolicyRequest>(
      codec::set_policy_request(item,
                                {{{Verb::kRead, Policy::kConfirm}, {Verb::kWrite, Policy::kDeny}},
                                 std::vector<std::string>{"/bin/a", "/bin/b"},
                                 false},
                                &passphrase, kAllow),
      "subject { collection: \"c\" name: \"n\" } "
      "policies { verb: VERB_READ policy: POLICY_CONFIRM } "
      "policies { verb: VERB_WRITE policy: POLICY_DENY } "
      "pinned: \"/bin/a\" pinned: \"/bin/b\" set_pinned: true tripwire: false "
      "authorization { passphrase: \"pw\" } interaction: INTERACTION_ALLOW");
  expect_request<v1::GetPolicyRequest>(
      codec::get_policy_request(item, kAllow),
      "subject { collection: \"c\" name: \"n\" } interaction: INTERACTION_ALLOW");
  expect_request<v1::ExplainRequest>(codec::explain_request(item, Verb::kAdmin, 7, kAllow),
                                     "subject { collection: \"c\" name: \"n\" } "
                                     "verb: VERB_ADMIN pid: 7 interaction: INTERACTION_ALLOW");
  expect_request<v1::ListGrantsRequest>(codec::list_grants_request(kAllow),
                                        "interaction: INTERACTION_ALLOW");
  expect_request<v1::AddGrantRequest>(
      codec::add_grant_request(
          passphrase,
          {{std::begin(verbs), std::end(verbs)}, "c", {"n", "m"}, "/bin/a", 8, kSpan, 9}),
      "authorization { passphrase: \"pw\" } verbs: VERB_LIST verbs: VERB_READ collection: \"c\" "
      "items: \"n\" items: \"m\" program: \"/bin/a\" pid: 8 lifetime_ms: 5000 uses: 9");
  const std::uint64_t ids[] = {3, 1ull << 40};
  expect_request<v1::RevokeGrantsRequest>(
      codec::revoke_grants_request(ids, true, &passphrase),
      "ids: 3 ids: 1099511627776 all: true authorization { passphrase: \"pw\" }");
  expect_request<v1::NarrowRequest>(codec::narrow_request(items, 5000, kAllow),
                                    "items { collection: \"c\" name: \"n\" } "
                                    "items { collection: \"d\" name: \"m\" } "
                                    "lifetime_ms: 5000 interaction: INTERACTION_ALLOW");
  expect_request<v1::AskRequest>(
      codec::ask_request(
          {Verb::kRead, {std::begin(items), std::end(items)}, {0, 3}, std::chrono::minutes(15)}),
      "verb: VERB_READ items { collection: \"c\" name: \"n\" } "
      "items { collection: \"d\" name: \"m\" } versions: 0 versions: 3 lifetime_ms: 900000");
  expect_request<v1::AuditRequest>(
      codec::audit_request({"c", "n", "p", AuditVerdict::kDenied, 4, 5}, true, kAllow),
      "collection: \"c\" name: \"n\" program: \"p\" verdict: AUDIT_VERDICT_DENIED "
      "since_unix_ms: 4 follow: true last: 5 interaction: INTERACTION_ALLOW");
  expect_request<v1::VerifyAuditRequest>(codec::verify_audit_request(), "");
}

TEST(Codec, PrompterRequests) {
  const Credential passphrase = credential(Credential::Kind::kPassphrase);
  expect_request<v1::PromptRequest>(codec::prompt_request(&passphrase, "terminal"),
                                    "credential { passphrase: \"pw\" } means: \"terminal\"");
  EXPECT_FALSE(parsed<v1::PromptRequest>(codec::prompt_request(nullptr, "")).has_credential());
  Answer answer;
  answer.decision = Decision::kSession;
  answer.credential = credential(Credential::Kind::kKeyFile);
  answer.value = SecretBytes::copy_of(std::string_view("\0v", 2));
  answer.failure = "f";
  expect_request<v1::AnswerRequest>(codec::answer_request(11, answer),
                                    "question_id: 11 decision: DECISION_SESSION "
                                    "credential { key_file: \"pw\" } value: \"\\000v\" "
                                    "failure: \"f\"");
  EXPECT_FALSE(parsed<v1::AnswerRequest>(codec::answer_request(11, Answer())).has_credential());
  expect_request<v1::GetOrAskRequest>(
      codec::get_or_ask_request(kItem, {"p", Attributes{{"k", "v"}}}),
      "item { collection: \"c\" name: \"n\" } prompt: \"p\" "
      "attributes { attributes { key: \"k\" value: \"v\" } }");
  // The default collection is a subject, too.
  EXPECT_TRUE(parsed<v1::GetPolicyRequest>(codec::get_policy_request({}, kAllow)).has_subject());
}

TEST(Codec, RenewalRequests) {
  TokenRecipe recipe;
  recipe.issuer = "i";
  recipe.device_authorization_endpoint = "d";
  recipe.token_endpoint = "t";
  recipe.revocation_endpoint = "r";
  recipe.client_id = "id";
  recipe.client_secret = {"c", "s"};
  recipe.client_authentication = ClientAuthentication::kPost;
  recipe.scopes = {"a", "b"};
  recipe.pkce = true;
  recipe.parameters = {{"resource", "1"}, {"resource", "2"}};
  recipe.exchange = TokenExchange{"e", "id_token", "q", {"x"}, {{"k", "v"}}};
  recipe.subject_token_file = "/f";
  recipe.check_url = "u";
  recipe.check_username = "n";
  recipe.margin = std::chrono::milliseconds(5);
  recipe.ca_file = "/ca";
  recipe.dialect = TokenDialect::kPackageManager;
  recipe.address = "ad";
  recipe.username = "us";
  expect_request<v1::CreateTokenRequest>(
      codec::create_token_request(kItem, recipe, {{"k", "v"}}, true, kAllow),
      "item { collection: \"c\" name: \"n\" } recipe { issuer: \"i\" "
      "device_authorization_endpoint: \"d\" token_endpoint: \"t\" revocation_endpoint: \"r\" "
      "client_id: \"id\" client_secret { collection: \"c\" name: \"s\" } "
      "client_authentication: CLIENT_AUTHENTICATION_POST scopes: \"a\" scopes: \"b\" pkce: true "
      "parameters { key: \"resource\" value: \"1\" } parameters { key: \"resource\" value: \"2\" } "
      "exchange { endpoint: \"e\" subject_token: \"id_token\" requested_token_type: \"q\" "
      "scopes: \"x\" parameters { key: \"k\" value: \"v\" } } subject_token_file: \"/f\" "
      "check_url: \"u\" check_username: \"n\" margin_ms: 5 ca_file: \"/ca\" "
      "dialect: TOKEN_DIALECT_PACKAGE_MANAGER address: \"ad\" username: \"us\" } "
      "attributes { attributes { key: \"k\" value: \"v\" } } replace: true "
      "interaction: INTERACTION_ALLOW");
  const auto bare = parsed<v1::CreateTokenRequest>(
      codec::create_token_request(kItem, {}, {}, false, codec::Interaction::kNever));
  EXPECT_FALSE(bare.recipe().has_exchange());
  EXPECT_FALSE(bare.recipe().has_client_secret());
  expect_request<v1::ListTokensRequest>(codec::list_tokens_request("c", kAllow),
                                        "collection: \"c\" interaction: INTERACTION_ALLOW");
  EXPECT_FALSE(
      parsed<v1::ListTokensRequest>(codec::list_tokens_request({}, kAllow)).has_collection());
  RenewalWish wish;
  wish.may_log_in = wish.force = wish.log_in = true;
  expect_request<v1::BeginRenewalRequest>(
      codec::begin_renewal_request(kItem, wish, kAllow),
      "item { collection: \"c\" name: \"n\" } may_log_in: true force: true log_in: true "
      "interaction: INTERACTION_ALLOW");
  wish = {.may_log_in = false, .force = true, .log_in = false, .patience = {}};
  const auto forced =
      parsed<v1::BeginRenewalRequest>(codec::begin_renewal_request(kItem, wish, kAllow));
  EXPECT_TRUE(forced.force());
  EXPECT_FALSE(forced.may_log_in() || forced.log_in());
  expect_request<v1::SendingRequest>(codec::sending_request(7), "lease: 7");
  expect_request<v1::ShowLoginRequest>(codec::show_login_request(7, {"u", "w", "c"}),
                                       "lease: 7 verification_uri: \"u\" "
                                       "verification_uri_complete: \"w\" user_code: \"c\"");
  GotTokens got{SecretBytes::copy_of("a"), SecretBytes::copy_of("r"),
                std::chrono::milliseconds(20'000)};
  expect_request<v1::CommitRenewalRequest>(
      codec::commit_renewal_request(7, got),
      "lease: 7 access_token: \"a\" refresh_token: \"r\" lives_ms: 20000");
  got.refresh_token = SecretBytes();
  EXPECT_TRUE(
      parsed<v1::CommitRenewalRequest>(codec::commit_renewal_request(7, got)).has_refresh_token());
  got.refresh_token.reset();
  EXPECT_FALSE(
      parsed<v1::CommitRenewalRequest>(codec::commit_renewal_request(7, got)).has_refresh_token());
  expect_request<v1::FailRenewalRequest>(
      codec::fail_renewal_request(7, RenewalFailure::kRevoked, "m"),
      "lease: 7 failure: RENEWAL_FAILURE_REVOKED message: \"m\"");
}

TEST(Codec, ReplacementRequests) {
  const Credential old{Credential::Kind::kPassphrase, SecretBytes::copy_of("o")};
  const std::array<Credential, 2> fresh{
      Credential{Credential::Kind::kPassphrase, SecretBytes::copy_of("p")},
      Credential{Credential::Kind::kKeyFile, SecretBytes::copy_of("k")}};
  expect_request<v1::ReplaceKeysRequest>(
      codec::replace_keys_request(old, fresh, true, 3),
      "authorization { passphrase: \"o\" } credentials { passphrase: \"p\" } "
      "credentials { key_file: \"k\" } with_recovery_key: true removed_slot: 3");
  EXPECT_FALSE(parsed<v1::ReplaceKeysRequest>(codec::replace_keys_request(old, fresh, false, {}))
                   .has_removed_slot());
  expect_request<v1::UploadRequest>(codec::upload_request(7, SecretBytes::copy_of("part")),
                                    "offset: 7 chunk: \"part\"");
  expect_request<v1::RestoreBackupRequest>(
      codec::restore_backup_request(old, &fresh[1]),
      "credential { passphrase: \"o\" } current { key_file: \"k\" }");
  EXPECT_FALSE(
      parsed<v1::RestoreBackupRequest>(codec::restore_backup_request(old, nullptr)).has_current());
  expect_request<v1::RemoveOldFileRequest>(codec::remove_old_file_request(old, "n"),
                                           "authorization { passphrase: \"o\" } name: \"n\"");
  expect_request<v1::CheckCredentialRequest>(
      codec::check_credential_request(old, "why"),
      "authorization { passphrase: \"o\" } purpose: \"why\"");
}

// ---- Replies: written by protobuf, read by us. `show` prints what we read; a field that is
// changed must change that, so that none is left out and none is taken for another.

void show(std::ostream& out, const SecretBytes& secret) {
  out << '<' << std::string(secret.bytes().begin(), secret.bytes().end()) << '>';
}
void show(std::ostream& out, bool value) { out << value; }
void show(std::ostream& out, std::uint64_t value) { out << value; }
void show(std::ostream& out, std::uint32_t value) { out << value; }
void show(std::ostream& out, const Metadata& m) {
  out << m.collection << ' ' << m.name << ' ' << m.version << ' ' << m.content_type << ' '
      << m.created << ' ' << m.modified << ' ' << m.expires << ' ' << static_cast<int>(m.policy)
      << ' ' << m.value_size << ' ' << m.deleted << ' ' << m.inherited << ' ' << m.token;
  for (const auto& [key, value] : m.attributes) out << ' ' << key << '=' << value;
}
void show(std::ostream& out, const Item& item) {
  show(out, item.metadata);
  show(out, item.value);
  out << item.renewal_due;
}
void show(std::ostream& out, const codec::BatchEntry& entry) {
  out << entry.index << ' ' << entry.status_code << ' ' << static_cast<int>(entry.reason) << ' '
      << entry.message << ' ' << entry.failed.collection << ' ' << entry.failed.name;
  if (entry.item) show(out, *entry.item);
}
void show(std::ostream& out, const CollectionInfo& info) {
  out << info.name << ' ' << info.item_count;
}
void show(std::ostream& out, const Change& change) {
  out << static_cast<int>(change.kind) << ' ' << change.collection << ' ' << change.name << ' '
      << change.version;
}
void show(std::ostream& out, const DaemonStatus& s) {
  out << static_cast<int>(s.state) << ' ' << s.version << ' ' << s.pid << ' ' << s.vault_path << ' '
      << s.socket_path << ' ' << s.unlocked << ' ' << s.locks << ' ' << static_cast<int>(s.problem)
      << ' ' << s.problem_message << ' ' << s.recovery_key_unconfirmed << ' ' << s.uptime_ms << ' '
      << s.read_only;
  for (const SlotKind kind : s.slot_kinds) out << ' ' << static_cast<int>(kind);
  out << ' ' << static_cast<int>(s.prompter);
}
void show(std::ostream& out, const UnlockOutcome& outcome) {
  out << outcome.already_unlocked << ' ' << outcome.first_use;
}
void show(std::ostream& out, const SessionChange& change) {
  out << static_cast<int>(change.state) << ' ' << change.cause;
}
void show(std::ostream& out, const Slot& slot) {
  out << slot.index << ' ' << static_cast<int>(slot.kind) << ' ' << slot.created << ' '
      << slot.kdf_memory_bytes << ' ' << slot.kdf_passes;
}
void show(std::ostream& out, const Client::NewSlot& slot) {
  out << slot.index;
  show(out, slot.recovery_key);
}
void show(std::ostream& out, const VerifyProgress& p) {
  out << p.rows_done << ' ' << p.rows_total << ' ' << static_cast<int>(p.finding) << ' '
      << p.message << ' ' << p.collection << ' ' << p.name;
}
void show(std::ostream& out, const codec::BackupChunk& part) {
  show(out, part.chunk);
  out << part.total_size;
}
void show(std::ostream& out, const codec::ReplacementStep& step) {
  out << step.rows_done << ' ' << step.rows_total;
  show(out, step.recovery_key);
}
void show(std::ostream& out, const SalvageSummary& summary) {
  out << summary.items << ' ' << summary.versions << ' ' << summary.losses << ' '
      << summary.slots_dropped << summary.rules_tightened;
}
void show(std::ostream& out, const OldFile& file) {
  out << file.name << ' ' << file.bytes << ' ' << file.modified;
}
void show(std::ostream& out, const codec::RotateProgress& progress) {
  out << progress.done << ' ' << progress.total;
}
void show(std::ostream& out, const std::string& text) { out << text; }
void show(std::ostream& out, Verb verb) { out << static_cast<int>(verb); }
void show(std::ostream& out, const VerbPolicy& one) {
  out << static_cast<int>(one.verb) << ' ' << static_cast<int>(one.policy);
}
void show(std::ostream& out, const Program& p) {
  out << p.pid << ' ' << p.executable << ' ' << p.executable_known << ' ' << p.script << ' '
      << p.unnamed_script << ' ' << p.interactive_shell;
}
void show(std::ostream& out, const Collection& c) {
  out << c.id << ' ' << c.name << ' ' << c.item_count << ' ' << c.parent << ' ' << c.profile << ' '
      << c.kept << ' ' << c.project_id;
}
void show(std::ostream& out, const KnownFolder& known) {
  out << known.folder.path << ' ' << known.folder.device << ' ' << known.folder.inode << ' '
      << known.same_folder << ' ' << known.trusted;
}
void show(std::ostream& out, const LinkedProject& linked) {
  out << linked.collection << ' ' << linked.created;
}
void show(std::ostream& out, const TrustedFolder& trusted) {
  out << trusted.collection << ' ' << trusted.moved_from;
}
void show(std::ostream& out, const ScanHit& hit) {
  out << hit.part << ' ' << hit.place << ' ' << hit.offset << ' ' << hit.length << ' '
      << static_cast<int>(hit.form) << ' ' << hit.item.collection << ' ' << hit.item.name;
}
template <class T>
void show(std::ostream& out, const std::vector<T>& all);
void show(std::ostream& out, const Project& project) {
  out << project.id << ' ' << project.collection << ' ' << project.item_count << ' '
      << project.linked;
  show(out, project.folders);
}
void show(std::ostream& out, const ProjectPlace& place) {
  out << place.collection << ' ' << static_cast<int>(place.reason) << ' ' << place.known_withheld;
  show(out, place.known);
}
void show(std::ostream& out, const ScanSieve& sieve) {
  out << sieve.scan_id << ' ' << sieve.multiplier << ' ' << sieve.reach_before << ' '
      << sieve.reach_after << ' ' << sieve.values << ' ' << sieve.short_values << ' '
      << sieve.guarded_values << ' ' << sieve.complete;
  for (const std::uint32_t fingerprint : sieve.fingerprints) out << ' ' << fingerprint;
}
void show(std::ostream& out, const Asker& asker) {
  show(out, asker.chain);
  out << asker.program << ' ' << asker.terminal << ' ' << asker.folder << ' ' << asker.unit << ' '
      << asker.agent_marker << ' ' << asker.unknown_because;
}
void show(std::ostream& out, const PolicyView& view) {
  show(out, view.own);
  out << '|';
  show(out, view.effective);
  out << '|';
  show(out, view.pinned);
}
void show(std::ostream& out, const Explanation& explanation) {
  out << explanation.verdict << ' ' << explanation.rule;
  show(out, explanation.asker);
}
void show(std::ostream& out, const Grant& g) {
  out << g.id << ' ' << g.denied << g.prepared << g.unlimited_uses << g.narrowing << g.collection
      << ' ' << g.program << ' ' << g.pid << ' ' << g.session << ' ' << g.created << ' '
      << g.expires << ' ' << g.idle_expires << ' ' << g.uses_left;
  show(out, g.verbs);
  show(out, g.items);
}
void show(std::ostream& out, const Question& q) {
  out << q.id << ' ' << static_cast<int>(q.kind) << ' ' << static_cast<int>(q.verb) << ' '
      << q.collection << ' ' << q.name_count << ' ' << q.needs_credential << q.each_use << ' '
      << q.idle.count() << ' ' << q.hard.count() << ' ' << q.error << ' ' << q.prompt << ' '
      << q.timeout.count() << ' ' << q.uses << ' ' << q.lifetime.count() << ' ' << q.change << ' '
      << q.verification_uri << ' ' << q.verification_uri_complete << ' ' << q.user_code;
  show(out, q.names);
  show(out, q.asker);
}
void show(std::ostream& out, const std::optional<Question>& question) {
  if (question) show(out, *question);
}
void show(std::ostream& out, const AuditRecord& r) {
  out << r.sequence << ' ' << r.time << ' ' << static_cast<int>(r.verb) << ' ' << r.method << ' '
      << r.item.collection << ' ' << r.item.name << ' ' << static_cast<int>(r.verdict) << ' '
      << r.rule << ' ' << r.count << ' ' << r.last_time << ' ' << r.event << ' ' << r.change;
  show(out, r.asker);
}
void show(std::ostream& out, const AuditChain& chain) {
  out << chain.first_sequence << ' ' << chain.last_sequence << ' ' << chain.gap;
}

void show(std::ostream& out, const TokenParameters& all) {
  for (const auto& [name, value] : all) out << name << '=' << value << ' ';
}
void show(std::ostream& out, const TokenRecipe& r) {
  out << r.issuer << ' ' << r.device_authorization_endpoint << ' ' << r.token_endpoint << ' '
      << r.revocation_endpoint << ' ' << r.client_id << ' ' << r.client_secret.collection << ' '
      << r.client_secret.name << ' ' << static_cast<int>(r.client_authentication) << r.pkce << ' '
      << r.subject_token_file << ' ' << r.check_url << ' ' << r.check_username << ' '
      << r.margin.count() << ' ' << r.ca_file << ' ' << static_cast<int>(r.dialect) << ' '
      << r.address << ' ' << r.username << ' ';
  show(out, r.scopes);
  show(out, r.parameters);
  if (!r.exchange) return;
  out << r.exchange->endpoint << ' ' << r.exchange->subject_token << ' '
      << r.exchange->requested_token_type << ' ';
  show(out, r.exchange->scopes);
  show(out, r.exchange->parameters);
}
void show(std::ostream& out, const TokenInfo& token) {
  out << token.item.collection << ' ' << token.item.name << ' ' << token.version << ' '
      << token.has_token << token.expired << token.renewal_due << token.renewable << token.in_doubt
      << ' ' << token.obtained << ' ' << token.expires << ' ' << token.last_error << ' '
      << token.last_error_time << ' ';
  show(out, token.recipe);
}
void show(std::ostream& out, const RenewalLease& lease) {
  out << lease.id << ' ' << lease.valid << ' ' << lease.time.count() << ' ';
  show(out, lease.recipe);
  show(out, lease.refresh_token);
  show(out, lease.access_token);
}
void show(std::ostream& out, LoginShown shown) { out << static_cast<int>(shown); }

template <class T>
void show(std::ostream& out, const std::vector<T>& all) {
  for (const T& one : all) {
    out << '[';
    show(out, one);
    out << ']';
  }
}

/// Gives one scalar field the value that belongs to `seed`.
void put_scalar(Message& message, const FieldDescriptor* field, int seed) {
  const auto* reflection = message.GetReflection();
  const bool many = field->is_repeated();
  const auto put = [&](auto set, auto add, const auto& value) {
    many ? (reflection->*add)(&message, field, value) : (reflection->*set)(&message, field, value);
  };
  using R = google::protobuf::Reflection;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      return put(&R::SetUInt32, &R::AddUInt32, static_cast<std::uint32_t>(1000 + seed));
    case FieldDescriptor::CPPTYPE_UINT64:
      return put(&R::SetUInt64, &R::AddUInt64,
                 (std::uint64_t{1} << 63) + static_cast<unsigned>(seed));
    case FieldDescriptor::CPPTYPE_INT64:
      return put(&R::SetInt64, &R::AddInt64, std::int64_t{-1'700'000'000'000} - seed);
    case FieldDescriptor::CPPTYPE_BOOL:
      return put(&R::SetBool, &R::AddBool, seed % 2 == 0);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* type = field->enum_type();
      if (type->value_count() == 2) {
        return put(&R::SetEnumValue, &R::AddEnumValue, type->value(seed % 2)->number());
      }
      // Not the first, which is what an absent field means.
      return put(&R::SetEnumValue, &R::AddEnumValue,
                 type->value(1 + seed % (type->value_count() - 1))->number());
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = field->name() + std::to_string(seed);
      return many ? reflection->AddString(&message, field, text)
                  : reflection->SetString(&message, field, text);
    }
    default:
      FAIL() << "no such field type in the contract: " << field->full_name();
  }
}

/// Fills every field, and tells each scalar's way to it to `each`.
using Visit = std::function<void(Message&, const FieldDescriptor*)>;
void walk(Message& message, int& seed, const Visit& each) {
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    for (int copies = field->is_repeated() ? 2 : 1; copies > 0; --copies) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        walk(field->is_repeated() ? *reflection->AddMessage(&message, field)
                                  : *reflection->MutableMessage(&message, field),
             seed, each);
      } else {
        seed += 2;
        each(message, field);
      }
    }
  }
}

/// A full message in which only the scalar number `changed` differs (none: -1).
template <class T>
T full(int changed, int* count = nullptr) {
  T message;
  int seed = 0;
  int number = 0;
  walk(message, seed, [&](Message& inner, const FieldDescriptor* field) {
    put_scalar(inner, field, seed + (number == changed ? 1 : 0));
    ++number;
  });
  if (count) *count = number;
  return message;
}

template <class T, class Read>
std::string shown(const T& message, Read read) {
  const auto value = read(SecretBytes::copy_of(message.SerializeAsString()));
  EXPECT_TRUE(value.ok());
  std::ostringstream out;
  if (value.ok()) show(out, *value);
  return out.str();
}

template <class T, class Read>
void expect_reply(Read read) {
  int count = 0;
  const T whole = full<T>(-1, &count);
  const std::string text = shown(whole, read);
  EXPECT_GT(count, 0);
  for (int i = 0; i < count; ++i) {
    const T other = full<T>(i);
    MessageDifferencer differencer;
    std::string difference;
    differencer.ReportDifferencesToString(&difference);
    EXPECT_FALSE(differencer.Compare(whole, other));
    EXPECT_NE(shown(other, read), text) << T::descriptor()->full_name() << ": " << difference;
  }
  // A cut in the middle of a message is an error or a shorter message, never a crash.
  const std::string bytes = whole.SerializeAsString();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    (void)read(SecretBytes::copy_of(std::string_view(bytes).substr(0, size)));
  }
}

TEST(Codec, SessionReplies) {
  expect_reply<v1::StatusReply>(codec::status_reply);
  expect_reply<v1::CreateReply>(codec::create_reply);
  expect_reply<v1::UnlockReply>(codec::unlock_reply);
  expect_reply<v1::LockReply>(codec::lock_reply);
  expect_reply<v1::SessionEvent>(codec::session_event);
}

TEST(Codec, SecretsReplies) {
  expect_reply<v1::GetReply>(codec::get_reply);
  expect_reply<v1::ApplyReply>(codec::apply_reply);
  expect_reply<v1::GetBatchReply>(codec::get_batch_reply);
  expect_reply<v1::DescribeReply>(codec::describe_reply);
  expect_reply<v1::SetReply>(codec::version_reply);
  expect_reply<v1::RestoreReply>(codec::version_reply);
  expect_reply<v1::ListReply>(codec::metadata_list_reply);
  expect_reply<v1::HistoryReply>(codec::metadata_list_reply);
  expect_reply<v1::ListCollectionsReply>(codec::collections_reply);
  expect_reply<v1::WatchReply>(codec::watch_reply);
}

TEST(Codec, AdminReplies) {
  expect_reply<v1::ListSlotsReply>(codec::list_slots_reply);
  expect_reply<v1::AddSlotReply>(codec::add_slot_reply);
  expect_reply<v1::VerifyReply>(codec::verify_reply);
  expect_reply<v1::BackupReply>(codec::backup_reply);
  expect_reply<v1::RotateReply>(codec::rotate_reply);
}

TEST(Codec, ReplacementReplies) {
  expect_reply<v1::ReplaceKeysReply>(codec::replacement_step);
  expect_reply<v1::RestoreBackupReply>(codec::replacement_step);
  expect_reply<v1::UploadReply>(codec::upload_reply);
  expect_reply<v1::SalvageSummary>([](const SecretBytes& bytes) -> Result<SalvageSummary> {
    v1::SalvageReply reply;
    if (!reply.mutable_summary()->ParseFromArray(bytes.bytes().data(),
                                                 static_cast<int>(bytes.size()))) {
      return Error{Reason::kProtocol, "cut"};
    }
    const std::string whole = reply.SerializeAsString();
    auto step = codec::salvage_reply(SecretBytes::copy_of(whole));
    if (!step.ok()) return step.error();
    return *step->summary;
  });
  expect_reply<v1::ListOldFilesReply>(codec::list_old_files_reply);
  v1::SalvageReply loss;
  loss.set_rows_done(1);
  loss.set_rows_total(2);
  loss.set_loss("l");
  loss.mutable_item()->set_collection("c");
  loss.mutable_item()->set_name("n");
  const auto step = codec::salvage_reply(SecretBytes::copy_of(loss.SerializeAsString()));
  ASSERT_TRUE(step.ok());
  EXPECT_EQ(step->rows_done, 1u);
  EXPECT_EQ(step->rows_total, 2u);
  ASSERT_TRUE(step->loss);
  EXPECT_EQ(step->loss->message + step->loss->collection + step->loss->name, "lcn");
}

TEST(Codec, AccessReplies) {
  expect_reply<v1::GetPolicyReply>(codec::get_policy_reply);
  expect_reply<v1::ExplainReply>(codec::explain_reply);
  expect_reply<v1::ListGrantsReply>(codec::list_grants_reply);
  expect_reply<v1::AddGrantReply>(codec::add_grant_reply);
  expect_reply<v1::RevokeGrantsReply>(codec::revoke_grants_reply);
  expect_reply<v1::AnswerReply>(codec::question_reply);
  expect_reply<v1::AskReply>(codec::question_reply);
  expect_reply<v1::AuditReply>(codec::audit_reply);
  expect_reply<v1::VerifyAuditReply>(codec::verify_audit_reply);
}

TEST(Codec, CollectionProjectAndScanReplies) {
  expect_reply<v1::CreateCollectionReply>(codec::create_collection_reply);
  expect_reply<v1::DeleteCollectionReply>(codec::deleted_reply);
  expect_reply<v1::CollectionsReply>(codec::all_collections_reply);
  expect_reply<v1::LinkProjectReply>(codec::link_project_reply);
  expect_reply<v1::ResolveProjectReply>(codec::resolve_project_reply);
  expect_reply<v1::TrustFolderReply>(codec::trust_folder_reply);
  expect_reply<v1::ListProjectsReply>(codec::list_projects_reply);
  expect_reply<v1::ClearProjectReply>(codec::deleted_reply);
  expect_reply<v1::BeginScanReply>(codec::begin_scan_reply);
  expect_reply<v1::ConfirmScanReply>(codec::confirm_scan_reply);
}

TEST(Codec, RenewalReplies) {
  expect_reply<v1::CreateTokenReply>(codec::token_version_reply);
  expect_reply<v1::CommitRenewalReply>(codec::token_version_reply);
  expect_reply<v1::ListTokensReply>(codec::list_tokens_reply);
  expect_reply<v1::ShowLoginReply>(codec::show_login_reply);
  // A oneof holds one of its fields at a time.
  expect_reply<v1::RenewalLease>([](const SecretBytes& lease) -> Result<RenewalLease> {
    v1::RenewalEvent event;
    const auto bytes = lease.bytes();
    if (!event.mutable_lease()->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return Error{Reason::kProtocol, "cut"};
    }
    auto seen = codec::renewal_event(SecretBytes::copy_of(event.SerializeAsString()));
    return std::get<RenewalLease>(*std::move(seen));
  });
  v1::RenewalEvent event;
  event.mutable_renewed()->set_version(9);
  const auto renewed = codec::renewal_event(SecretBytes::copy_of(event.SerializeAsString()));
  EXPECT_EQ(std::get<codec::Renewed>(*renewed).version, 9u);
  EXPECT_EQ(codec::renewal_event(SecretBytes())->index(), 0u);
  EXPECT_EQ(v1::RenewalEvent::descriptor()->field_count(), 2);
}

TEST(Codec, PromptEvents) {
  // A oneof holds one of its fields at a time.
  const auto event = [](const v1::PromptEvent& sent) {
    return codec::prompt_event(SecretBytes::copy_of(sent.SerializeAsString()));
  };
  v1::PromptEvent sent;
  sent.mutable_registered()->set_proven(true);
  EXPECT_TRUE(std::get<PrompterRegistered>(*event(sent)).proven);
  *sent.mutable_question() = full<v1::AskReply>(-1).question();
  std::ostringstream as_event;
  std::ostringstream as_reply;
  show(as_event, std::get<Question>(*event(sent)));
  show(as_reply,
       *codec::question_reply(SecretBytes::copy_of(full<v1::AskReply>(-1).SerializeAsString())));
  EXPECT_EQ(as_event.str(), as_reply.str());
  sent.set_withdrawn(77);
  EXPECT_EQ(std::get<QuestionWithdrawn>(*event(sent)).id, 77u);
  sent.set_notice("a decoy was read");
  EXPECT_EQ(std::get<PrompterNotice>(*event(sent)).text, "a decoy was read");
  EXPECT_EQ(v1::PromptEvent::descriptor()->field_count(), 4);
  EXPECT_EQ(event(v1::PromptEvent())->index(), 0u);
  EXPECT_EQ(codec::prompt_event(SecretBytes::copy_of("\x12\x7f")).error().code, Reason::kProtocol);
}

TEST(Codec, AQuestionSaysWhatTheDaemonSaid) {
  const auto reply = full<v1::AskReply>(-1);
  const auto seen = codec::question_reply(SecretBytes::copy_of(reply.SerializeAsString()));
  ASSERT_TRUE(seen.ok() && seen->has_value());
  const v1::Question& sent = reply.question();
  const Question& question = **seen;
  EXPECT_EQ(question.id, sent.id());
  EXPECT_EQ(static_cast<int>(question.kind), sent.kind());
  EXPECT_EQ(question.collection, sent.collection());
  EXPECT_EQ(question.names, std::vector<std::string>(sent.names().begin(), sent.names().end()));
  EXPECT_EQ(question.needs_credential, sent.needs_credential());
  EXPECT_EQ(question.each_use, sent.each_use());
  EXPECT_EQ(question.uses, sent.uses());
  EXPECT_EQ(question.lifetime.count(), sent.lifetime_ms());
  EXPECT_EQ(question.change, sent.change());
  EXPECT_EQ(question.timeout.count(), sent.timeout_ms());
  EXPECT_EQ(question.error, sent.error());
  EXPECT_EQ(question.prompt, sent.prompt());
  EXPECT_EQ(question.asker.chain.at(1).executable, sent.asker().chain(1).executable());
  EXPECT_EQ(question.asker.terminal, sent.asker().terminal());
}

TEST(Codec, NumbersOfTheContract) {
  EXPECT_EQ(static_cast<int>(Verb::kAdmin), v1::VERB_ADMIN);
  EXPECT_EQ(static_cast<int>(QuestionKind::kValue), v1::QUESTION_KIND_VALUE);
  EXPECT_EQ(static_cast<int>(QuestionKind::kLogin), v1::QUESTION_KIND_LOGIN);
  EXPECT_EQ(static_cast<int>(ClientAuthentication::kPost), v1::CLIENT_AUTHENTICATION_POST);
  EXPECT_EQ(static_cast<int>(TokenDialect::kPackageManager), v1::TOKEN_DIALECT_PACKAGE_MANAGER);
  EXPECT_EQ(static_cast<int>(LoginShown::kRefused), v1::LOGIN_SHOWN_REFUSED);
  EXPECT_EQ(static_cast<int>(RenewalFailure::kRevoked), v1::RENEWAL_FAILURE_REVOKED);
  EXPECT_EQ(static_cast<int>(RenewalFailure::kDenied), v1::RENEWAL_FAILURE_DENIED);
  EXPECT_EQ(static_cast<int>(Decision::kDenyAlways), v1::DECISION_DENY_ALWAYS);
  EXPECT_EQ(static_cast<int>(Decision::kSession), v1::DECISION_SESSION);
  EXPECT_EQ(static_cast<int>(AuditVerdict::kEvent), v1::AUDIT_VERDICT_EVENT);
}

TEST(Codec, ValuesAreTheSameAndNotOnlyDifferent) {
  const auto whole = full<v1::GetReply>(-1);
  const auto item = codec::get_reply(SecretBytes::copy_of(whole.SerializeAsString()));
  ASSERT_TRUE(item.ok());
  const auto& expected = whole.metadata();
  EXPECT_EQ(std::string(item->value.bytes().begin(), item->value.bytes().end()), whole.value());
  const Metadata& seen = item->metadata;
  EXPECT_EQ(seen.collection, expected.item().collection());
  EXPECT_EQ(seen.name, expected.item().name());
  EXPECT_EQ(seen.version, expected.version());
  EXPECT_EQ(seen.attributes.at(expected.attributes(1).key()), expected.attributes(1).value());
  EXPECT_EQ(seen.content_type, expected.content_type());
  EXPECT_EQ(seen.created, expected.created_unix_ms());
  EXPECT_EQ(seen.modified, expected.modified_unix_ms());
  EXPECT_EQ(seen.expires, expected.expires_unix_ms());
  EXPECT_EQ(static_cast<int>(seen.policy), expected.policy());
  EXPECT_EQ(seen.value_size, expected.value_size());
  EXPECT_EQ(seen.deleted, expected.deleted());
}

TEST(Codec, UnknownFieldsAndWrongWireTypesAreSkipped) {
  // Field 1 of GetReply (bytes) as a number, field 99 as bytes, then the value.
  const auto item = codec::get_reply(SecretBytes::copy_of("\x08\x05\x9a\x06\x02zz\x0a\x02ok"));
  ASSERT_TRUE(item.ok());
  EXPECT_EQ(item->value.size(), 2u);
  // A flag whose byte is missing, exactly at the end of the allocation.
  EXPECT_EQ(codec::lock_reply(SecretBytes::copy_of("\x08")).error().code, Reason::kProtocol);
  EXPECT_EQ(codec::get_reply(SecretBytes::copy_of("\x0a\x7f")).error().code, Reason::kProtocol);
  EXPECT_EQ(codec::get_reply(SecretBytes::copy_of("\xff\xff\xff\xff\xff\xff")).error().code,
            Reason::kProtocol);
}

TEST(Codec, EveryCallHasItsRequestAndReplyAbove) {
  // A new call must be added to the tests above, to the codec and to Client.
  EXPECT_EQ(v1::StatusRequest::descriptor()->file()->service(0)->method_count(), 5);
  EXPECT_EQ(v1::GetRequest::descriptor()->file()->service(0)->method_count(), 14);
  EXPECT_EQ(v1::RotateRequest::descriptor()->file()->service(0)->method_count(), 10);
  EXPECT_EQ(v1::AskRequest::descriptor()->file()->service(0)->method_count(), 12);
  EXPECT_EQ(v1::Collection::descriptor()->file()->service(0)->method_count(), 5);
  EXPECT_EQ(v1::Project::descriptor()->file()->service(0)->method_count(), 6);
  EXPECT_EQ(v1::ScanMatch::descriptor()->file()->service(0)->method_count(), 2);
  EXPECT_EQ(v1::TokenRecipe::descriptor()->file()->service(0)->method_count(), 7);
  EXPECT_EQ(v1::OldFile::descriptor()->file()->service(0)->method_count(), 6);
}

}  // namespace
}  // namespace tacit
