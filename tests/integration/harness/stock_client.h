// A client by stock grpc++ and the generated stubs: nothing of libtacit.
#pragma once
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "tacit/v1/access.grpc.pb.h"
#include "tacit/v1/admin.grpc.pb.h"
#include "tacit/v1/collections.grpc.pb.h"
#include "tacit/v1/projects.grpc.pb.h"
#include "tacit/v1/renewal.grpc.pb.h"
#include "tacit/v1/scan.grpc.pb.h"
#include "tacit/v1/secrets.grpc.pb.h"
#include "tacit/v1/session.grpc.pb.h"

namespace tacit::test {

namespace pb = tacit::v1;

/// How a call ended: the gRPC code, and the reason in the trailing metadata.
struct Outcome {
  grpc::StatusCode code = grpc::StatusCode::UNKNOWN;
  std::string reason;  ///< empty if none was sent
  std::string message;
  bool ok() const { return code == grpc::StatusCode::OK; }
};
std::ostream& operator<<(std::ostream& out, const Outcome& outcome);

/// For EXPECT_THAT-like use: `EXPECT_TRUE(failed_with(outcome, "LOCKED"))`. Checks that the code
/// is the one that the contract gives the reason, and that a message is there.
testing::AssertionResult failed_with(const Outcome& outcome, const std::string& reason);
testing::AssertionResult succeeded(const Outcome& outcome);

/// A context with a deadline (half a minute unless told).
std::unique_ptr<grpc::ClientContext> context(
    std::chrono::milliseconds deadline = std::chrono::seconds(30));
Outcome outcome_of(const grpc::Status& status, const grpc::ClientContext& context);

/// One connection of its own (channels do not share it). Refuses messages over 1 MiB, as the
/// contract promises that none comes. Thread-safe as stubs are.
class StockClient {
 public:
  /// `extra`: gRPC's channel arguments over those of every test.
  explicit StockClient(const std::string& socket, const std::map<std::string, int>& extra = {});

  pb::Session::Stub& session() { return *session_; }
  pb::Secrets::Stub& secrets() { return *secrets_; }
  pb::Admin::Stub& admin() { return *admin_; }
  pb::Access::Stub& access() { return *access_; }
  const std::shared_ptr<grpc::Channel>& channel() { return channel_; }

  /// One unary call: `client.call(client.secrets(), &pb::Secrets::Stub::Get, request, reply)`.
  template <class Stub, class Request, class Reply>
  Outcome call(Stub& stub,
               grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
               const Request& request, Reply& reply) {
    const auto ctx = context();
    return outcome_of((stub.*method)(ctx.get(), request, &reply), *ctx);
  }
  template <class Stub, class Request, class Reply>
  Outcome call(Stub& stub,
               grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
               const Request& request) {
    Reply reply;
    return call(stub, method, request, reply);
  }
  /// One server stream, read to its end.
  template <class Stub, class Request, class Reply>
  Outcome read_all(Stub& stub,
                   std::unique_ptr<grpc::ClientReader<Reply>> (Stub::*method)(grpc::ClientContext*,
                                                                              const Request&),
                   const Request& request, std::vector<Reply>& replies) {
    const auto ctx = context(std::chrono::seconds(120));
    const auto reader = (stub.*method)(ctx.get(), request);
    for (Reply reply; reader->Read(&reply);) replies.push_back(reply);
    return outcome_of(reader->Finish(), *ctx);
  }

  /// A unary call with these bytes as its body, whatever the contract says of them.
  Outcome call_bytes(const std::string& path, const std::string& body);

  // The calls that most tests need, in the collection `default`.
  Outcome status(pb::StatusReply& reply);
  pb::VaultState state();
  Outcome create(const pb::CreateRequest& request, pb::CreateReply* reply = nullptr);
  Outcome unlock(const pb::Credential& credential, pb::UnlockReply* reply = nullptr);
  Outcome lock();
  Outcome set(const std::string& name, const std::string& value, std::uint64_t* version = nullptr);
  Outcome get(const std::string& name, std::string* value = nullptr);
  Outcome remove(const std::string& name, bool purge = false);

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<pb::Session::Stub> session_;
  std::unique_ptr<pb::Secrets::Stub> secrets_;
  std::unique_ptr<pb::Admin::Stub> admin_;
  std::unique_ptr<pb::Access::Stub> access_;
};

pb::Credential passphrase(const std::string& text);
pb::Credential recovery_key(const std::string& text);
pb::Credential key_file(const std::string& content);
/// Exactly `size` random bytes.
std::string random_bytes(std::size_t size);
/// Random letters and digits.
std::string random_text(std::size_t size);

}  // namespace tacit::test
