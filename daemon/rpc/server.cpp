#include "daemon/rpc/server.h"

#include <google/protobuf/descriptor.h>
#include <grpc/support/log.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_posix.h>

#include <chrono>
#include <stdexcept>
#include <string>

#include "absl/synchronization/mutex.h"

namespace tacit {

Server::Server(const Limits& limits, NumberRange numbers, BootClock& clock, Askers& askers,
               Peers::Hangups hangups)
    : limits_(limits),
      peers_(std::make_unique<Peers>(limits, numbers, clock, askers, std::move(hangups))) {
  // Debian's Abseil looks for lock cycles at each lock of gRPC's.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // gRPC's own log quotes what it could not parse.
  gpr_set_log_function([](gpr_log_func_args*) {});
}

Server::~Server() = default;

void Server::start() {
  grpc::ServerBuilder builder;
  for (grpc::Service* service : services_) builder.RegisterService(service);
  grpc::ResourceQuota quota("tacitd");
  quota.Resize(limits_.quota_bytes);
  quota.SetMaxThreads(limits_.threads);
  builder.SetResourceQuota(quota);
  // gRPC refuses without a reason, so what is somewhat too long is left to the call to judge.
  builder.SetMaxReceiveMessageSize(2 * limits_.message_bytes);
  builder.SetMaxSendMessageSize(limits_.message_bytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits_.streams_per_connection);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, limits_.metadata_bytes);
  // Most requests are small, and each read has a block of its own (read_tail.h).
  builder.AddChannelArgument(GRPC_ARG_TCP_READ_CHUNK_SIZE, 2048);
  // A Unix socket has no bandwidth to probe, and nobody looks at channelz.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CENSUS, 0);
  for (int algorithm = GRPC_COMPRESS_DEFLATE; algorithm < GRPC_COMPRESS_ALGORITHMS_COUNT;
       ++algorithm) {
    builder.SetCompressionAlgorithmSupportStatus(static_cast<grpc_compression_algorithm>(algorithm),
                                                 false);
  }
  queue_ = builder.AddCompletionQueue();
  server_ = builder.BuildAndStart();
  dispatcher_ = std::make_unique<Dispatcher>(queue_.get(), limits_, *peers_);
  mailbox_ = std::make_unique<Mailbox>(queue_.get());
  for (const auto& post_first : methods_) post_first();
}

int Server::method_index(std::string_view name) {
  const auto* method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      "tacit.v1." + std::string(name));
  if (method == nullptr) throw std::logic_error("no such method");
  return method->index();
}

void Server::connect(Accepted accepted, std::function<void(const absl::Status&)> done) {
  waiting_.push_back({std::move(accepted), std::move(done)});
  connect_waiting();
}

void Server::connect_waiting() {
  while (!waiting_.empty() && !dispatcher_->stopping() && peers_->number_free()) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    const absl::StatusOr<Peer*> peer =
        peers_->admit(std::move(next.accepted.socket), std::move(next.accepted.identity));
    if (peer.ok()) grpc::AddInsecureChannelFromFd(server_.get(), (*peer)->number);
    next.done(peer.status());
  }
}

void Server::stop(std::function<int()> stuck) {
  // Without listeners the server stops when its connections are gone; what does not go in time
  // is cut by gRPC when the deadline passes.
  server_->Shutdown(std::chrono::system_clock::now() + limits_.grace);
  // The queue takes no operation after its shutdown, and a call still ends by one.
  mailbox_->post([this, stuck = std::move(stuck)] {
    dispatcher_->when_quiet(stuck, [this] {
      mailbox_->close();
      queue_->Shutdown();
    });
  });
}

}  // namespace tacit
