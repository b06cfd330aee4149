// The gRPC server that never listens: connections are given to it one by one.
#pragma once
#include <grpcpp/completion_queue.h>
#include <grpcpp/impl/codegen/service_type.h>
#include <grpcpp/server.h>

#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "daemon/access/verbs.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/dispatcher.h"
#include "daemon/rpc/limits.h"
#include "daemon/rpc/listener.h"
#include "daemon/rpc/mailbox.h"
#include "daemon/rpc/peers.h"
#include "daemon/rpc/stream.h"

namespace tacit {

/// What a method is like beside its types.
struct MethodTraits {
  std::string_view name;        ///< `Secrets.Get`, as in the table of verbs
  int waiting = 2;              ///< how many requests gRPC may hand over before one is served
  bool told_when_done = false;  ///< for calls that wait for something
};

/// Built and stopped on the main thread; `run` is the vault thread.
class Server {
 public:
  Server(const Limits& limits, NumberRange numbers, BootClock& clock, Peers::Hangups hangups);
  ~Server();

  /// Before `start`: the services whose methods are added below. They outlive the server.
  void add_service(grpc::Service& service) { services_.push_back(&service); }

  /// `request` is AsyncService::RequestX of the service. Before `start`.
  template <class Base, class Request, class Reply>
  void unary(std::type_identity_t<Base>& service,
             void (Base::*request)(grpc::ServerContext*, Request*,
                                   grpc::ServerAsyncResponseWriter<Reply>*, grpc::CompletionQueue*,
                                   grpc::ServerCompletionQueue*, void*),
             const MethodTraits& traits,
             std::type_identity_t<std::function<void(UnaryCall<Request, Reply>&)>> handler) {
    add<UnaryCall<Request, Reply>>(service, request, traits, std::move(handler));
  }
  template <class Base, class Request, class Reply>
  void streaming(std::type_identity_t<Base>& service,
                 void (Base::*request)(grpc::ServerContext*, Request*,
                                       grpc::ServerAsyncWriter<Reply>*, grpc::CompletionQueue*,
                                       grpc::ServerCompletionQueue*, void*),
                 const MethodTraits& traits,
                 std::type_identity_t<std::function<void(StreamCall<Request, Reply>&)>> handler) {
    add<StreamCall<Request, Reply>>(service, request, traits, std::move(handler));
  }

  void start();
  /// The vault thread's work, until `stop`.
  void run() { dispatcher_->run(); }

  Mailbox& mailbox() { return *mailbox_; }
  Peers& peers() { return *peers_; }

  /// Vault thread: registers a connection and gives it to gRPC.
  void connect(Accepted accepted);
  /// Vault thread: refuses new calls. Ending those that wait is up to the services.
  void stop_calls() { dispatcher_->stop(); }
  /// Any thread but the vault's, once, after `start`: ends what is left within the grace, and
  /// makes `run` return.
  void stop();

 private:
  template <class CallType, class Base, class RequestMember, class Handler>
  void add(Base& service, RequestMember request, const MethodTraits& traits, Handler handler) {
    using MethodType = typename CallType::MethodType;
    auto method = std::make_shared<MethodType>();
    method->request = [&service, request](auto* context, auto* message, auto* responder,
                                          grpc::ServerCompletionQueue* queue, void* tag) {
      (service.*request)(context, message, responder, queue, queue, tag);
    };
    method->handler = std::move(handler);
    method->verb = verb_of(traits.name).value();  // a method without a verb is a bug
    method->told_when_done = traits.told_when_done;
    methods_.push_back([this, method, waiting = traits.waiting] {
      for (int i = 0; i < waiting; ++i) CallType::post(*dispatcher_, *method);
    });
  }

  const Limits& limits_;
  std::vector<grpc::Service*> services_;
  std::vector<std::function<void()>> methods_;  ///< each posts its first calls
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Peers> peers_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<Mailbox> mailbox_;
};

}  // namespace tacit
