#include "tacit/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <string>

namespace tacit {
namespace {

// Each test begins without any of the variables that count, and leaves the shell's as they were.
class PathsTest : public testing::Test {
 protected:
  PathsTest() {
    for (const char* name : {"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
                             "XDG_RUNTIME_DIR", "TACIT_SOCKET"}) {
      const char* value = std::getenv(name);
      saved_[name] = value ? std::optional<std::string>(value) : std::nullopt;
      unsetenv(name);
    }
    setenv("HOME", "/home/someone", 1);
  }
  ~PathsTest() override {
    for (const auto& [name, value] : saved_) {
      value ? setenv(name.c_str(), value->c_str(), 1) : unsetenv(name.c_str());
    }
  }

 private:
  std::map<std::string, std::optional<std::string>> saved_;
};

std::vector<std::string> sources(const std::vector<SocketPlace>& places) {
  std::vector<std::string> names;
  for (const auto& place : places) names.push_back(place.source);
  return names;
}

TEST_F(PathsTest, DefaultsAreBelowHome) {
  const Paths paths = user_paths();
  EXPECT_EQ(paths.config_file, "/home/someone/.config/tacit/config.toml");
  EXPECT_EQ(paths.vault_dir, "/home/someone/.local/share/tacit/vault");
  EXPECT_EQ(paths.state_dir, "/home/someone/.local/state/tacit");
  EXPECT_EQ(paths.anchor_file, "/home/someone/.local/state/tacit/anchor");
}

TEST_F(PathsTest, XdgVariablesWin) {
  setenv("XDG_CONFIG_HOME", "/c", 1);
  setenv("XDG_DATA_HOME", "/d/", 1);
  setenv("XDG_STATE_HOME", "/s//", 1);
  const Paths paths = user_paths();
  EXPECT_EQ(paths.config_file, "/c/tacit/config.toml");
  EXPECT_EQ(paths.vault_dir, "/d/tacit/vault");
  EXPECT_EQ(paths.anchor_file, "/s/tacit/anchor");
}

TEST_F(PathsTest, RelativeAndEmptyXdgVariablesAreIgnored) {
  setenv("XDG_CONFIG_HOME", "relative/config", 1);
  setenv("XDG_DATA_HOME", "", 1);
  const Paths paths = user_paths();
  EXPECT_EQ(paths.config_file, "/home/someone/.config/tacit/config.toml");
  EXPECT_EQ(paths.vault_dir, "/home/someone/.local/share/tacit/vault");
}

TEST_F(PathsTest, WithoutHomeThePasswordDatabaseTells) {
  unsetenv("HOME");
  const passwd* entry = getpwuid(getuid());
  if (!entry) GTEST_SKIP() << "this user is not in the password database";
  EXPECT_EQ(user_paths().state_dir, std::string(entry->pw_dir) + "/.local/state/tacit");
}

TEST_F(PathsTest, TacitSocketStandsAlone) {
  setenv("TACIT_SOCKET", "/elsewhere/socket", 1);
  setenv("XDG_RUNTIME_DIR", "/run/somewhere", 1);
  const auto places = socket_places(getuid());
  ASSERT_EQ(places.size(), 1U);
  EXPECT_EQ(places[0].path, "/elsewhere/socket");
  EXPECT_EQ(places[0].source, "TACIT_SOCKET");
}

TEST_F(PathsTest, RuntimeFolderComesBeforeStateFolder) {
  setenv("XDG_RUNTIME_DIR", "/run/somewhere", 1);
  // A user that has no folder in /run/user.
  const auto places = socket_places(4'000'000'000U);
  EXPECT_THAT(sources(places), testing::ElementsAre("XDG_RUNTIME_DIR", "state folder"));
  EXPECT_EQ(places[0].path, "/run/somewhere/tacit/tacit.sock");
  EXPECT_THAT(places[1].path,
              testing::MatchesRegex("/home/someone/.local/state/tacit/run/[0-9a-f]+/tacit.sock"));
}

TEST_F(PathsTest, TheSameFolderTwiceIsOnePlace) {
  const std::string run_user = "/run/user/" + std::to_string(getuid());
  setenv("XDG_RUNTIME_DIR", run_user.c_str(), 1);
  const auto places = socket_places(getuid());
  EXPECT_THAT(sources(places), testing::ElementsAre("XDG_RUNTIME_DIR", "state folder"));
}

TEST_F(PathsTest, ThereIsAlwaysAPlace) {
  unsetenv("HOME");
  EXPECT_FALSE(socket_places(4'000'000'000U).empty());
}

}  // namespace
}  // namespace tacit
