#include "tests/integration/harness/raw_connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace tacit::test {
namespace {

using Clock = std::chrono::steady_clock;

sockaddr_un address_of(const std::filesystem::path& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = socket;
  if (path.size() >= sizeof address.sun_path) throw std::invalid_argument(path);
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

[[noreturn]] void fail(int fd, const std::string& what) {
  const int error = errno;
  if (fd >= 0) ::close(fd);
  throw std::system_error(error, std::generic_category(), what);
}

/// Waits for bytes; false when the time has come first.
bool readable(int fd, Clock::time_point end) {
  pollfd wanted{fd, POLLIN, 0};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    const int ready = poll(&wanted, 1, left > 0 ? static_cast<int>(left) : 0);
    // libFuzzer's clock is a signal.
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

}  // namespace

RawConnection::RawConnection(const std::filesystem::path& socket) {
  fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(socket);
  if (fd_ < 0 || connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail(fd_, "connect " + socket.string());
  }
}

RawConnection::RawConnection(RawConnection&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), ended_(other.ended_) {}

RawConnection& RawConnection::operator=(RawConnection&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
    ended_ = other.ended_;
  }
  return *this;
}

RawConnection::~RawConnection() { close(); }

void RawConnection::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

bool RawConnection::send(const std::string& bytes) {
  return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

void RawConnection::end_sending() { ::shutdown(fd_, SHUT_WR); }

bool RawConnection::closed_within(std::chrono::milliseconds longest) {
  const auto end = Clock::now() + longest;
  char dropped[4096];
  while (readable(fd_, end)) {
    if (recv(fd_, dropped, sizeof dropped, 0) <= 0) return ended_ = true;
  }
  return false;
}

std::string RawConnection::receive(std::chrono::milliseconds quiet) {
  std::string bytes;
  char part[4096];
  while (readable(fd_, Clock::now() + quiet)) {
    const ssize_t got = recv(fd_, part, sizeof part, 0);
    if (got <= 0) {
      ended_ = true;
      break;
    }
    bytes.append(part, static_cast<std::size_t>(got));
  }
  return bytes;
}

bool RawConnection::answered_within(std::chrono::milliseconds longest) {
  constexpr unsigned char kHeaders = 1;
  constexpr unsigned char kEndStream = 1;
  const auto end = Clock::now() + longest;
  std::string bytes;
  char part[4096];
  while (readable(fd_, end)) {
    const ssize_t got = recv(fd_, part, sizeof part, 0);
    if (got <= 0) return false;
    bytes.append(part, static_cast<std::size_t>(got));
    while (bytes.size() >= 9) {
      const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
      const std::size_t length = std::size_t{at(0)} << 16 | std::size_t{at(1)} << 8 | at(2);
      if (bytes.size() < 9 + length) break;
      if (at(3) == kHeaders && (at(4) & kEndStream) != 0) return true;
      bytes.erase(0, 9 + length);
    }
  }
  return false;
}

RawListener::RawListener(const std::filesystem::path& socket) {
  fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(socket);
  if (fd_ < 0 || bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd_, 16) != 0) {
    fail(fd_, "listen " + socket.string());
  }
}

RawListener::~RawListener() { ::close(fd_); }

std::string http2_frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                        const std::string& payload) {
  std::string bytes;
  for (int shift = 16; shift >= 0; shift -= 8) bytes += static_cast<char>(payload.size() >> shift);
  bytes += static_cast<char>(type);
  bytes += static_cast<char>(flags);
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(stream >> shift);
  return bytes + payload;
}

std::string grpc_headers(const std::string& path) {
  const auto field = [](const std::string& name, const std::string& value) {
    return std::string(1, '\0') + static_cast<char>(name.size()) + name +
           static_cast<char>(value.size()) + value;
  };
  return field(":method", "POST") + field(":scheme", "http") + field(":path", path) +
         field(":authority", "localhost") + field("content-type", "application/grpc") +
         field("te", "trailers");
}

std::string grpc_message(const std::string& message) {
  std::string bytes(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(message.size() >> shift);
  return bytes + message;
}

std::string grpc_call(const std::string& path, const std::string& message) {
  constexpr unsigned char kData = 0, kHeaders = 1, kSettings = 4;
  constexpr unsigned char kEndStream = 1, kEndHeaders = 4;
  if (message.size() > 16'000) throw std::invalid_argument("one frame only");
  return kHttp2Preface + http2_frame(kSettings, 0, 0, "") +
         http2_frame(kHeaders, kEndHeaders, 1, grpc_headers(path)) +
         http2_frame(kData, kEndStream, 1, grpc_message(message));
}

std::string to_hex(const std::string& bytes) {
  std::string text;
  for (const unsigned char byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string from_hex(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

}  // namespace tacit::test
