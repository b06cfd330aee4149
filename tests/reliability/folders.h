// Scratch folders in memory, where nothing waits for a disk, and copies of whole vaults.
#pragma once
#include <string>

#include "tests/reliability/vault_user.h"

namespace tacit::test {

/// Removed at the end. In /dev/shm where that is there.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// All below `from`, in place of all below `to`.
void copy_tree(const std::string& from, const std::string& to);

/// What a vault may look like when an operation begins.
enum class Ground {
  kNothing,    ///< no vault yet
  kClosed,     ///< one file
  kLive,       ///< with a WAL that holds the last writes, as a crash leaves it
  kNearlyFull  ///< with a WAL so long that the next writes bring its checkpoint
};
const char* name_of(Ground ground);
/// Makes it in `root`, as `fill` does, and says what it holds.
Contents make_ground(const std::string& root, Ground ground);

}  // namespace tacit::test
