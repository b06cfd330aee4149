#include "tests/integration/harness/stock_client.h"

#include <grpcpp/impl/codegen/client_unary_call.h>
#include <sys/random.h>

#include <stdexcept>

#include "tacit/reason.h"

namespace tacit::test {
namespace {

constexpr int kMessageLimit = 1 << 20;

grpc::ChannelArguments arguments(const std::map<std::string, int>& extra) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, kMessageLimit);
  // Every failure of a test is to be seen: nothing is tried twice behind its back.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 10);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  for (const auto& [name, value] : extra) arguments.SetInt(name, value);
  return arguments;
}

pb::ItemRef in_default(const std::string& name) {
  pb::ItemRef item;
  item.set_name(name);
  return item;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << "code " << outcome.code << ", reason '" << outcome.reason << "', message '"
             << outcome.message << "'";
}

testing::AssertionResult failed_with(const Outcome& outcome, const std::string& reason) {
  if (outcome.reason != reason) {
    return testing::AssertionFailure() << "wanted " << reason << ", got " << outcome;
  }
  const int code = grpc_code(reason_from_name(reason));
  if (outcome.code != code) {
    return testing::AssertionFailure() << "wanted code " << code << ", got " << outcome;
  }
  if (outcome.message.empty()) {
    return testing::AssertionFailure() << reason << " came without a message";
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult succeeded(const Outcome& outcome) {
  if (outcome.ok()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << outcome;
}

std::unique_ptr<grpc::ClientContext> context(std::chrono::milliseconds deadline) {
  auto made = std::make_unique<grpc::ClientContext>();
  made->set_deadline(std::chrono::system_clock::now() + deadline);
  return made;
}

Outcome outcome_of(const grpc::Status& status, const grpc::ClientContext& context) {
  Outcome outcome{status.error_code(), "", status.error_message()};
  const auto& trailers = context.GetServerTrailingMetadata();
  if (const auto found = trailers.find("tacit-reason"); found != trailers.end()) {
    outcome.reason.assign(found->second.begin(), found->second.end());
  }
  return outcome;
}

StockClient::StockClient(const std::string& socket, const std::map<std::string, int>& extra)
    : channel_(grpc::CreateCustomChannel("unix:" + socket, grpc::InsecureChannelCredentials(),
                                         arguments(extra))),
      session_(pb::Session::NewStub(channel_)),
      secrets_(pb::Secrets::NewStub(channel_)),
      admin_(pb::Admin::NewStub(channel_)),
      access_(pb::Access::NewStub(channel_)) {}

Outcome StockClient::call_bytes(const std::string& path, const std::string& body) {
  const auto ctx = context();
  const grpc::internal::RpcMethod method(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Slice slice(body);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer reply;
  const grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer,
                                                                grpc::ByteBuffer, grpc::ByteBuffer>(
      channel_.get(), method, ctx.get(), request, &reply);
  return outcome_of(status, *ctx);
}

Outcome StockClient::status(pb::StatusReply& reply) {
  return call(session(), &pb::Session::Stub::Status, pb::StatusRequest{}, reply);
}

pb::VaultState StockClient::state() {
  pb::StatusReply reply;
  EXPECT_TRUE(succeeded(status(reply)));
  return reply.state();
}

Outcome StockClient::create(const pb::CreateRequest& request, pb::CreateReply* reply) {
  pb::CreateReply unused;
  return call(session(), &pb::Session::Stub::Create, request, reply ? *reply : unused);
}

Outcome StockClient::unlock(const pb::Credential& credential, pb::UnlockReply* reply) {
  pb::UnlockRequest request;
  *request.mutable_credential() = credential;
  pb::UnlockReply unused;
  return call(session(), &pb::Session::Stub::Unlock, request, reply ? *reply : unused);
}

Outcome StockClient::lock() { return call(session(), &pb::Session::Stub::Lock, pb::LockRequest{}); }

Outcome StockClient::set(const std::string& name, const std::string& value,
                         std::uint64_t* version) {
  pb::SetRequest request;
  *request.mutable_item() = in_default(name);
  request.set_value(value);
  pb::SetReply reply;
  const Outcome outcome = call(secrets(), &pb::Secrets::Stub::Set, request, reply);
  if (version != nullptr) *version = reply.version();
  return outcome;
}

Outcome StockClient::get(const std::string& name, std::string* value) {
  pb::GetRequest request;
  *request.mutable_item() = in_default(name);
  pb::GetReply reply;
  Outcome outcome = call(secrets(), &pb::Secrets::Stub::Get, request, reply);
  if (value != nullptr) *value = reply.value();
  return outcome;
}

Outcome StockClient::remove(const std::string& name, bool purge) {
  pb::DeleteRequest request;
  *request.mutable_item() = in_default(name);
  request.set_purge(purge);
  return call(secrets(), &pb::Secrets::Stub::Delete, request);
}

pb::Credential passphrase(const std::string& text) {
  pb::Credential credential;
  credential.set_passphrase(text);
  return credential;
}

pb::Credential recovery_key(const std::string& text) {
  pb::Credential credential;
  credential.set_recovery_key(text);
  return credential;
}

pb::Credential key_file(const std::string& content) {
  pb::Credential credential;
  credential.set_key_file(content);
  return credential;
}

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t done = 0; done < size;) {
    const ssize_t got = getrandom(bytes.data() + done, size - done, 0);
    if (got < 0) throw std::runtime_error("getrandom");
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

std::string random_text(std::size_t size) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  std::string text = random_bytes(size);
  for (char& c : text) c = kLetters[static_cast<unsigned char>(c) % kLetters.size()];
  return text;
}

}  // namespace tacit::test
