// SQLite's WAL-reset corruption (up to 3.51.2) needs two connections to one file: there is never a
// second one while the vault is open.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/reliability/folders.h"
#include "tests/reliability/steps.h"

namespace tacit::test {
namespace {

/// What another program gets when it wants to read.
int code_of_another_reader(const std::string& path) {
  const pid_t child = fork();
  if (child == 0) {
    sqlite3* db = nullptr;
    int code = sqlite3_open(path.c_str(), &db);
    if (code == SQLITE_OK) {
      code = sqlite3_exec(db, "SELECT count(*) FROM item", nullptr, nullptr, nullptr);
    }
    _exit(code);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(OneConnection, NoOtherProgramGetsInWhileTheVaultIsOpen) {
  const ScratchFolder scratch;
  VaultUser user(scratch.path());
  ASSERT_EQ(user.create(), absl::OkStatus());
  ASSERT_EQ(fill(user), absl::OkStatus());
  EXPECT_EQ(code_of_another_reader(user.database()), SQLITE_BUSY);
  // Also after a checkpoint, and when the WAL begins anew.
  for (unsigned i = 0; i < 8; ++i) {
    ASSERT_EQ(find_step("set-large").run(user, i), absl::OkStatus());
    EXPECT_EQ(code_of_another_reader(user.database()), SQLITE_BUSY);
  }
  const std::string path = user.database();
  user.close();
  EXPECT_EQ(code_of_another_reader(path), SQLITE_OK);
}

}  // namespace
}  // namespace tacit::test
