// One RPC on the completion queue, from its request to its last tag.
#pragma once
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "daemon/access/verbs.h"
#include "daemon/rpc/dispatcher.h"
#include "daemon/rpc/peers.h"
#include "daemon/rpc/tag.h"

namespace tacit {

/// What all calls share: the peer, the turn, the lifetime. A call deletes itself when it has been
/// finished and all its tags are back; until it is finished, whoever has to finish it may keep
/// a reference. Vault thread.
class Call {
 public:
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  const Peer& peer() const { return *peer_; }
  /// `Secrets.Get`, and what it does to items.
  std::string_view name() const { return name_; }
  Verb verb() const { return verb_; }
  /// The client gave up or its deadline passed; known only for calls told when done.
  bool cancelled() const { return cancelled_; }
  /// Called once if that happens before the call is finished.
  void on_cancel(std::function<void()> function) { on_cancel_ = std::move(function); }
  /// Counts so many bytes, kept for replies to come, as a reply under way: a lock from now on waits
  /// for them until the result goes, and cuts the connection after Limits::grace. The result must
  /// not outlive the call.
  std::shared_ptr<void> keep_for_reply(std::size_t bytes);

  /// The handler, or a stream's next step: by the dispatcher, when it is this call's turn.
  void serve();
  /// Ends the call with an error.
  virtual void fail(const absl::Status& status) = 0;

 protected:
  /// `told_when_done`: learn of cancellation while waiting, for one more event a call.
  Call(Dispatcher& dispatcher, std::string_view name, Verb verb, bool told_when_done);
  virtual ~Call() = default;

  /// Posts another call of the same method, for the next request.
  virtual void post_another() = 0;
  /// Parses the request. False: it is none.
  virtual bool read_request() = 0;
  virtual void run() = 0;
  virtual void cancel_noticed() {}

  Tag* arrived_tag() { return &arrived_tag_; }
  /// Before gRPC is given a tag that sends something of so many bytes, and when that is back.
  void sending(std::size_t bytes);
  void sent();
  void finishing() { finished_ = true; }
  void delete_if_over();
  /// Sets the trailing metadata and gives the status to send.
  grpc::Status to_grpc(const absl::Status& status);

  Dispatcher& dispatcher_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_bytes_;  ///< until it is read

 private:
  void arrived(bool ok);
  void done(bool ok);

  MemberTag<Call, &Call::arrived> arrived_tag_{this};
  MemberTag<Call, &Call::done> done_tag_{this};
  Peer* peer_ = nullptr;
  std::function<void()> on_cancel_;
  int tags_out_ = 0;
  std::size_t unsent_bytes_ = 0;
  unsigned lock_epoch_ = 0;
  const std::string_view name_;
  const Verb verb_;
  const bool told_when_done_;
  bool finished_ = false;
  bool cancelled_ = false;
  bool read_ = false;
};

/// How a method's requests are asked for, and what serves them. Lives as long as the server.
template <class CallType, class Responder>
struct Method {
  std::function<void(grpc::ServerContext*, grpc::ByteBuffer*, Responder*,
                     grpc::ServerCompletionQueue*, void*)>
      request;
  std::function<void(CallType&)> handler;
  std::string_view name;  ///< of static storage
  Verb verb = Verb::kNone;
  bool told_when_done = false;
};

/// False if the bytes are no such message; they are dropped in any case.
template <class Message>
bool parse(grpc::ByteBuffer& bytes, Message& message) {
  return grpc::SerializationTraits<Message>::Deserialize(&bytes, &message).ok();
}

/// One request, one reply. The handler fills `reply()` and calls `finish` once, now or later.
template <class RequestType, class ReplyType>
class UnaryCall final : public Call {
 public:
  using Request = RequestType;
  using Reply = ReplyType;
  using Responder = grpc::ServerAsyncResponseWriter<Reply>;
  using MethodType = Method<UnaryCall, Responder>;

  /// Waits for a request; owns itself.
  static void post(Dispatcher& dispatcher, const MethodType& method) {
    auto* call = new UnaryCall(dispatcher, method);
    method.request(&call->context_, &call->request_bytes_, &call->responder_, dispatcher.queue(),
                   call->arrived_tag());
  }

  /// The handler may take secrets out of it.
  Request& request() { return request_; }
  Reply& reply() { return reply_; }

  /// For an answer that takes long: calls `step` at each of this call's turns, until it has
  /// finished the call. A step lasts no longer than Limits::slice.
  void in_slices(std::function<void()> step) {
    step_ = std::move(step);
    again();
  }
  /// From a step: there is more to do.
  void again() { dispatcher_.requeue(*this); }

  void finish(const absl::Status& status) {
    if (!status.ok()) return fail(status);
    finishing();
    sending(reply_.ByteSizeLong());
    responder_.Finish(reply_, grpc::Status::OK, static_cast<Tag*>(&finished_tag_));
  }

  void fail(const absl::Status& status) override {
    finishing();
    sending(0);
    responder_.FinishWithError(to_grpc(status), static_cast<Tag*>(&finished_tag_));
  }

 private:
  UnaryCall(Dispatcher& dispatcher, const MethodType& method)
      : Call(dispatcher, method.name, method.verb, method.told_when_done),
        method_(method),
        responder_(&context_) {}
  void post_another() override { post(dispatcher_, method_); }
  void run() override { step_ ? step_() : method_.handler(*this); }
  bool read_request() override { return parse(request_bytes_, request_); }
  void finished(bool) {
    sent();
    delete_if_over();
  }

  const MethodType& method_;
  Request request_;
  Reply reply_;
  Responder responder_;
  std::function<void()> step_;
  MemberTag<UnaryCall, &UnaryCall::finished> finished_tag_{this};
};

}  // namespace tacit
