#include "cli/token/oauth/http.h"

#include <curl/curl.h>
#include <malloc.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <string_view>

#include "cli/token/oauth/address.h"
#include "client/cpp/terminal/display_text.h"
#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::oauth {
namespace {

void wipe_and_free(void* block) {
  if (block != nullptr) wipe(block, ::malloc_usable_size(block));
  std::free(block);
}

/// realloc(3) would leave what it moved away from.
void* wiping_realloc(void* block, std::size_t size) {
  if (block == nullptr) return std::malloc(size);
  const std::size_t before = ::malloc_usable_size(block);
  if (size != 0 && size <= before) return block;
  void* const larger = std::malloc(size);
  if (larger == nullptr) return nullptr;
  std::memcpy(larger, block, std::min(before, size));
  wipe_and_free(block);
  return larger;
}

char* copy_text(const char* text) {
  const std::size_t size = std::strlen(text) + 1;
  void* const copy = std::malloc(size);
  return copy == nullptr ? nullptr : static_cast<char*>(std::memcpy(copy, text, size));
}

void start_library() {
  // Once for the process, before its first use.
  static const CURLcode started = curl_global_init_mem(
      CURL_GLOBAL_DEFAULT, std::malloc, wipe_and_free, wiping_realloc, copy_text, std::calloc);
  if (started != CURLE_OK) throw std::bad_alloc();
}

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using Multi = std::unique_ptr<CURLM, FreeMulti>;
using List = std::unique_ptr<curl_slist, FreeList>;

/// What the library's callbacks are given.
struct Progress {
  SecretBuffer body;
  bool too_large = false;
  bool may_have_sent = false;
};

std::size_t take_body(char* bytes, std::size_t one, std::size_t count, void* to) {
  auto& progress = *static_cast<Progress*>(to);
  const std::size_t size = one * count;
  progress.too_large = progress.body.size() + size > kMostAnswerBytes;
  if (progress.too_large) return 0;
  progress.body.append(std::string_view(bytes, size));
  return size;
}

int about_to_send(void* to, char*, char*, int, int) {
  static_cast<Progress*>(to)->may_have_sent = true;
  return CURL_PREREQFUNC_OK;
}

void add_line(List& list, const char* line) {
  curl_slist* const longer = curl_slist_append(list.get(), line);
  if (longer == nullptr) throw std::bad_alloc();
  (void)list.release();
  list.reset(longer);
}

List header_lines(std::span<const unsigned char> authorization) {
  List lines;
  add_line(lines, "Accept: application/json");
  // No wait for a `100 Continue` that a small body does not need.
  add_line(lines, "Expect:");
  if (!authorization.empty()) {
    SecretBuffer line;
    line.append("Authorization: ");
    line.append(authorization);
    line.append('\0');
    add_line(lines, reinterpret_cast<const char*>(line.bytes().data()));
  }
  return lines;
}

HttpTrouble::Kind kind_of(CURLcode code, const Progress& progress) {
  if (progress.too_large || code == CURLE_FILESIZE_EXCEEDED) return HttpTrouble::Kind::kTooLarge;
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return HttpTrouble::Kind::kTimeout;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CONNECT_ERROR:
      return HttpTrouble::Kind::kNotTrusted;
    default:
      return HttpTrouble::Kind::kNoAnswer;
  }
}

std::string words(HttpTrouble::Kind kind, CURLcode code, bool reached, const std::string& host,
                  const std::string& ca_file) {
  // The library's text for the code, which quotes nothing of the request.
  const std::string why = std::string(" (") + curl_easy_strerror(code) + ")";
  switch (kind) {
    case HttpTrouble::Kind::kTooLarge:
      return host + " answered with more than 1 MiB, which no token is; check the address";
    case HttpTrouble::Kind::kTimeout:
      return host + " did not answer in time";
    case HttpTrouble::Kind::kNotTrusted:
      return host + " could not be verified" + why +
             (ca_file.empty() ? "; if it has an authority of its own, give its file with --ca-file"
                              : "; is " + visible(ca_file) + " its authority's file?");
    case HttpTrouble::Kind::kBrokenOff:
      return "broken off";
    default:
      return (reached ? "no whole answer came from " : "cannot reach ") + host + why;
  }
}

class Request {
 public:
  Request(const std::string& url, const std::string& ca_file, Http::Limits limits)
      : easy_(curl_easy_init()), multi_(curl_multi_init()) {
    if (easy_ == nullptr || multi_ == nullptr) throw std::bad_alloc();
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_FRESH_CONNECT, 1L);
    set(CURLOPT_FORBID_REUSE, 1L);
    set(CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total.count()));
    set(CURLOPT_USERAGENT, "tacit-renew");
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(kMostAnswerBytes));
    set(CURLOPT_WRITEFUNCTION, take_body);
    set(CURLOPT_WRITEDATA, &progress_);
    set(CURLOPT_PREREQFUNCTION, about_to_send);
    set(CURLOPT_PREREQDATA, &progress_);
    if (!ca_file.empty()) {
      set(CURLOPT_CAINFO, ca_file.c_str());
      set(CURLOPT_CAPATH, nullptr);
    }
  }

  /// A proxy would get the secrets of plain http, and its loopback is not ours.
  void go_straight() { set(CURLOPT_PROXY, ""); }
  void add_headers(std::span<const unsigned char> authorization) {
    lines_ = header_lines(authorization);
    set(CURLOPT_HTTPHEADER, lines_.get());
    set(CURLOPT_HEADEROPT, long{CURLHEADER_SEPARATE});
  }
  void add_form(std::span<const unsigned char> form) {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(form.size()));
    set(CURLOPT_POSTFIELDS, form.empty() ? "" : reinterpret_cast<const char*>(form.data()));
  }

  /// None: it was broken off.
  std::optional<CURLcode> perform(const BreakOff* break_off) {
    if (curl_multi_add_handle(multi_.get(), easy_.get()) != CURLM_OK) throw std::bad_alloc();
    const auto done = follow(break_off);
    curl_multi_remove_handle(multi_.get(), easy_.get());
    return done;
  }

  Progress& progress() { return progress_; }
  long status() const {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

 private:
  template <class T>
  void set(CURLoption option, T value) {
    // An option that this library does not know would be a promise that is not kept.
    if (curl_easy_setopt(easy_.get(), option, value) != CURLE_OK) throw std::bad_alloc();
  }

  std::optional<CURLcode> follow(const BreakOff* break_off) {
    for (int running = 1;;) {
      if (curl_multi_perform(multi_.get(), &running) != CURLM_OK) return CURLE_FAILED_INIT;
      int left = 0;
      if (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left);
          message != nullptr && message->msg == CURLMSG_DONE) {
        return message->data.result;
      }
      if (running == 0) return CURLE_FAILED_INIT;
      if (break_off != nullptr && break_off->came()) return {};
      curl_waitfd extra{};
      if (break_off != nullptr) extra = {break_off->stop_fd(), CURL_WAIT_POLLIN, 0};
      curl_multi_poll(multi_.get(), &extra, break_off != nullptr ? 1 : 0, kLongestWaitMs, nullptr);
    }
  }

  /// The end of a pipe's reader is looked for so often.
  static constexpr int kLongestWaitMs = 500;

  Progress progress_;
  List lines_;
  Easy easy_;
  Multi multi_;
};

HttpOutcome run(Request& request, const std::string& host, const std::string& ca_file,
                const BreakOff* break_off) {
  const auto code = request.perform(break_off);
  if (code == CURLE_OK) return HttpAnswer{request.status(), request.progress().body.take()};
  HttpTrouble out;
  out.may_have_sent = request.progress().may_have_sent;
  out.kind = code ? kind_of(*code, request.progress()) : HttpTrouble::Kind::kBrokenOff;
  out.message = words(out.kind, code.value_or(CURLE_OK), out.may_have_sent, host, ca_file);
  return out;
}

}  // namespace

Http::Http(std::string ca_file, const BreakOff* break_off, Limits limits)
    : ca_file_(std::move(ca_file)), break_off_(break_off), limits_(limits) {
  start_library();
}

HttpOutcome Http::get(const std::string& url, std::span<const unsigned char> authorization) const {
  const auto address = parse_address(url);
  if (!address) return HttpTrouble{HttpTrouble::Kind::kRefused, false, address.error().message};
  Request request(url, ca_file_, limits_);
  if (address->loopback) request.go_straight();
  request.add_headers(authorization);
  return run(request, visible(address->host), ca_file_, break_off_);
}

HttpOutcome Http::post(const std::string& url, std::span<const unsigned char> form,
                       std::span<const unsigned char> authorization, bool may_break_off) const {
  const auto address = parse_address(url);
  if (!address) return HttpTrouble{HttpTrouble::Kind::kRefused, false, address.error().message};
  Request request(url, ca_file_, limits_);
  if (address->loopback) request.go_straight();
  request.add_headers(authorization);
  request.add_form(form);
  return run(request, visible(address->host), ca_file_, may_break_off ? break_off_ : nullptr);
}

SecretBytes basic_authorization(std::span<const unsigned char> user,
                                std::span<const unsigned char> password) {
  SecretBuffer both;
  both.append(user);
  both.append(':');
  both.append(password);
  const std::size_t size =
      sodium_base64_encoded_len(both.size(), sodium_base64_VARIANT_ORIGINAL);  // with its NUL
  SecretBytes encoded(size);
  sodium_bin2base64(reinterpret_cast<char*>(encoded.writable().data()), size, both.bytes().data(),
                    both.size(), sodium_base64_VARIANT_ORIGINAL);
  SecretBuffer line;
  line.append("Basic ");
  line.append(encoded.bytes().first(size - 1));
  return line.take();
}

}  // namespace tacit::oauth
