#include "cli/project/id_line.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
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

std::string parent_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return slash == 0 ? "/" : file.substr(0, slash);
}

/// Before the daemon is asked: what it had agreed to could not be carried out.
Result<void> check_writable(const std::string& file) {
  if (::access(parent_of(file).c_str(), W_OK) == 0) return {};
  return Error{Reason::kIoError, "cannot write " + visible(file) + ": " + std::strerror(errno)};
}

Result<void> check_believed(const std::string& folder, const struct stat& file) {
  struct stat link {};
  if (::lstat(((folder == "/" ? "" : folder) + "/.env").c_str(), &link) != 0) link = file;
  const auto why = why_not_believed(link, file);
  if (!why) return {};
  return Error{Reason::kPermissions,
               visible(folder) + "/.env " + *why +
                   ", and is not taken for a project's; make it your own, writable by you alone"};
}

}  // namespace

struct PlannedId::Parts {
  explicit Parts(const std::string& folder) : lock(folder) {}

  FolderLock lock;
  ProjectLink link;
  bool there = false;
  std::optional<ReadFile> before;  ///< none: there is no file
};

PlannedId::PlannedId(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PlannedId::PlannedId(PlannedId&&) noexcept = default;
PlannedId::~PlannedId() = default;

const ProjectLink& PlannedId::link() const { return parts_->link; }
bool PlannedId::there() const { return parts_->there; }

void PlannedId::use(const std::string& id) {
  if (!parts_->there) parts_->link.id = id;
}

Result<void> PlannedId::write() {
  if (parts_->there) return {};
  const std::string line = "USER_SECRETS_ID=" + parts_->link.id + "\n";
  std::vector<std::span<const unsigned char>> all;
  const std::optional<ReadFile>& before = parts_->before;
  if (before) {
    const auto content = before->content.bytes();
    all.push_back(content);
    if (!content.empty() && content.back() != '\n') all.push_back(as_bytes("\n"));
  }
  all.push_back(as_bytes(line));
  auto written = replace_file(parts_->link.file, all, before ? &before->facts : nullptr);
  parts_->there = written.ok();
  return written;
}

Result<PlannedId> plan_project_id(const std::string& folder) {
  const auto place = find_folder(folder);
  if (!place.ok()) return place.error();
  auto parts = std::make_unique<PlannedId::Parts>(place->path);
  const auto file = file_of(place->path);
  if (!file.ok()) return file.error();
  auto before = read_regular(*file, kMaxFileBytes);
  if (!before.ok()) return before.error();
  const auto content = *before ? (*before)->content.bytes() : std::span<const unsigned char>();
  auto found =
      parse_project_id({reinterpret_cast<const char*>(content.data()), content.size()}, *file);
  if (!found.ok()) return found.error();
  if (*before) {
    if (auto good = check_believed(place->path, (*before)->facts); !good.ok()) return good.error();
  }
  if (*found) {
    parts->link = {(*found)->text, place->path, *file, (*found)->line};
    parts->there = true;
    return PlannedId(std::move(parts));
  }
  if (auto good = check_writable(*file); !good.ok()) return good.error();
  auto id = new_id();
  if (!id.ok()) return id.error();
  const auto lines = static_cast<std::size_t>(std::ranges::count(content, '\n'));
  const bool ended = content.empty() || content.back() == '\n';
  parts->link = {std::move(*id), place->path, *file, lines + (ended ? 1 : 2)};
  parts->before = std::move(*before);
  return PlannedId(std::move(parts));
}

}  // namespace tacit::cli
