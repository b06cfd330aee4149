#include "cli/token/oauth/subject_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cli/token/oauth/json_answer.h"  // kMostTokenBytes
#include "client/cpp/base/file_descriptor.h"
#include "client/cpp/terminal/display_text.h"
#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::oauth {
namespace {

bool blank(unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

Result<SecretBytes> read_subject(const std::string& path) {
  const auto wrong = [&](const std::string& what) {
    return Error{Reason::kIoError, "the identity token's file " + visible(path) + " " + what};
  };
  // What is no ordinary file must not keep us waiting.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) != 0) {
    return wrong(std::string("cannot be read: ") + std::strerror(errno));
  }
  if (!S_ISREG(facts.st_mode)) return wrong("is no ordinary file");
  SecretBuffer content;
  for (;;) {
    const auto room = content.reserve(4096);
    const ssize_t count = ::read(file.get(), room.data(), room.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return wrong(std::string("cannot be read: ") + std::strerror(errno));
    if (count == 0) break;
    content.commit(static_cast<std::size_t>(count));
    if (content.size() > kMostTokenBytes) return wrong("is too large for a token");
  }
  auto text = content.bytes();
  while (!text.empty() && blank(text.front())) text = text.subspan(1);
  while (!text.empty() && blank(text.back())) text = text.first(text.size() - 1);
  if (text.empty()) return wrong("is empty");
  const auto odd = [](unsigned char c) { return c < 0x20 || c > 0x7e; };
  if (std::ranges::any_of(text, odd)) return wrong("holds no token");
  return SecretBytes::copy_of(text);
}

}  // namespace tacit::oauth
