#include "cli/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cli/output.h"
#include "cli/wiped_folder.h"

namespace tacit::cli {
namespace {

Error io_error(const char* doing, const std::string& path) {
  return {Reason::kIoError, std::string(doing) + " " + path + ": " + std::strerror(errno)};
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

}  // namespace

PrivateFile::~PrivateFile() {
  if (fd_ < 0) return;
  wipe_file(fd_, size_);
  ::close(fd_);
  ::unlink(written_.c_str());
}

Result<void> PrivateFile::write(std::span<const unsigned char> content, unsigned mode) {
  written_ = folder_of(path_) + "/.tacit-XXXXXX";
  fd_ = ::mkostemp(written_.data(), O_CLOEXEC);
  if (fd_ < 0) return io_error("cannot create a file in", folder_of(path_));
  size_ = content.size();
  if (::fchmod(fd_, mode) != 0) return io_error("cannot protect", written_);
  return write_all(fd_, content, path_);
}

Result<void> PrivateFile::publish(bool replace) {
  if (::fsync(fd_) != 0) return io_error("cannot sync", path_);
  if (replace) {
    if (::rename(written_.c_str(), path_.c_str()) != 0) return io_error("cannot replace", path_);
  } else {
    int done = ::renameat2(AT_FDCWD, written_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE);
    if (done != 0 && (errno == EINVAL || errno == ENOSYS)) {  // not on every file system
      done = ::link(written_.c_str(), path_.c_str());
      if (done == 0) ::unlink(written_.c_str());
    }
    if (done != 0 && errno == EEXIST) {
      return Error{Reason::kAlreadyExists, path_ + " exists already and was left as it is"};
    }
    if (done != 0) return io_error("cannot create", path_);
  }
  ::close(fd_);
  fd_ = -1;
  return {};
}

}  // namespace tacit::cli
