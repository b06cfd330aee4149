#include "cli/scan/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <optional>

#include "cli/progress.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

struct File {
  std::string path;
  std::uint64_t size = 0;
};

/// First all names, so that it is known how much there is to read.
class Walk {
 public:
  explicit Walk(ScanReport& report) : report_(report) {}

  Result<void> add(const std::string& path) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0) {
      return Error{Reason::kNotFound,
                   "cannot look at " + visible(path) + ": " + std::strerror(errno)};
    }
    if (S_ISDIR(facts.st_mode)) {
      names_.push_back(path);
      enter(path);
    } else {
      sort_in(path, facts);
    }
    return {};
  }
  const std::vector<File>& files() const { return files_; }
  std::uint64_t bytes() const { return bytes_; }
  /// Of everything that was met.
  const std::vector<std::string>& names() const { return names_; }

 private:
  void cannot_read(const std::string& path) {
    report_.unreadable.push_back({path, std::strerror(errno)});
  }

  /// Folders wait in a list, so that no depth of them needs a deep stack.
  void enter(const std::string& root) {
    std::vector<std::string> waiting{root};
    while (!waiting.empty()) {
      const std::string folder = std::move(waiting.back());
      waiting.pop_back();
      read_folder(folder, folder == root, waiting);
    }
  }

  void read_folder(const std::string& folder, bool is_root, std::vector<std::string>& waiting) {
    const int follow = is_root ? 0 : O_NOFOLLOW;
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | follow);
    DIR* const entries = fd < 0 ? nullptr : ::fdopendir(fd);
    if (entries == nullptr) return cannot_read(folder);
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(entries)) names.emplace_back(entry->d_name);
    std::ranges::sort(names);
    const std::string prefix = folder == "." ? "" : folder.ends_with('/') ? folder : folder + "/";
    std::vector<std::string> folders;
    for (const std::string& name : names) {
      if (name == "." || name == "..") continue;
      struct stat facts {};
      if (::fstatat(fd, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT) cannot_read(prefix + name);
      } else if (name == ".git") {
        ++report_.repositories;
      } else if (S_ISDIR(facts.st_mode)) {
        names_.push_back(prefix + name);
        folders.push_back(prefix + name);
      } else {
        sort_in(prefix + name, facts);
      }
    }
    ::closedir(entries);
    waiting.insert(waiting.end(), folders.rbegin(), folders.rend());
  }

  void sort_in(const std::string& path, const struct stat& facts) {
    names_.push_back(path);
    if (S_ISREG(facts.st_mode)) {
      files_.push_back({path, static_cast<std::uint64_t>(facts.st_size)});
      bytes_ += files_.back().size;
    } else {
      ++(S_ISLNK(facts.st_mode) ? report_.links : report_.special);
    }
  }

  ScanReport& report_;
  std::vector<File> files_;
  std::vector<std::string> names_;
  std::uint64_t bytes_ = 0;
};

/// None: it could not be read, which is told and passed by.
Result<std::optional<std::vector<ScanPlace>>> scan_file(StreamScan& stream, const File& file,
                                                        ScanReport& report,
                                                        const std::function<void()>& advanced) {
  using Places = std::optional<std::vector<ScanPlace>>;
  bool read_failed = false;
  const auto failed = [&] {
    read_failed = true;
    report.unreadable.push_back({file.path, std::strerror(errno)});
    return Error{Reason::kIoError, ""};
  };
  // Not waiting for the writer of a pipe that took the file's place.
  const int fd = ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) {
    failed();
    return Places();
  }
  auto found = stream.scan([&](std::span<unsigned char> room) -> Result<std::size_t> {
    ssize_t got = 0;
    do {
      got = ::read(fd, room.data(), room.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) return failed();
    report.bytes += static_cast<std::uint64_t>(got);
    advanced();
    return static_cast<std::size_t>(got);
  });
  ::close(fd);
  if (read_failed) return Places();
  if (!found.ok()) return found.error();
  ++report.sources;
  return Places(std::move(*found));
}

}  // namespace

Result<ScanReport> scan_tree(Scanner& scanner, const std::vector<std::string>& paths) {
  ScanReport report;
  Walk walk(report);
  for (const std::string& path : paths) {
    if (auto added = walk.add(path); !added.ok()) return added.error();
  }
  StreamScan stream(scanner);
  auto names = scan_names(stream, walk.names());
  if (!names.ok()) return names.error();
  for (NamePlace& each : *names) {
    report.names.hide(each);
    report.found.push_back({{std::move(each.path), {}, {}}, std::move(each.place), true});
  }
  Progress progress("scanning");
  const std::function<void()> advanced = [&] { progress.show(report.bytes, walk.bytes()); };
  for (const File& file : walk.files()) {
    const auto places = scan_file(stream, file, report, advanced);
    if (!places.ok()) return places.error();
    if (!*places) continue;
    for (const ScanPlace& place : **places) report.found.push_back({{file.path, {}, {}}, place});
  }
  return report;
}

}  // namespace tacit::cli
