// A disk that can be watched and that can fail: in programs which link disk.cpp, each call of the C
// library that changes files below one folder goes through here, SQLite's and the vault's own
// alike.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tacit::test {

/// One change asked of the disk. Files are told apart by a number that no two of them ever share,
/// since names come and go.
struct DiskCall {
  enum class Kind {
    kCreate,      ///< a new, empty file
    kWrite,       ///< `data` at `offset`
    kTruncate,    ///< to `offset` bytes
    kSync,        ///< what the file holds is to stay
    kSyncFolder,  ///< the names in the folder `path` are to stay
    kRename,      ///< from `path` to `to`, within one folder
    kUnlink,
    kMakeFolder,
    kRemoveFolder,
  };
  Kind kind = Kind::kWrite;
  std::string path;  ///< below the watched folder
  std::string to;
  std::uint64_t file = 0;
  std::uint64_t offset = 0;
  std::vector<unsigned char> data;
};
const char* name_of(DiskCall::Kind kind);

/// What is to come of a call.
struct Outcome {
  int error = 0;                    ///< an errno: nothing is done
  std::uint64_t only = UINT64_MAX;  ///< of a write: so many bytes, and the error after that
};

/// Watches calls below `folder` for as long as it lives; there is one at a time.
class WatchedDisk {
 public:
  explicit WatchedDisk(std::string folder);
  ~WatchedDisk();
  WatchedDisk(const WatchedDisk&) = delete;
  WatchedDisk& operator=(const WatchedDisk&) = delete;

  /// Asked before each call.
  std::function<Outcome(const DiskCall&)> judge;
  /// Told of each call that was carried out.
  std::function<void(const DiskCall&)> done;
  /// The number of a file that is there.
  std::uint64_t number_of(const std::string& path);
};

/// SQLite is told `PRAGMA synchronous=OFF` wherever the vault says FULL: a bug on purpose.
void forget_to_sync_the_database(bool on);

}  // namespace tacit::test
