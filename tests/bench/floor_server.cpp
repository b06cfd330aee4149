// The floor that tacitd is held against: a stock grpc++ server of the same shape that does
// nothing. One thread drains an asynchronous completion queue; another accepts on a Unix socket
// and hands each connection over by its descriptor. It answers one empty unary call,
// Admin.ConfirmRecoveryKey, whose request and reply have no field.
#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/server_posix.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "tacit/v1/admin.grpc.pb.h"

namespace {

using Service = tacit::v1::Admin::AsyncService;

/// One call: asked for, answered, and away when its answer is out.
class Call {
 public:
  Call(Service& service, grpc::ServerCompletionQueue& queue)
      : service_(service), queue_(queue), writer_(&context_) {
    service_.RequestConfirmRecoveryKey(&context_, &request_, &writer_, &queue_, &queue_, this);
  }
  void proceed(bool ok) {
    if (answered_ || !ok) {
      delete this;
      return;
    }
    new Call(service_, queue_);  // owned by the queue from here on, as this one is
    answered_ = true;
    writer_.Finish(reply_, grpc::Status::OK, this);
  }

 private:
  Service& service_;
  grpc::ServerCompletionQueue& queue_;
  grpc::ServerContext context_;
  tacit::v1::ConfirmRecoveryKeyRequest request_;
  tacit::v1::ConfirmRecoveryKeyReply reply_;
  grpc::ServerAsyncResponseWriter<tacit::v1::ConfirmRecoveryKeyReply> writer_;
  bool answered_ = false;
};

int listen_on(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return -1;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd, SOMAXCONN) != 0) {
    return -1;
  }
  return fd;
}

/// sd_notify(3)'s protocol, one datagram.
bool say_ready() {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path == nullptr || std::strlen(path) >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path, std::strlen(path) + 1);
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  constexpr char kReady[] = "READY=1";
  const bool sent = sendto(fd, kReady, sizeof kReady - 1, 0,
                           reinterpret_cast<const sockaddr*>(&address), sizeof address) > 0;
  close(fd);
  return sent;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: floor_server SOCKET\n", stderr);
    return 2;
  }
  const int listener = listen_on(argv[1]);
  if (listener < 0) {
    std::perror(argv[1]);
    return 1;
  }
  Service service;
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  // As in tacitd: on a Unix socket there is no bandwidth to probe, and nobody looks at channelz.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CENSUS, 0);
  const auto queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();

  std::thread([&server, listener] {
    for (int fd; (fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0;) {
      grpc::AddInsecureChannelFromFd(server.get(), fd);
    }
  }).detach();

  // As many calls wait at once as a busy moment of the benches needs.
  for (int i = 0; i < 16; ++i) new Call(service, *queue);
  if (!say_ready()) {
    std::fputs("floor_server: nobody to tell at NOTIFY_SOCKET\n", stderr);
    return 1;
  }
  void* tag = nullptr;
  for (bool ok = false; queue->Next(&tag, &ok);) static_cast<Call*>(tag)->proceed(ok);
  return 0;
}
