// One RPC that answers with many messages, each made when the last has left.
#pragma once
#include <grpcpp/support/async_stream.h>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "daemon/rpc/call.h"

namespace tacit {

/// What a producer has done.
enum class Step {
  kSend,   ///< filled the message: send it, then come again
  kAgain,  ///< worked without result: come again when it is this call's turn
  kWait,   ///< nothing to tell: come again after `wake`
  kEnd,    ///< all was sent
};

template <class RequestType, class ReplyType>
class StreamCall final : public Call {
 public:
  using Request = RequestType;
  using Reply = ReplyType;
  using Responder = grpc::ServerAsyncWriter<Reply>;
  using MethodType = Method<StreamCall, Responder>;
  /// Makes the next message, for no longer than Limits::slice and no bigger than about
  /// Limits::chunk_bytes. An error ends the stream with it.
  using Producer = absl::AnyInvocable<absl::StatusOr<Step>(Reply&)>;

  static void post(Dispatcher& dispatcher, const MethodType& method) {
    auto* call = new StreamCall(dispatcher, method);
    method.request(&call->context_, &call->request_bytes_, &call->responder_, dispatcher.queue(),
                   call->arrived_tag());
  }

  Request& request() { return request_; }

  /// Instead of `fail`: begins to answer. Never calls the producer before it returns.
  void stream(Producer producer) {
    producer_ = std::move(producer);
    dispatcher_.requeue(*this);
  }
  /// A producer that waits has something to tell. Ignored at other times.
  void wake() {
    if (!std::exchange(waiting_, false)) return;
    dispatcher_.resume(*this);
  }

  void fail(const absl::Status& status) override { end(status); }

 private:
  StreamCall(Dispatcher& dispatcher, const MethodType& method)
      : Call(dispatcher, method.name, method.verb, method.told_when_done),
        method_(method),
        responder_(&context_) {}
  void post_another() override { post(dispatcher_, method_); }
  bool read_request() override { return parse(request_bytes_, request_); }

  void run() override {
    if (!producer_) return method_.handler(*this);
    reply_ = Reply();  // not Clear(), which would keep the old bytes
    const absl::StatusOr<Step> step = producer_(reply_);
    if (!step.ok()) return end(step.status());
    switch (*step) {
      case Step::kSend:
        sending(reply_.ByteSizeLong());
        responder_.Write(reply_, static_cast<Tag*>(&written_tag_));
        return;
      case Step::kAgain:
        return dispatcher_.requeue(*this);
      case Step::kWait:
        waiting_ = true;
        return;
      case Step::kEnd:
        return end(absl::OkStatus());
    }
  }

  void end(const absl::Status& status) {
    waiting_ = false;
    producer_ = nullptr;
    finishing();
    sending(0);
    responder_.Finish(status.ok() ? grpc::Status::OK : to_grpc(status),
                      static_cast<Tag*>(&finished_tag_));
  }

  void written(bool ok) {
    sent();
    if (!ok) return end(absl::CancelledError("the client has gone"));
    dispatcher_.resume(*this);
  }
  void finished(bool) {
    sent();
    delete_if_over();
  }
  void cancel_noticed() override {
    if (waiting_) end(absl::CancelledError("the client gave up"));
  }

  const MethodType& method_;
  Request request_;
  Reply reply_;
  Responder responder_;
  Producer producer_;
  MemberTag<StreamCall, &StreamCall::written> written_tag_{this};
  MemberTag<StreamCall, &StreamCall::finished> finished_tag_{this};
  bool waiting_ = false;
};

}  // namespace tacit
