// A small HTTP server on the loopback: what a test wants, byte for byte, and what was asked.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tacit::testing {

struct WebRequest {
  std::string method;
  std::string path;
  std::map<std::string, std::string> headers;  ///< names in small letters
  std::string body;
  std::map<std::string, std::string> form;  ///< the body's fields, decoded
  std::chrono::steady_clock::time_point when;
};

std::string web_answer(int status, std::string_view body, std::string_view more_headers = "");

/// The n-th request is answered by the n-th handler, later ones by the last. A handler returns the
/// answer's bytes; after them the connection is closed.
class WebServer {
 public:
  using Handler = std::function<std::string(const WebRequest&)>;

  explicit WebServer(std::vector<Handler> handlers);
  /// The same bodies with a status each.
  explicit WebServer(std::vector<std::pair<int, std::string>> answers);
  ~WebServer();

  /// `http://127.0.0.1:PORT`.
  std::string url(std::string_view path = "") const;
  std::vector<WebRequest> seen() const;

 private:
  void serve();

  int listener_ = -1;
  int port_ = 0;
  std::vector<Handler> handlers_;
  mutable std::mutex mutex_;
  std::vector<WebRequest> seen_;
  std::thread thread_;
};

}  // namespace tacit::testing
