#include "client/cpp/channel/connection_callbacks.h"

#include <algorithm>
#include <new>

namespace tacit {
namespace {

/// Framing that may wait for the socket; more than that stays inside nghttp2.
constexpr std::size_t kMaxOutput = 64 * 1024;
constexpr std::size_t kFrameHeader = 9;

std::string_view text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace

nghttp2_session* Connection::Callbacks::make_session(Connection& connection) {
  nghttp2_session_callbacks* raw = nullptr;
  if (nghttp2_session_callbacks_new(&raw) != 0) throw std::bad_alloc();
  const std::unique_ptr<nghttp2_session_callbacks, void (*)(nghttp2_session_callbacks*)> table(
      raw, nghttp2_session_callbacks_del);
  nghttp2_session_callbacks_set_send_callback(raw, send);
  nghttp2_session_callbacks_set_send_data_callback(raw, send_data);
  nghttp2_session_callbacks_set_on_header_callback(raw, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(raw, on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(raw, on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(raw, on_close);
  nghttp2_session* session = nullptr;
  if (nghttp2_session_client_new(&session, raw, &connection) != 0) throw std::bad_alloc();
  return session;
}

ssize_t Connection::Callbacks::read_request(nghttp2_session*, std::int32_t stream, std::uint8_t*,
                                            std::size_t limit, std::uint32_t* flags,
                                            nghttp2_data_source*, void* self) {
  const auto& connection = *static_cast<Connection*>(self);
  if (stream != connection.stream_) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  const std::size_t size = std::min(limit, connection.unsent_.size());
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (size == connection.unsent_.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(size);
}

ssize_t Connection::Callbacks::send(nghttp2_session*, const std::uint8_t* data, std::size_t size,
                                    int, void* self) try {
  auto& connection = *static_cast<Connection*>(self);
  // A piece of the message goes out behind the framing that is there now.
  if (!connection.piece_.empty() || connection.output_.size() >= kMaxOutput) {
    return NGHTTP2_ERR_WOULDBLOCK;
  }
  connection.output_.insert(connection.output_.end(), data, data + size);
  return static_cast<ssize_t>(size);
} catch (...) {
  return NGHTTP2_ERR_CALLBACK_FAILURE;
}

int Connection::Callbacks::send_data(nghttp2_session*, nghttp2_frame* frame,
                                     const std::uint8_t* frame_header, std::size_t size,
                                     nghttp2_data_source*, void* self) try {
  auto& connection = *static_cast<Connection*>(self);
  if (!connection.piece_.empty() || connection.output_.size() >= kMaxOutput) {
    return NGHTTP2_ERR_WOULDBLOCK;
  }
  // A frame of an abandoned call must not take the next call's bytes.
  if (frame->hd.stream_id != connection.stream_ || size > connection.unsent_.size())
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  connection.output_.insert(connection.output_.end(), frame_header, frame_header + kFrameHeader);
  connection.piece_ = connection.unsent_.first(size);
  connection.unsent_ = connection.unsent_.subspan(size);
  return 0;
} catch (...) {
  return NGHTTP2_ERR_CALLBACK_FAILURE;
}

int Connection::Callbacks::on_header(nghttp2_session*, const nghttp2_frame* frame,
                                     const std::uint8_t* name, std::size_t name_size,
                                     const std::uint8_t* value, std::size_t value_size,
                                     std::uint8_t, void* self) try {
  auto& connection = *static_cast<Connection*>(self);
  if (frame->hd.stream_id != connection.stream_) return 0;
  connection.status_.header(text(name, name_size), text(value, value_size),
                            (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0);
  return 0;
} catch (...) {
  return NGHTTP2_ERR_CALLBACK_FAILURE;
}

int Connection::Callbacks::on_data(nghttp2_session*, std::uint8_t, std::int32_t stream,
                                   const std::uint8_t* data, std::size_t size, void* self) try {
  auto& connection = *static_cast<Connection*>(self);
  // What is no gRPC answer is not kept, whatever its bytes say.
  if (stream == connection.stream_ && connection.status_.is_grpc()) {
    connection.reader_.feed({data, size});
  }
  return 0;
} catch (...) {
  return NGHTTP2_ERR_CALLBACK_FAILURE;
}

int Connection::Callbacks::on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
  auto& connection = *static_cast<Connection*>(self);
  if (frame->hd.type == NGHTTP2_GOAWAY) connection.going_away_ = true;
  const bool can_end = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
  if (can_end && frame->hd.stream_id == connection.stream_ &&
      (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
    connection.remote_done_ = true;
  }
  return 0;
}

int Connection::Callbacks::on_close(nghttp2_session*, std::int32_t stream, std::uint32_t code,
                                    void* self) {
  auto& connection = *static_cast<Connection*>(self);
  if (stream == connection.stream_) {
    connection.stream_closed_ = true;
    connection.reset_code_ = code;
  }
  return 0;
}

}  // namespace tacit
