// A server that says whatever bytes a test wants, and helpers to make HTTP/2 frames (RFC 9113).
#pragma once
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace tacit::testing {

inline int listen_on_path(const std::string& path, int backlog) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      (backlog >= 0 && ::listen(fd, backlog) != 0)) {
    throw std::runtime_error("cannot listen on " + path);
  }
  return fd;
}

enum FrameType {
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kPush = 5,
  kPing = 6,
  kGoaway = 7,
  kWindow = 8,
  kContinuation = 9
};
inline constexpr int kEndStream = 1;
inline constexpr int kEndHeaders = 4;

inline std::string number(std::uint32_t value, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
  return out;
}

inline std::string frame(int type, int flags, std::uint32_t stream, std::string_view payload) {
  return number(static_cast<std::uint32_t>(payload.size()), 3) + static_cast<char>(type) +
         static_cast<char>(flags) + number(stream, 4) + std::string(payload);
}

using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// HPACK, each field a literal without indexing and without Huffman coding (RFC 7541, 6.2.2).
inline std::string block(Fields fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    out += '\0';
    out += static_cast<char>(name.size());
    out += name;
    out += static_cast<char>(value.size());
    out += value;
  }
  return out;
}

inline std::string headers(Fields fields, int more_flags = 0) {
  return frame(kHeaders, kEndHeaders | more_flags, 1, block(fields));
}
inline std::string grpc_headers() {
  return headers({{":status", "200"}, {"content-type", "application/grpc"}});
}
inline std::string message(std::string_view bytes) {
  return std::string(1, '\0') + number(static_cast<std::uint32_t>(bytes.size()), 4) +
         std::string(bytes);
}
inline std::string data_frame(std::string_view payload, int flags = 0) {
  return frame(kData, flags, 1, payload);
}
inline std::string settings() { return frame(kSettings, 0, 0, ""); }
/// A whole good answer to the first call of a connection.
inline std::string good_answer(std::string_view reply = "") {
  return settings() + grpc_headers() + data_frame(message(reply)) +
         headers({{"grpc-status", "0"}}, kEndStream);
}

/// Reads the client's preface and frames until its first request is whole; false at an early end.
inline bool read_request(int fd) {
  std::string seen;
  std::size_t at = 24;
  char part[4096];
  while (true) {
    while (seen.size() >= at + 9) {
      const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(seen[at + i]); };
      const std::size_t length = std::size_t{byte(0)} << 16 | byte(1) << 8 | byte(2);
      if (seen.size() < at + 9 + length) break;
      if (byte(3) == kData && (byte(4) & kEndStream) != 0) return true;
      at += 9 + length;
    }
    const ssize_t count = ::read(fd, part, sizeof(part));
    if (count <= 0) return false;
    seen.append(part, static_cast<std::size_t>(count));
  }
}

inline void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

/// Until the client closes its side.
inline void read_to_end(int fd) {
  char part[4096];
  while (::read(fd, part, sizeof(part)) > 0) {
  }
}

/// Serves one connection after the other on a thread: the n-th by the n-th handler, later ones by
/// the last. Closes each connection when its handler returns.
class RawServer {
 public:
  using Handler = std::function<void(int fd)>;

  RawServer(const std::string& path, std::vector<Handler> handlers)
      : listener_(listen_on_path(path, 16)), handlers_(std::move(handlers)) {
    thread_ = std::thread([this] { serve(); });
  }
  ~RawServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::size_t connections() const { return connections_; }
  /// Returns when the server has closed so many connections.
  void wait_closed(std::size_t count) const {
    for (std::size_t seen = closed_; seen < count; seen = closed_) closed_.wait(seen);
  }

 private:
  void serve() {
    for (int fd = 0; (fd = ::accept(listener_, nullptr, nullptr)) >= 0;) {
      const std::size_t index = connections_++;
      handlers_[std::min(index, handlers_.size() - 1)](fd);
      ::close(fd);
      ++closed_;
      closed_.notify_all();
    }
  }

  int listener_;
  std::vector<Handler> handlers_;
  std::atomic<std::size_t> connections_{0};
  std::atomic<std::size_t> closed_{0};
  std::thread thread_;
};

/// Waits for the request, then says `bytes` and waits for the client's end.
inline RawServer::Handler answering(std::string bytes) {
  return [bytes = std::move(bytes)](int fd) {
    if (!read_request(fd)) return;
    send_all(fd, bytes);
    read_to_end(fd);
  };
}
/// The same, but closes at once.
inline RawServer::Handler answering_and_closing(std::string bytes) {
  return [bytes = std::move(bytes)](int fd) {
    if (read_request(fd)) send_all(fd, bytes);
  };
}

}  // namespace tacit::testing
