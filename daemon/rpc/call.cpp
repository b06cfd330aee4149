#include "daemon/rpc/call.h"

#include <chrono>
#include <string>

#include "daemon/base/status.h"
#include "daemon/rpc/call_meter.h"

namespace tacit {
namespace {

constexpr char kReasonKey[] = "tacit-reason";
// A name of a kibibyte, percent-encoded, must not outgrow what a client accepts as metadata.
constexpr std::size_t kMaxMessageBytes = 2048;

}  // namespace

Call::Call(Dispatcher& dispatcher, std::string_view name, Verb verb, bool told_when_done)
    : dispatcher_(dispatcher), name_(name), verb_(verb), told_when_done_(told_when_done) {
  if (told_when_done_) context_.AsyncNotifyWhenDone(static_cast<Tag*>(&done_tag_));
}

void Call::arrived(bool ok) {
  if (!ok) {  // The server stops. A call that never started gets no other tag back (grpc#10136).
    delete this;
    return;
  }
  dispatcher_.call_began();
  if (told_when_done_) ++tags_out_;
  if (!dispatcher_.stopping()) post_another();
  peer_ = dispatcher_.peers().find(context_.peer());
  if (peer_ == nullptr) {
    return fail(make_error(Reason::kInternal, "the connection is not known; connect anew"));
  }
  dispatcher_.peers().call_started(*peer_);
  if (dispatcher_.stopping()) return fail(absl::UnavailableError("the daemon is stopping"));
  const std::size_t size = request_bytes_.Length();
  meter_request_whole(peer_->number, size);
  if (size > static_cast<std::size_t>(dispatcher_.limits().message_bytes)) {
    request_bytes_.Clear();
    return fail(make_error(Reason::kValueTooLarge,
                           "the message has " + std::to_string(size) +
                               " bytes, and 1 MiB is the most; a value has at most 768 KiB"));
  }
  if (!dispatcher_.arrived(*this, size)) {
    fail(make_error(Reason::kLimit,
                    "too many calls of this program wait for an answer; wait for some of them"));
  }
}

void Call::serve() {
  if (cancelled_ || peer_->closing()) return fail(absl::CancelledError("the client gave up"));
  if (context_.deadline() < std::chrono::system_clock::now()) {
    return fail(absl::DeadlineExceededError("the deadline passed before the call was served"));
  }
  if (!std::exchange(read_, true) && !read_request()) {
    return fail(make_error(Reason::kInvalidArgument,
                           "the request cannot be read: a text in it is not UTF-8, or it is not "
                           "a message of tacit.v1"));
  }
  run();
}

void Call::done(bool) {
  --tags_out_;
  if (!finished_ && context_.IsCancelled()) {
    cancelled_ = true;
    if (on_cancel_) std::exchange(on_cancel_, nullptr)();
    if (!finished_) cancel_noticed();
  }
  delete_if_over();
}

std::shared_ptr<void> Call::keep_for_reply(std::size_t bytes) {
  const unsigned epoch = dispatcher_.peers().reply_leaves(*peer_, bytes);
  return {this,
          [this, epoch, bytes](void*) { dispatcher_.peers().reply_left(*peer_, epoch, bytes); }};
}

void Call::sending(std::size_t bytes) {
  ++tags_out_;
  unsent_bytes_ = bytes;
  if (peer_ != nullptr) lock_epoch_ = dispatcher_.peers().reply_leaves(*peer_, bytes);
}

void Call::sent() {
  --tags_out_;
  if (peer_ != nullptr) dispatcher_.peers().reply_left(*peer_, lock_epoch_, unsent_bytes_);
}

void Call::delete_if_over() {
  if (!finished_ || tags_out_ != 0) return;
  if (peer_ != nullptr) dispatcher_.peers().call_over(*peer_);
  Dispatcher& dispatcher = dispatcher_;
  delete this;
  dispatcher.call_ended();
}

grpc::Status Call::to_grpc(const absl::Status& status) {
  // The transport's own endings carry no reason: clients know them by their code.
  const bool of_transport =
      absl::IsUnavailable(status) || absl::IsCancelled(status) || absl::IsDeadlineExceeded(status);
  if (!of_transport) {
    context_.AddTrailingMetadata(kReasonKey, std::string(reason_name(reason_of(status))));
  }
  std::string message(status.message());
  if (message.size() > kMaxMessageBytes) message.resize(kMaxMessageBytes);
  return {static_cast<grpc::StatusCode>(status.code()), std::move(message)};
}

}  // namespace tacit
