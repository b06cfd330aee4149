#include "tests/unit/cli/oauth/web_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace tacit::testing {
namespace {

int hex_digit(char c) { return c <= '9' ? c - '0' : (c | 32) - 'a' + 10; }

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(16 * hex_digit(text[i + 1]) + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::map<std::string, std::string> fields(std::string_view body) {
  std::map<std::string, std::string> out;
  while (!body.empty()) {
    const std::string_view pair = body.substr(0, body.find('&'));
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos) {
      out[decoded(pair.substr(0, equals))] = decoded(pair.substr(equals + 1));
    }
    body.remove_prefix(std::min(body.size(), pair.size() + 1));
  }
  return out;
}

/// False: the client closed before all of it came.
bool read_request(int fd, WebRequest& out) {
  std::string seen;
  std::size_t end = 0;
  char part[4096];
  while ((end = seen.find("\r\n\r\n")) == std::string::npos) {
    const ssize_t count = ::read(fd, part, sizeof(part));
    if (count <= 0) return false;
    seen.append(part, static_cast<std::size_t>(count));
  }
  std::string head = seen.substr(0, end + 2);
  const auto first = head.find(' ');
  out.method = head.substr(0, first);
  out.path = head.substr(first + 1, head.find(' ', first + 1) - first - 1);
  for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
    const std::string line = head.substr(at, head.find("\r\n", at) - at);
    at += line.size() + 2;
    std::string name = line.substr(0, line.find(':'));
    std::ranges::transform(name, name.begin(),
                           [](char c) { return static_cast<char>(tolower(c)); });
    out.headers[name] = line.substr(std::min(line.size(), name.size() + 2));
  }
  out.body = seen.substr(end + 4);
  const std::size_t length =
      out.headers.count("content-length") != 0 ? std::stoul(out.headers["content-length"]) : 0;
  while (out.body.size() < length) {
    const ssize_t count = ::read(fd, part, sizeof(part));
    if (count <= 0) return false;
    out.body.append(part, static_cast<std::size_t>(count));
  }
  out.form = fields(out.body);
  out.when = std::chrono::steady_clock::now();
  return true;
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

std::string web_answer(int status, std::string_view body, std::string_view more_headers) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: application/json\r\n" +
         "Content-Length: " + std::to_string(body.size()) + "\r\n" + std::string(more_headers) +
         "\r\n" + std::string(body);
}

WebServer::WebServer(std::vector<Handler> handlers) : handlers_(std::move(handlers)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("cannot listen on the loopback");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

WebServer::WebServer(std::vector<std::pair<int, std::string>> answers)
    : WebServer([&] {
        std::vector<Handler> handlers;
        for (auto& [status, body] : answers) {
          handlers.push_back(
              [bytes = web_answer(status, body)](const WebRequest&) { return bytes; });
        }
        return handlers;
      }()) {}

WebServer::~WebServer() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

std::string WebServer::url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

std::vector<WebRequest> WebServer::seen() const {
  const std::scoped_lock lock(mutex_);
  return seen_;
}

void WebServer::serve() {
  std::size_t count = 0;
  for (int fd = 0; (fd = ::accept(listener_, nullptr, nullptr)) >= 0;) {
    WebRequest request;
    if (read_request(fd, request)) {
      {
        const std::scoped_lock lock(mutex_);
        seen_.push_back(request);
      }
      send_all(fd, handlers_[std::min(count++, handlers_.size() - 1)](request));
    }
    ::close(fd);
  }
}

}  // namespace tacit::testing
