// What nghttp2 calls while it reads and writes frames. No exception leaves these.
#pragma once
#include "client/cpp/channel/connection.h"

namespace tacit {

struct Connection::Callbacks {
  /// Throws std::bad_alloc.
  static nghttp2_session* make_session(Connection& connection);

  static ssize_t read_request(nghttp2_session*, std::int32_t stream, std::uint8_t*,
                              std::size_t limit, std::uint32_t* flags, nghttp2_data_source*,
                              void* self);

 private:
  static ssize_t send(nghttp2_session*, const std::uint8_t* data, std::size_t size, int,
                      void* self);
  static int send_data(nghttp2_session*, nghttp2_frame*, const std::uint8_t* frame_header,
                       std::size_t size, nghttp2_data_source*, void* self);
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                       std::uint8_t, void* self);
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* data,
                     std::size_t size, void* self);
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self);
  static int on_close(nghttp2_session*, std::int32_t stream, std::uint32_t code, void* self);
};

}  // namespace tacit
