#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "cli/keyring/on_path.h"
#include "tests/unit/cli/scratch_dir.h"

namespace tacit::cli {
namespace {

class KeyringOnPath : public testing::Test {
 protected:
  std::string folder(const std::string& name) {
    EXPECT_EQ(mkdir(dir_.file(name).c_str(), 0700), 0);
    return dir_.file(name);
  }
  static void program(const std::string& path, mode_t mode = 0700) {
    std::ofstream(path) << "#!/bin/sh\n";
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
  }
  static void link(const std::string& target, const std::string& path) {
    EXPECT_EQ(symlink(target.c_str(), path.c_str()), 0);
  }

  ScratchDir dir_;
};

TEST_F(KeyringOnPath, FindsThemInTheOrderOfPathAndKnowsOurs) {
  const auto bin = folder("bin");
  const auto libexec = folder("libexec");
  const auto other = folder("other");
  program(bin + "/tacit");
  link("../bin/tacit", libexec + "/keyring");
  program(other + "/keyring");
  const auto found = keyrings_on_path(bin + ":" + other + ":" + libexec + "/:" + other);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].path, other + "/keyring");
  EXPECT_FALSE(found[0].is_tacit);
  EXPECT_EQ(found[1].path, libexec + "/keyring");
  EXPECT_TRUE(found[1].is_tacit);
}

TEST_F(KeyringOnPath, WhatCannotRunIsNotFound) {
  const auto plain = folder("plain");
  const auto nested = folder("nested");
  const auto dangling = folder("dangling");
  program(plain + "/keyring", 0600);
  EXPECT_EQ(mkdir((nested + "/keyring").c_str(), 0700), 0);
  link("/absent/tacit", dangling + "/keyring");
  EXPECT_TRUE(keyrings_on_path(plain + ":" + nested + ":" + dangling + "::relative:" + dir_.path())
                  .empty());
  EXPECT_TRUE(keyrings_on_path("").empty());
}

TEST_F(KeyringOnPath, KnowsOursThroughLinksAndWhenItIsGone) {
  program(dir_.file("tacit"));
  link("tacit", dir_.file("tacit-keyring"));
  link(dir_.file("tacit-keyring"), dir_.file("keyring"));
  link("/absent/bin/tacit", dir_.file("gone"));
  link("/absent/bin/other", dir_.file("gone-other"));
  program(dir_.file("real"));
  EXPECT_TRUE(is_tacit_keyring(dir_.file("keyring")));
  EXPECT_TRUE(is_tacit_keyring(dir_.file("gone")));
  EXPECT_FALSE(is_tacit_keyring(dir_.file("gone-other")));
  EXPECT_FALSE(is_tacit_keyring(dir_.file("real")));
  EXPECT_FALSE(is_tacit_keyring(dir_.file("absent")));
}

}  // namespace
}  // namespace tacit::cli
