#include "cli/project/id_line.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "cli/project/replace_file.h"
#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/display_text.h"
#include "tacit/projects.h"

namespace tacit::cli {
namespace {

constexpr std::size_t kMaxFileBytes = 1024 * 1024;  // as find_project reads

Result<std::string> new_id() {
  std::array<unsigned char, 16> bytes;
  if (::getentropy(bytes.data(), bytes.size()) != 0) {
    return Error{Reason::kIoError,
                 std::string("the system gives no random bytes: ") + std::strerror(errno)};
  }
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHex[bytes[i] >> 4];
    text += kHex[bytes[i] & 15];
  }
  return text;
}

/// Held while the file is read and replaced. Where the file system has no such locks, two at once
/// may each write an id, of which the last one counts.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder)
      : fd_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    while (fd_ >= 0 && ::flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  int fd_;
};

/// The file itself where `.env` is a symbolic link within the folder.
Result<std::string> file_of(const std::string& folder) {
  const std::string path = (folder == "/" ? "" : folder) + "/.env";
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0 || !S_ISLNK(facts.st_mode)) return path;
  struct Free {
    void operator()(char* text) const { std::free(text); }
  };
  const std::unique_ptr<char, Free> real(::realpath(path.c_str(), nullptr));
  if (real && std::string_view(real.get()).starts_with(folder + "/")) {
    return std::string(real.get());
  }
  return Error{Reason::kInvalidArgument,
               visible(path) + " is a symbolic link " +
                   (real ? "to " + visible(real.get()) + ", outside the folder" : "to nothing") +
                   ", and is not followed; put a file in its place"};
}

Result<void> append(const std::string& file, const ReadFile* before, const std::string& line) {
  std::vector<std::span<const unsigned char>> parts;
  if (before != nullptr) {
    const auto content = before->content.bytes();
    parts.push_back(content);
    if (!content.empty() && content.back() != '\n') parts.push_back(as_bytes("\n"));
  }
  parts.push_back(as_bytes(line));
  return replace_file(file, parts, before == nullptr ? nullptr : &before->facts);
}

}  // namespace

Result<IdLine> ensure_project_id(const std::string& folder, const std::string& id) {
  const auto place = find_folder(folder);
  if (!place.ok()) return place.error();
  const FolderLock lock(place->path);
  const auto file = file_of(place->path);
  if (!file.ok()) return file.error();
  const auto before = read_regular(*file, kMaxFileBytes);
  if (!before.ok()) return before.error();
  const auto content = *before ? (*before)->content.bytes() : std::span<const unsigned char>();
  auto found =
      parse_project_id({reinterpret_cast<const char*>(content.data()), content.size()}, *file);
  if (!found.ok()) return found.error();
  if (*found) {
    if (!id.empty() && (*found)->text != id) {
      return Error{Reason::kAlreadyExists, visible(*file) + ":" + std::to_string((*found)->line) +
                                               ": this folder is the project " + (*found)->text +
                                               "; take that line away to make it another"};
    }
    return IdLine{{(*found)->text, place->path, *file, (*found)->line}, false};
  }
  const auto wanted = id.empty() ? new_id() : Result<std::string>(id);
  if (!wanted.ok()) return wanted.error();
  const std::string line = "USER_SECRETS_ID=" + *wanted + "\n";
  if (auto written = append(*file, *before ? &**before : nullptr, line); !written) {
    return written.error();
  }
  // As everybody else will find it.
  auto link = find_project(place->path);
  if (!link.ok()) return link.error();
  if (*link && (*link)->folder == place->path) return IdLine{std::move(**link), true};
  return Error{Reason::kIoError,
               "the project's id was written to " + visible(*file) + " and does not stand there"};
}

}  // namespace tacit::cli
