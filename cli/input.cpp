#include "cli/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cli/output.h"
#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::cli {
namespace {

Error io_error(std::string_view doing, std::string_view what) {
  return {Reason::kIoError,
          std::string(doing) + " " + std::string(what) + ": " + std::strerror(errno)};
}

std::string size_text(std::size_t bytes) {
  return bytes % 1024 == 0 ? std::to_string(bytes / 1024) + " KiB"
                           : std::to_string(bytes) + " bytes";
}

}  // namespace

Result<SecretBytes> read_all(int fd, std::size_t limit, std::string_view what) {
  SecretBuffer buffer;
  for (;;) {
    constexpr std::size_t kPiece = 64 * 1024;
    // One byte more than the limit tells whether there is more.
    const auto room = buffer.reserve(std::min(kPiece, limit + 1 - buffer.size()));
    const ssize_t got = ::read(fd, room.data(), std::min(room.size(), limit + 1 - buffer.size()));
    if (got < 0) {
      if (errno == EINTR) continue;
      return io_error("cannot read", what);
    }
    if (got == 0) return buffer.take();
    buffer.commit(static_cast<std::size_t>(got));
    if (buffer.size() > limit) {
      return Error{Reason::kValueTooLarge, std::string(what) + " holds more than the " +
                                               size_text(limit) +
                                               " that are allowed; nothing was stored"};
    }
  }
}

Result<SecretBytes> read_file(const std::string& path, std::size_t limit) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return io_error("cannot open", path);
  auto content = read_all(fd, limit, path);
  ::close(fd);
  return content;
}

bool readable_by_others(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) &&
         (facts.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

void strip_newline(SecretBytes& bytes) noexcept {
  const auto content = bytes.bytes();
  if (!content.empty() && content.back() == '\n') bytes.truncate(content.size() - 1);
}

ReservedFile::~ReservedFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(path_.c_str());
}

Result<void> ReservedFile::create() {
  fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd_ >= 0) return {};
  if (errno == EEXIST) {
    return Error{Reason::kAlreadyExists,
                 path_ + " exists already and is never overwritten; name another file"};
  }
  return io_error("cannot create", path_);
}

Result<void> ReservedFile::append(std::span<const unsigned char> bytes) {
  return write_all(fd_, bytes, path_);
}

Result<void> ReservedFile::keep() {
  if (::fsync(fd_) != 0) return io_error("cannot sync", path_);
  if (::close(std::exchange(fd_, -1)) != 0) {
    const Error error = io_error("cannot close", path_);
    ::unlink(path_.c_str());
    return error;
  }
  return {};
}

Result<void> ReservedFile::fill(const SecretBytes& content) {
  auto written = append(content.bytes());
  return written.ok() ? keep() : written;
}

Result<void> ReservedFile::fill_line(const SecretBytes& text) {
  constexpr unsigned char kNewline[] = {'\n'};
  auto written = append(text.bytes());
  if (written.ok()) written = append(kNewline);
  return written.ok() ? keep() : written;
}

}  // namespace tacit::cli
