#include "daemon/rpc/upload.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "daemon/base/status.h"
#include "daemon/vault/files.h"
#include "daemon/vault/leftovers.h"

namespace tacit {
namespace {

constexpr std::chrono::seconds kLeftAlone{60};

}  // namespace

Upload::~Upload() { drop(); }

void Upload::drop() {
  file_.reset();
  if (!path_.empty()) remove_database(path_);
  path_.clear();
  size_ = 0;
}

absl::Status Upload::begin(const std::string& folder) {
  if (absl::Status status = make_private_folder(folder); !status.ok()) return status;
  absl::StatusOr<std::string> resolved = resolved_folder(folder);
  if (!resolved.ok()) return resolved.status();
  if (absl::Status status = check_private_folder(*resolved); !status.ok()) return status;
  std::string path = *resolved + "/" + new_backup_name();
  file_.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file_) return file_error(errno, "creating", path);
  path_ = std::move(path);
  if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) return file_error(errno, "locking", path_);
  return absl::OkStatus();
}

absl::StatusOr<std::uint64_t> Upload::add(const std::string& folder, const ProcessKey& who,
                                          std::uint64_t offset, const std::string& chunk,
                                          BootTime now) {
  if (!path_.empty() && who != who_ && now < used_ + kLeftAlone) {
    return make_error(Reason::kLimit,
                      "another program is handing a backup over; try again when it is done");
  }
  if (offset == 0 || who != who_) drop();
  if (offset != size_) {
    return make_error(Reason::kInvalidArgument, "the next part begins at " + std::to_string(size_) +
                                                    ", not at " + std::to_string(offset));
  }
  who_ = who;
  used_ = now;
  if (path_.empty()) {
    if (absl::Status status = begin(folder); !status.ok()) {
      drop();
      return status;
    }
  }
  for (std::size_t written = 0; written < chunk.size();) {
    const ssize_t some = ::write(file_.get(), chunk.data() + written, chunk.size() - written);
    if (some < 0 && errno == EINTR) continue;
    if (some <= 0) {
      const absl::Status status = file_error(some == 0 ? EIO : errno, "writing the backup", path_);
      drop();
      return status;
    }
    written += static_cast<std::size_t>(some);
  }
  size_ += chunk.size();
  return size_;
}

std::optional<std::string> Upload::take(const ProcessKey& who) {
  if (path_.empty() || who != who_) return std::nullopt;
  file_.reset();
  size_ = 0;
  return std::exchange(path_, {});
}

}  // namespace tacit
