// Starting and ending: signals, logout, another daemon, what stands where the socket shall be.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "tests/integration/harness/daemon_test.h"
#include "tests/integration/harness/raw_connection.h"

namespace tacit::test {
namespace {
namespace fs = std::filesystem;

class Lifecycle : public DaemonTest {
 protected:
  void ends_cleanly_by(int signal) {
    start_unlocked();
    ASSERT_TRUE(succeeded(client_->set("name", "value")));
    const auto session_context = context();
    const auto session = client_->session().Watch(session_context.get(), {});
    pb::SessionEvent event;
    ASSERT_TRUE(session->Read(&event));
    const auto watch_context = context();
    const auto watch = client_->secrets().Watch(watch_context.get(), {});
    pb::WatchReply change;
    ASSERT_TRUE(watch->Read(&change));
    const RawConnection silent(home_.socket());

    daemon_->signal(signal);
    EXPECT_FALSE(watch->Read(&change));
    EXPECT_FALSE(watch->Finish().ok());
    while (session->Read(&event)) EXPECT_EQ(event.state(), pb::VAULT_STATE_LOCKED);
    EXPECT_FALSE(session->Finish().ok());
    const Exit exit = daemon_->wait();
    EXPECT_EQ(exit.code, 0) << exit.errors;
    EXPECT_FALSE(fs::exists(home_.socket()));
    EXPECT_TRUE(fs::exists(home_.anchor_file())) << "the anchor is written at lock";

    start();
    EXPECT_EQ(client_->state(), pb::VAULT_STATE_LOCKED);
    ASSERT_TRUE(succeeded(unlock()));
    std::string value;
    ASSERT_TRUE(succeeded(client_->get("name", &value)));
    EXPECT_EQ(value, "value");
  }
  /// The first daemon serves as before, on old and new connections.
  void first_is_undisturbed() {
    std::string value;
    EXPECT_TRUE(succeeded(client_->get("name", &value)));
    EXPECT_EQ(value, "value");
    EXPECT_TRUE(succeeded(connect()->get("name")));
    EXPECT_TRUE(succeeded(client_->set("name", "value")));
    EXPECT_TRUE(daemon_->running());
  }
  static Exit refused(const Home& home, const DaemonOptions& options = {}) {
    Exit exit = start_refused(home, options);
    EXPECT_EQ(exit.signal, 0);
    EXPECT_NE(exit.code, 0);
    EXPECT_FALSE(exit.errors.empty());
    return exit;
  }
};

TEST_F(Lifecycle, SigtermLocksAndEndsCleanly) { ends_cleanly_by(SIGTERM); }
TEST_F(Lifecycle, SigintLocksAndEndsCleanly) { ends_cleanly_by(SIGINT); }

TEST_F(Lifecycle, FilesAndFoldersAreTheUsersAlone) {
  start_unlocked();
  for (const auto& folder : {home_.vault_dir(), home_.socket().parent_path()}) {
    EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all) << folder;
  }
  const auto owner_only = fs::perms::owner_read | fs::perms::owner_write;
  EXPECT_EQ(fs::status(home_.socket()).permissions(), owner_only);
  for (const auto& entry : fs::directory_iterator(home_.vault_dir())) {
    EXPECT_EQ(entry.status().permissions(), owner_only) << entry.path();
  }
}

TEST_F(Lifecycle, LogoutEndsIt) {
  start_unlocked();
  client_.reset();
  fs::remove_all(home_.runtime_dir());
  EXPECT_EQ(daemon_->wait().code, 0) << daemon_->log();
}

TEST_F(Lifecycle, LossOfTheSocketsFileEndsIt) {
  start_unlocked();
  client_.reset();
  fs::remove(home_.socket());
  EXPECT_EQ(daemon_->wait().code, 0) << daemon_->log();
  start();
  fs::rename(home_.socket(), home_.socket().string() + ".moved");
  EXPECT_EQ(daemon_->wait().code, 0) << daemon_->log();
}

TEST_F(Lifecycle, ASecondDaemonOnTheSocketIsRefused) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("name", "value")));
  const Exit exit = refused(home_);
  EXPECT_NE(exit.errors.find(std::to_string(daemon_->pid())), std::string::npos)
      << "the message names who holds it: " << exit.errors;
  first_is_undisturbed();
}

TEST_F(Lifecycle, ASecondDaemonOnTheVaultIsRefused) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("name", "value")));
  DaemonOptions elsewhere;
  elsewhere.environment["TACIT_SOCKET"] = home_.path() / "other/tacit.sock";
  const Exit exit = refused(home_, elsewhere);
  EXPECT_NE(exit.errors.find(std::to_string(daemon_->pid())), std::string::npos) << exit.errors;
  first_is_undisturbed();
}

TEST_F(Lifecycle, ASocketLeftByACrashIsTakenOver) {
  start_unlocked();
  client_.reset();
  daemon_->kill_hard();
  ASSERT_TRUE(fs::exists(home_.socket()));
  start();
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_LOCKED);
}

TEST_F(Lifecycle, ASquattedSocketIsRefusedAndLeftAlone) {
  fs::create_directories(home_.socket().parent_path());
  fs::permissions(home_.socket().parent_path(), fs::perms::owner_all);
  const RawListener squatter(home_.socket());
  refused(home_);
  const RawConnection still_there(home_.socket());
}

TEST_F(Lifecycle, ASocketOfTheServiceManagerIsServedAndLeftToIt) {
  fs::create_directories(home_.socket().parent_path());
  fs::permissions(home_.socket().parent_path(), fs::perms::owner_all);
  const RawListener listener(home_.socket());
  fs::permissions(home_.socket(), fs::perms::owner_read | fs::perms::owner_write);
  DaemonOptions options;
  options.activated_socket = listener.fd();
  start(options);
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_NONE);
  client_.reset();
  EXPECT_EQ(daemon_->stop().code, 0) << daemon_->log();
  EXPECT_TRUE(fs::exists(home_.socket())) << "it is not the daemon's to remove";
  daemon_.reset();
  start(options);
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_NONE);
}

TEST_F(Lifecycle, WhatIsNoSocketIsNeverRemoved) {
  fs::create_directories(home_.socket().parent_path());
  fs::permissions(home_.socket().parent_path(), fs::perms::owner_all);
  write_file(home_.socket(), "a file of the user");
  refused(home_);
  EXPECT_EQ(read_file(home_.socket()), "a file of the user");
  fs::remove(home_.socket());
  fs::create_directory(home_.socket());
  refused(home_);
  EXPECT_TRUE(fs::is_directory(home_.socket()));
  fs::remove(home_.socket());
  fs::create_symlink("/nowhere", home_.socket());
  refused(home_);
  EXPECT_TRUE(fs::is_symlink(home_.socket()));
}

TEST_F(Lifecycle, ASocketFolderOpenToOthersIsRefused) {
  fs::create_directories(home_.socket().parent_path());
  for (const auto mode : {0777, 0770, 0701}) {
    fs::permissions(home_.socket().parent_path(), static_cast<fs::perms>(mode));
    const Exit exit = refused(home_);
    EXPECT_NE(exit.errors.find("chmod"), std::string::npos) << exit.errors;
  }
  fs::permissions(home_.socket().parent_path(), fs::perms::owner_all);
  start();
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_NONE);
}

TEST_F(Lifecycle, ASocketFolderOfAnotherUserIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root gives folders away";
  fs::create_directories(home_.socket().parent_path());
  fs::permissions(home_.socket().parent_path(), fs::perms::owner_all);
  ASSERT_EQ(chown(home_.socket().parent_path().c_str(), 65534, 65534), 0);
  refused(home_);
}

TEST_F(Lifecycle, ASocketPathThatIsTooLongIsAClearError) {
  DaemonOptions options;
  options.environment["TACIT_SOCKET"] = home_.path() / std::string(100, 'd') / "tacit.sock";
  const Exit exit = refused(home_, options);
  EXPECT_NE(exit.errors.find("107"), std::string::npos) << exit.errors;
}

TEST_F(Lifecycle, ARelativeSocketPathIsRefused) {
  DaemonOptions options;
  options.environment["TACIT_SOCKET"] = "tacit.sock";
  refused(home_, options);
}

TEST_F(Lifecycle, AConfigurationWithATypoNamesFileAndLine) {
  home_.write_config("[session]\nidle_timeout = \"8h\"\nidel_timeout = \"8h\"\n");
  Exit exit = refused(home_);
  EXPECT_NE(exit.errors.find("config.toml:3"), std::string::npos) << exit.errors;
  EXPECT_NE(exit.errors.find("idel_timeout"), std::string::npos) << exit.errors;
  home_.write_config("[session]\n\nidle_timeout = \"soon\"\n");
  exit = refused(home_);
  EXPECT_NE(exit.errors.find("config.toml:3"), std::string::npos) << exit.errors;
  home_.write_config("[session\n");
  exit = refused(home_);
  EXPECT_NE(exit.errors.find("config.toml:1"), std::string::npos) << exit.errors;
}

TEST_F(Lifecycle, ReadinessTellsAFailureToo) {
  home_.write_config("nonsense\n");
  try {
    const DaemonProcess daemon(home_);
    FAIL() << "it started";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("config.toml"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace tacit::test
