// The gRPC server that never listens: connections are given to it one by one.
#pragma once
#include <grpcpp/completion_queue.h>
#include <grpcpp/impl/codegen/service_type.h>
#include <grpcpp/server.h>

#include <deque>
#include <functional>
#include <memory>
#include <string_view>
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
  std::string_view name;        ///< `Secrets.Get`, as in the table of verbs; of static storage
  int waiting = 2;              ///< how many requests gRPC may hand over before one is served
  bool told_when_done = false;  ///< for calls that wait for something
};

/// The way to what grpc::Service keeps for generated classes: asking for a call by the index of
/// its method. The request comes as bytes, for gRPC ends a call whose request it cannot parse
/// without a reason, and keeps what it had parsed.
struct MethodRequests : grpc::Service {
  static auto unary() { return &MethodRequests::RequestAsyncUnary<grpc::ByteBuffer>; }
  static auto streaming() { return &MethodRequests::RequestAsyncServerStreaming<grpc::ByteBuffer>; }
};

/// Built and stopped on the main thread; `run` is the vault thread.
class Server {
 public:
  Server(const Limits& limits, NumberRange numbers, BootClock& clock, Askers& askers,
         Peers::Hangups hangups);
  ~Server();

  /// Before `start`: the services whose methods are added below. They outlive the server.
  void add_service(grpc::Service& service) { services_.push_back(&service); }

  /// `handler` of `owner`, which outlives the server, serves the method. Before `start`.
  template <class Owner, class Request, class Reply>
  void add(grpc::Service& service, const MethodTraits& traits, Owner* owner,
           void (Owner::*handler)(UnaryCall<Request, Reply>&)) {
    add_method<UnaryCall<Request, Reply>>(
        service, traits, MethodRequests::unary(),
        [owner, handler](auto& call) { (owner->*handler)(call); });
  }
  template <class Owner, class Request, class Reply>
  void add(grpc::Service& service, const MethodTraits& traits, Owner* owner,
           void (Owner::*handler)(StreamCall<Request, Reply>&)) {
    add_method<StreamCall<Request, Reply>>(
        service, traits, MethodRequests::streaming(),
        [owner, handler](auto& call) { (owner->*handler)(call); });
  }

  void start();
  /// The vault thread's work, until `stop`.
  void run() { dispatcher_->run(); }

  Mailbox& mailbox() { return *mailbox_; }
  Peers& peers() { return *peers_; }

  /// Vault thread: registers a connection and gives it to gRPC. While no descriptor number is free
  /// it waits; `done` is called when it no longer does, with the reason if it was refused.
  void connect(Accepted accepted, std::function<void(const absl::Status&)> done);
  /// Vault thread: connections have ended, or the peers' alarm rang.
  void connect_waiting();
  /// Vault thread: refuses new calls. Ending those that wait is up to the services.
  void stop_calls() { dispatcher_->stop(); }
  /// Any thread but the vault's, once, after `start`: ends what is left within the grace, and
  /// makes `run` return. `stuck`, asked on the vault thread: how many calls wait for something
  /// that will not come any more.
  void stop(std::function<int()> stuck);

 private:
  /// Position in its service; a name that the contract lacks is a bug.
  static int method_index(std::string_view name);

  template <class CallType, class RequestMember, class Handler>
  void add_method(grpc::Service& service, const MethodTraits& traits, RequestMember request,
                  Handler handler) {
    auto method = std::make_shared<typename CallType::MethodType>();
    method->request = [&service, request, index = method_index(traits.name)](
                          grpc::ServerContext* context, grpc::ByteBuffer* bytes, auto* responder,
                          grpc::ServerCompletionQueue* queue, void* tag) {
      (service.*request)(index, context, bytes, responder, queue, queue, tag);
    };
    method->handler = handler;
    method->name = traits.name;
    method->verb = verb_of(traits.name).value();  // a method without a verb is a bug
    method->told_when_done = traits.told_when_done;
    methods_.push_back([this, method, waiting = traits.waiting] {
      for (int i = 0; i < waiting; ++i) CallType::post(*dispatcher_, *method);
    });
  }

  struct Waiting {
    Accepted accepted;
    std::function<void(const absl::Status&)> done;
  };

  const Limits& limits_;
  std::deque<Waiting> waiting_;  ///< at most what the listener hands on
  std::vector<grpc::Service*> services_;
  std::vector<std::function<void()>> methods_;  ///< each posts its first calls
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Peers> peers_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<Mailbox> mailbox_;
};

}  // namespace tacit
