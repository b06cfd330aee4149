// The C library's calls, as SQLite's unix layer and the vault room make them. A definition in the
// program goes before the library's own; what is done at last is the system call itself.
#include "tests/reliability/disk.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <map>
#include <stdexcept>
#include <string_view>

namespace tacit::test {
namespace {

using Kind = DiskCall::Kind;

struct Watch {
  WatchedDisk* disk = nullptr;
  std::string folder;
  std::map<std::pair<dev_t, ino_t>, std::uint64_t> numbers;
  std::uint64_t last_number = 0;
  bool inside = false;  ///< in a call of ours: the harness' own doings do not count
} watch;
bool synchronous_off = false;

/// No call of the harness made meanwhile is watched.
class Inside {
 public:
  Inside() { watch.inside = true; }
  ~Inside() { watch.inside = false; }
};

bool is_watched(std::string_view path) {
  return watch.disk != nullptr && !watch.inside &&
         path.substr(0, watch.folder.size()) == watch.folder;
}

std::string path_of(int fd) {
  std::array<char, 4096> target{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = readlink(link.c_str(), target.data(), target.size());
  return {target.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

std::uint64_t number_of(const struct stat& info, bool is_new) {
  std::uint64_t& number = watch.numbers[{info.st_dev, info.st_ino}];
  if (number == 0 || is_new) number = ++watch.last_number;
  return number;
}

std::string relative(const std::string& path) { return path.substr(watch.folder.size()); }

Outcome ask(const DiskCall& call) {
  const Inside inside;
  return watch.disk->judge ? watch.disk->judge(call) : Outcome{};
}

void tell(const DiskCall& call) {
  const Inside inside;
  if (watch.disk->done) watch.disk->done(call);
}

/// `carry_out` is the system call; -1 and errno where it or the judge fails.
template <class CarryOut>
long through(const DiskCall& call, CarryOut carry_out) {
  const Outcome outcome = ask(call);
  if (outcome.error != 0) {
    errno = outcome.error;
    return -1;
  }
  const long result = carry_out();
  if (result >= 0) {
    const int kept = errno;
    tell(call);
    errno = kept;
  }
  return result;
}

long on_path(Kind kind, const char* path, long number, long argument) {
  const auto carry_out = [&] { return syscall(number, path, argument); };
  if (!is_watched(path)) return carry_out();
  DiskCall call;
  call.kind = kind;
  call.path = relative(path);
  return through(call, carry_out);
}

long open_file(const char* path, int flags, mode_t mode) {
  const auto carry_out = [&] { return syscall(SYS_openat, AT_FDCWD, path, flags, mode); };
  if (!is_watched(path) || (flags & (O_CREAT | O_TRUNC)) == 0) return carry_out();
  struct stat info {};
  const bool is_new = lstat(path, &info) != 0;
  if (!is_new && (flags & O_TRUNC) == 0) return carry_out();
  DiskCall call;
  call.kind = is_new ? Kind::kCreate : Kind::kTruncate;
  call.path = relative(path);
  if (is_new) {
    const Outcome outcome = ask(call);
    if (outcome.error != 0) {
      errno = outcome.error;
      return -1;
    }
    const long fd = carry_out();
    if (fd < 0) return fd;
    fstat(static_cast<int>(fd), &info);
    call.file = number_of(info, true);
    tell(call);
    return fd;
  }
  call.file = number_of(info, false);
  return through(call, carry_out);
}

/// A call about a descriptor. `size` bytes of `data` at `offset`, or from where it stands (-1).
long on_descriptor(Kind kind, int fd, const void* data, std::size_t size, off_t offset) {
  const auto carry_out = [&](std::size_t bytes) -> long {
    switch (kind) {
      case Kind::kWrite:
        return offset < 0 ? syscall(SYS_write, fd, data, bytes)
                          : syscall(SYS_pwrite64, fd, data, bytes, offset);
      case Kind::kTruncate:
        return syscall(SYS_ftruncate, fd, offset);
      default:
        return syscall(SYS_fdatasync, fd);
    }
  };
  if (watch.disk == nullptr || watch.inside) return carry_out(size);
  const std::string path = path_of(fd);
  if (!is_watched(path)) return carry_out(size);
  struct stat info {};
  fstat(fd, &info);
  DiskCall call;
  call.kind = S_ISDIR(info.st_mode) ? Kind::kSyncFolder : kind;
  call.path = relative(path);
  if (!S_ISDIR(info.st_mode)) call.file = number_of(info, false);
  if (kind == Kind::kTruncate) call.offset = static_cast<std::uint64_t>(offset);
  if (kind != Kind::kWrite) return through(call, [&] { return carry_out(size); });

  call.offset = static_cast<std::uint64_t>(offset < 0 ? lseek(fd, 0, SEEK_CUR) : offset);
  const auto* bytes = static_cast<const unsigned char*>(data);
  call.data.assign(bytes, bytes + size);
  const Outcome outcome = ask(call);
  const std::size_t fits = std::min<std::uint64_t>(size, outcome.only);
  if (outcome.error != 0 && (fits == 0 || outcome.only == UINT64_MAX)) {
    errno = outcome.error;
    return -1;
  }
  const long wrote = carry_out(fits);
  if (wrote < 0) return wrote;
  call.data.resize(static_cast<std::size_t>(wrote));
  tell(call);
  return wrote;
}

}  // namespace

const char* name_of(Kind kind) {
  static constexpr std::array<const char*, 9> kNames{
      "create", "write",           "truncate",         "sync", "sync of a folder", "rename",
      "unlink", "making a folder", "removing a folder"};
  return kNames[static_cast<std::size_t>(kind)];
}

WatchedDisk::WatchedDisk(std::string folder) {
  if (watch.disk != nullptr) throw std::logic_error("one disk is watched at a time");
  watch = {};
  watch.folder = std::move(folder);
  watch.disk = this;
}
WatchedDisk::~WatchedDisk() { watch = {}; }

std::uint64_t WatchedDisk::number_of(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) throw std::runtime_error("no file " + path);
  return test::number_of(info, false);
}

void forget_to_sync_the_database(bool on) { synchronous_off = on; }

}  // namespace tacit::test

using tacit::test::on_descriptor;
using tacit::test::on_path;
using tacit::test::open_file;
using Kind = tacit::test::DiskCall::Kind;

// NOLINTBEGIN: names and signatures are the C library's.
extern "C" {
#define TACIT_CALL __attribute__((visibility("default")))

TACIT_CALL int open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  return static_cast<int>(open_file(path, flags, mode));
}
TACIT_CALL int open64(const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  return static_cast<int>(open_file(path, flags, mode));
}
TACIT_CALL ssize_t write(int fd, const void* data, size_t size) {
  return on_descriptor(Kind::kWrite, fd, data, size, -1);
}
TACIT_CALL ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  return on_descriptor(Kind::kWrite, fd, data, size, offset);
}
TACIT_CALL ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  return on_descriptor(Kind::kWrite, fd, data, size, offset);
}
TACIT_CALL int fsync(int fd) {
  return static_cast<int>(on_descriptor(Kind::kSync, fd, nullptr, 0, 0));
}
TACIT_CALL int fdatasync(int fd) {
  return static_cast<int>(on_descriptor(Kind::kSync, fd, nullptr, 0, 0));
}
TACIT_CALL int ftruncate(int fd, off_t size) noexcept {
  return static_cast<int>(on_descriptor(Kind::kTruncate, fd, nullptr, 0, size));
}
TACIT_CALL int ftruncate64(int fd, off64_t size) noexcept {
  return static_cast<int>(on_descriptor(Kind::kTruncate, fd, nullptr, 0, size));
}
TACIT_CALL int unlink(const char* path) noexcept {
  return static_cast<int>(on_path(Kind::kUnlink, path, SYS_unlink, 0));
}
TACIT_CALL int mkdir(const char* path, mode_t mode) noexcept {
  return static_cast<int>(on_path(Kind::kMakeFolder, path, SYS_mkdir, static_cast<long>(mode)));
}
TACIT_CALL int rmdir(const char* path) noexcept {
  return static_cast<int>(on_path(Kind::kRemoveFolder, path, SYS_rmdir, 0));
}
TACIT_CALL int rename(const char* from, const char* to) noexcept {
  const auto carry_out = [&] { return syscall(SYS_rename, from, to); };
  if (!tacit::test::is_watched(from)) return static_cast<int>(carry_out());
  tacit::test::DiskCall call;
  call.kind = Kind::kRename;
  call.path = tacit::test::relative(from);
  call.to = tacit::test::relative(to);
  return static_cast<int>(tacit::test::through(call, carry_out));
}

TACIT_CALL int sqlite3_exec(sqlite3* db, const char* sql, sqlite3_callback row, void* context,
                            char** message) {
  using Exec = int (*)(sqlite3*, const char*, sqlite3_callback, void*, char**);
  static const Exec real = reinterpret_cast<Exec>(dlsym(RTLD_NEXT, "sqlite3_exec"));
  std::string text = sql;
  const std::string full = "synchronous=FULL";
  const std::size_t at = text.find(full);
  if (tacit::test::synchronous_off && at != std::string::npos) {
    text.replace(at, full.size(), "synchronous=OFF");
  }
  return real(db, text.c_str(), row, context, message);
}
}
// NOLINTEND
