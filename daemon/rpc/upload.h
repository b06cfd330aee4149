// A backup on its way from a client into the vault's folder.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/os/boot_time.h"
#include "daemon/os/unique_fd.h"
#include "daemon/session/process_key.h"

namespace tacit {

/// One at a time. The file, under a passing name and locked as one in use, goes when it does.
class Upload {
 public:
  Upload() = default;
  ~Upload();
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  /// Adds a part in `folder`, which is made if it is missing; returns the size so far. Offset 0
  /// begins anew. Errors: kLimit, another's is under way; kInvalidArgument, a gap; kDiskFull,
  /// kPermissions, kIoError, after which nothing of it is left.
  absl::StatusOr<std::uint64_t> add(const std::string& folder, const ProcessKey& who,
                                    std::uint64_t offset, const std::string& chunk, BootTime now);
  /// The file of this process, which is the caller's from now on; none: it has handed over none.
  std::optional<std::string> take(const ProcessKey& who);

 private:
  absl::Status begin(const std::string& folder);
  void drop();

  ProcessKey who_;
  std::string path_;  ///< empty: there is none
  UniqueFd file_;
  std::uint64_t size_ = 0;
  BootTime used_{};
};

}  // namespace tacit
