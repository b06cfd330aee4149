#include "daemon/access/process_facts.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "daemon/access/interpreters.h"
#include "tacit/secret_bytes.h"

namespace tacit {
namespace {

// More than the kernel lets a program have (execve(2): a quarter of the stack's limit, 6 MiB).
constexpr std::size_t kMostEnvironment = std::size_t{8} << 20;
constexpr std::size_t kMostArguments = 64 * 1024;
constexpr std::size_t kMostCgroup = 16 * 1024;

FileId file_id(const struct stat& stat) {
  return {stat.st_dev, stat.st_ino,
          std::int64_t{stat.st_ctim.tv_sec} * 1'000'000'000 + stat.st_ctim.tv_nsec};
}

// -1 at the end of the process, too.
ssize_t read_some(int fd, char* buffer, std::size_t size) {
  for (;;) {
    const ssize_t got = ::read(fd, buffer, size);
    if (got >= 0 || errno != EINTR) return got;
  }
}

std::string read_link(int folder, const char* name) {
  std::array<char, PATH_MAX> target;
  const ssize_t length = ::readlinkat(folder, name, target.data(), target.size());
  // One that fills the buffer may have been cut.
  if (length <= 0 || static_cast<std::size_t>(length) == target.size()) return {};
  return {target.data(), static_cast<std::size_t>(length)};
}

std::string joined(const std::string& folder, const std::string& path) {
  return folder.empty() || folder.front() != '/' ? std::string() : folder + "/" + path;
}

// A relative path is meant from where the program was started, which is not where it is now if it
// changed its folder. Where the two mean different files nobody can tell.
std::optional<FoundFile> find_script(const std::string& path, const std::string& started_in,
                                     const std::string& is_in) {
  if (path.starts_with('/')) return find_regular_file(path);
  const auto first = find_regular_file(joined(started_in, path));
  const auto second = find_regular_file(joined(is_in, path));
  if (first && second && first->file != second->file) return std::nullopt;
  return first ? first : second;
}

}  // namespace

std::optional<ProcessFacts> ProcessFacts::open(pid_t pid) {
  if (pid <= 0) return std::nullopt;
  UniqueFd folder(::open(("/proc/" + std::to_string(pid)).c_str(),
                         O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!folder) return std::nullopt;
  ProcessFacts process(pid, std::move(folder));
  if (!process.refresh()) return std::nullopt;
  return process;
}

std::optional<std::string> ProcessFacts::read_file(const char* name, std::size_t longest) const {
  const UniqueFd file(::openat(folder_.get(), name, O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::string text;
  std::array<char, 4096> buffer;
  while (text.size() <= longest) {
    const ssize_t got = read_some(file.get(), buffer.data(), buffer.size());
    if (got < 0) return std::nullopt;
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return std::nullopt;
}

bool ProcessFacts::refresh() {
  const UniqueFd file(::openat(folder_.get(), "stat", O_RDONLY | O_CLOEXEC));
  if (!file) return false;
  std::array<char, 1024> buffer;
  const ssize_t got = read_some(file.get(), buffer.data(), buffer.size());
  if (got <= 0) return false;
  const auto stat = parse_stat({buffer.data(), static_cast<std::size_t>(got)});
  if (stat) stat_ = *stat;
  return stat.has_value();
}

std::string ProcessFacts::executable() const {
  std::string path = read_link(folder_.get(), "exe");
  return path.starts_with('/') ? path : std::string();
}

std::optional<FileId> ProcessFacts::running_file() const {
  struct stat stat {};
  if (::fstatat(folder_.get(), "exe", &stat, 0) != 0) return std::nullopt;
  return file_id(stat);
}

std::string ProcessFacts::folder() const {
  std::string path = read_link(folder_.get(), "cwd");
  return path.starts_with('/') ? path : std::string();
}

std::string ProcessFacts::cgroup() const {
  return read_file("cgroup", kMostCgroup).value_or(std::string());
}

bool ProcessFacts::scan_environment(EnvironmentScan& scan) const {
  const UniqueFd file(::openat(folder_.get(), "environ", O_RDONLY | O_CLOEXEC));
  if (!file) return false;
  std::array<char, 4096> buffer;
  bool complete = false;
  for (std::size_t total = 0; total <= kMostEnvironment;) {
    const ssize_t got = read_some(file.get(), buffer.data(), buffer.size());
    if (got <= 0) {
      complete = got == 0;
      break;
    }
    total += static_cast<std::size_t>(got);
    scan.read({buffer.data(), static_cast<std::size_t>(got)});
  }
  wipe(buffer.data(), buffer.size());  // secrets of others are in it
  return complete;
}

bool ProcessFacts::reads_terminal() const {
  std::array<char, 64> target{};
  const ssize_t size = ::readlinkat(folder_.get(), "fd/0", target.data(), target.size());
  return size > 0 && stat_.terminal != 0 &&
         std::string_view(target.data(), static_cast<std::size_t>(size)) ==
             terminal_name(stat_.terminal);
}

ImageFacts ProcessFacts::image_now(std::span<const std::string> markers,
                                   const std::string& executable) const {
  ImageFacts facts;
  EnvironmentScan scan(markers);
  facts.environment_read = scan_environment(scan);
  facts.marker = scan.marker();
  facts.preload = scan.preload();
  if (!script_argument(executable, {}).interpreter) return facts;
  const auto text = read_file("cmdline", kMostArguments);
  const auto arguments = split_arguments(text.value_or(std::string()));
  const ScriptArgument given = script_argument(executable, arguments);
  const auto script =
      given.path.empty() ? std::nullopt : find_script(given.path, scan.folder(), folder());
  facts.unnamed_script = !script.has_value();
  facts.interactive_shell = given.bare_shell && reads_terminal();
  if (script) {
    facts.script = script->path;
    facts.script_file = script->file;
  }
  return facts;
}

std::optional<ImageFacts> ProcessFacts::read_image(std::span<const std::string> markers,
                                                   const std::string& executable) {
  const ProcessStat before = stat_;
  ImageFacts facts = image_now(markers, executable);
  const bool same = before.image_known() && refresh() && stat_.same_image(before) &&
                    this->executable() == executable;
  return same ? std::optional(std::move(facts)) : std::nullopt;
}

std::optional<FileId> file_at(const std::string& path) {
  struct stat stat {};
  if (!path.starts_with('/') || ::stat(path.c_str(), &stat) != 0) return std::nullopt;
  return file_id(stat);
}

std::optional<FoundFile> find_regular_file(const std::string& path) {
  if (!path.starts_with('/')) return std::nullopt;
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  // `/dev/fd/3` and `/proc/self/...` would be this process's own.
  how.resolve = RESOLVE_NO_MAGICLINKS;
  const UniqueFd file(
      static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how)));
  struct stat stat {};
  if (!file || ::fstat(file.get(), &stat) != 0 || !S_ISREG(stat.st_mode)) return std::nullopt;
  std::string canonical =
      read_link(AT_FDCWD, ("/proc/self/fd/" + std::to_string(file.get())).c_str());
  if (!canonical.starts_with('/')) return std::nullopt;
  return FoundFile{std::move(canonical), file_id(stat)};
}

std::string terminal_name(dev_t terminal) {
  if (terminal == 0) return {};
  const unsigned number = minor(terminal);
  constexpr unsigned kFirstPts = 136;
  constexpr unsigned kLastPts = 143;
  if (const unsigned kind = major(terminal); kind >= kFirstPts && kind <= kLastPts) {
    return "/dev/pts/" + std::to_string((kind - kFirstPts) * 256 + number);
  }
  const std::string name = read_link(
      AT_FDCWD,
      ("/sys/dev/char/" + std::to_string(major(terminal)) + ":" + std::to_string(number)).c_str());
  return name.empty() ? std::string() : "/dev/" + name.substr(name.rfind('/') + 1);
}

}  // namespace tacit
