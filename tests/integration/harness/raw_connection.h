// Sockets without gRPC: silent clients, squatters, and calls written as bytes so that a client can
// die at any point of one.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

namespace tacit::test {

/// One connected stream socket; move-only.
class RawConnection {
 public:
  /// Throws std::system_error if nobody accepts.
  explicit RawConnection(const std::filesystem::path& socket);
  RawConnection(RawConnection&& other) noexcept;
  RawConnection& operator=(RawConnection&& other) noexcept;
  ~RawConnection();

  /// False if the other end has closed.
  bool send(const std::string& bytes);
  /// The other end reads the end of what was sent (shutdown(2)).
  void end_sending();
  /// Reads and drops what comes until the other end closes (true) or so much time has passed.
  bool closed_within(std::chrono::milliseconds longest);
  /// Reads until the answer to the call on stream 1 has ended (its trailers); false if the
  /// connection ends before.
  bool answered_within(std::chrono::milliseconds longest);
  /// What comes until the other end closes, or until nothing has come for `quiet`.
  std::string receive(std::chrono::milliseconds quiet);
  /// `receive` or `closed_within` has met the other end's close.
  bool ended() const { return ended_; }
  void close();

 private:
  int fd_ = -1;
  bool ended_ = false;
};

/// Listens at a path that is to be the daemon's, and answers nothing.
class RawListener {
 public:
  explicit RawListener(const std::filesystem::path& socket);
  ~RawListener();
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

// HTTP/2 as bytes (RFC 9113).
inline const std::string kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
std::string http2_frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                        const std::string& payload);
/// The header block of a gRPC call, as HPACK literals without index (RFC 7541, 6.2.2).
std::string grpc_headers(const std::string& path);
/// A message with gRPC's prefix: not compressed, and its length.
std::string grpc_message(const std::string& message);

/// The bytes of a whole gRPC call on stream 1 of a new HTTP/2 connection: preface, SETTINGS,
/// HEADERS and one DATA frame with `message`, at most 16,000 bytes.
std::string grpc_call(const std::string& path, const std::string& message);

/// Bytes as an argument of tacit_test_peer, and back.
std::string to_hex(const std::string& bytes);
std::string from_hex(const std::string& text);

}  // namespace tacit::test
