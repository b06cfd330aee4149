#include "tests/reliability/folders.h"

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>

#include "tests/reliability/steps.h"

namespace tacit::test {
namespace {

namespace fs = std::filesystem;

/// SQLite's checkpoint comes with the commit that makes the WAL 1,000 frames long.
constexpr std::uintmax_t kFrame = 4096 + 24;
constexpr std::uintmax_t kNearlyFullFrames = 985;

void must(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

}  // namespace

ScratchFolder::ScratchFolder() {
  path_ = (fs::is_directory("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path()) /
          "tacit-reliability-XXXXXX";
  if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no scratch folder " + path_);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void copy_tree(const std::string& from, const std::string& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
  // Copies of folders have the umask's mode, not the original's.
  for (const auto& entry : fs::recursive_directory_iterator(to)) {
    if (entry.is_directory()) fs::permissions(entry, fs::perms::owner_all);
  }
  fs::permissions(to, fs::perms::owner_all);
}

const char* name_of(Ground ground) {
  switch (ground) {
    case Ground::kNothing:
      return "no vault";
    case Ground::kClosed:
      return "a closed vault";
    case Ground::kLive:
      return "a vault with a WAL";
    case Ground::kNearlyFull:
      return "a vault whose WAL is nearly full";
  }
  return "";
}

Contents make_ground(const std::string& root, Ground ground) {
  fs::create_directories(root);
  if (ground == Ground::kNothing) return no_vault();
  const std::string making = root + ".making";
  fs::create_directories(making);
  VaultUser user(making);
  must(user.create());
  must(fill(user));
  user.close();
  must(user.open());
  if (ground != Ground::kClosed) {
    must(find_step("audit").run(user, 7));
    must(find_step("policies").run(user, 9));
    must(find_step("anchor").run(user, 0));
    must(find_step("set-in-new-collection").run(user, 3));
  }
  if (ground == Ground::kNearlyFull) {
    const std::string wal = user.database() + "-wal";
    for (unsigned i = 0; fs::file_size(wal) < kFrame * kNearlyFullFrames; ++i) {
      must(find_step("audit").run(user, i));
    }
  }
  auto contents = user.contents();
  must(contents.status());
  if (ground == Ground::kClosed) user.close();
  copy_tree(making, root);
  user.close();
  fs::remove_all(making);
  return *std::move(contents);
}

}  // namespace tacit::test
