// grpc_get SOCKET NAME: reads one secret with stock grpc++, without libtacit.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <iostream>

#include "tacit/v1/secrets.grpc.pb.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: grpc_get SOCKET NAME\n";
    return 2;
  }
  const auto channel =
      grpc::CreateChannel(std::string("unix:") + argv[1], grpc::InsecureChannelCredentials());
  const auto secrets = tacit::v1::Secrets::NewStub(channel);

  tacit::v1::GetRequest request;
  request.mutable_item()->set_name(argv[2]);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  tacit::v1::GetReply reply;
  const grpc::Status status = secrets->Get(&context, request, &reply);
  if (!status.ok()) {
    const auto& trailers = context.GetServerTrailingMetadata();
    const auto reason = trailers.find("tacit-reason");
    std::cerr << "grpc_get: " << status.error_message() << " ("
              << (reason == trailers.end()
                      ? "no reason"
                      : std::string(reason->second.data(), reason->second.size()))
              << ", status " << status.error_code() << ")\n";
    return 1;
  }
  std::cout << reply.value() << std::flush;
}
