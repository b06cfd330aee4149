#include "cli/project_link.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "scratch_dir.h"

namespace tacit::cli {
namespace {

using Texts = std::vector<std::string>;

constexpr char kId[] = "0f8fad5b-d9cb-469f-a165-70867728950e";
constexpr char kOther[] = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

TEST(ProjectId, StandsInAnyOfItsForms) {
  const std::string id = kId;
  for (const std::string& text :
       Texts{"USER_SECRETS_ID=" + id, "ENV_SECRETS_ID=" + id + "\n", "export USER_SECRETS_ID=" + id,
             "\texport \t ENV_SECRETS_ID = \"" + id + "\" \r\n",
             "USER_SECRETS_ID='" + id + "'  # mine", "\xef\xbb\xbfUSER_SECRETS_ID=" + id,
             "USER_SECRETS_ID=0F8FAD5B-D9CB-469F-A165-70867728950E",
             "USER_SECRETS_ID=" + id + "\nENV_SECRETS_ID=" + id + "\n"}) {
    const auto found = parse_project_id(text, ".env");
    ASSERT_TRUE(found.ok()) << text << ": " << found.error().message;
    ASSERT_TRUE(*found) << text;
    EXPECT_EQ((*found)->text, id) << text;
    EXPECT_EQ((*found)->line, 1u) << text;
  }
}

TEST(ProjectId, OtherLinesAreAnything) {
  const std::string id = kId;
  for (const std::string& text :
       Texts{std::string(), std::string("\n\n"), "# USER_SECRETS_ID=" + id,
             "MY_USER_SECRETS_ID=" + id, "USER_SECRETS_ID", "exportUSER_SECRETS_ID=" + id,
             "A='\nB=\xff\x01"}) {
    const auto found = parse_project_id(text, ".env");
    ASSERT_TRUE(found.ok()) << text;
    EXPECT_FALSE(*found) << text;
  }
  const auto third = parse_project_id("A=1\n\nUSER_SECRETS_ID=" + id + "\nB=2", ".env");
  ASSERT_TRUE(third.ok() && *third);
  EXPECT_EQ((*third)->line, 3u);
}

TEST(ProjectId, WhatIsNoUuidIsRefusedByFileAndLine) {
  const std::string id = kId;
  for (const std::string& text :
       Texts{std::string("../../evil"), std::string(), id + "0", id.substr(1), id + "/..",
             "0f8fad5b.d9cb-469f-a165-70867728950e", std::string(36, 'g')}) {
    const auto found = parse_project_id("A=1\nUSER_SECRETS_ID=" + text + "\n", "some/.env");
    ASSERT_FALSE(found.ok()) << text;
    EXPECT_EQ(found.error().code, Reason::kInvalidArgument);
    EXPECT_NE(found.error().message.find("some/.env:2:"), std::string::npos);
    EXPECT_EQ(found.error().message.find("evil"), std::string::npos);
  }
  const std::string both = "USER_SECRETS_ID=" + id + "\nENV_SECRETS_ID=" + kOther + "\n";
  const auto found = parse_project_id(both, ".env");
  ASSERT_FALSE(found.ok());
  EXPECT_NE(found.error().message.find(".env:2:"), std::string::npos);
}

TEST(FindProject, TakesTheNearestAboveAndTellsTheRealFolder) {
  const ScratchDir scratch;
  const std::string root = std::filesystem::canonical(scratch.path()).string();
  std::filesystem::create_directories(root + "/app/src/deep");
  std::filesystem::create_directory(root + "/app/src/.env");  // a virtual environment
  write(root + "/app/src/deep/.env", "A=1\n");
  write(root + "/app/.env", std::string("A=1\nUSER_SECRETS_ID=") + kId);
  write(root + "/.env", std::string("USER_SECRETS_ID=") + kOther);
  std::filesystem::create_directory_symlink(root + "/app/src", root + "/link");
  for (const std::string& from :
       Texts{root + "/app/src/deep", root + "/link/deep", root + "/app/"}) {
    const auto found = find_project(from);
    ASSERT_TRUE(found.ok()) << found.error().message;
    ASSERT_TRUE(*found) << from;
    EXPECT_EQ((*found)->id, kId);
    EXPECT_EQ((*found)->folder, root + "/app");
    EXPECT_EQ((*found)->file, root + "/app/.env");
    EXPECT_EQ((*found)->line, 2u);
  }
  const auto above = find_project(root);
  ASSERT_TRUE(above.ok() && *above);
  EXPECT_EQ((*above)->id, kOther);
}

TEST(FindProject, OnlyAFileOfOnesOwnNamesAProject) {
  struct stat own {};
  own.st_uid = ::geteuid();
  own.st_mode = S_IFREG | 0664;
  EXPECT_FALSE(why_not_believed(own, own));
  struct stat other = own;
  other.st_uid = own.st_uid + 1;
  EXPECT_TRUE(why_not_believed(own, other)->starts_with("belongs to another user"));
  EXPECT_TRUE(why_not_believed(other, own)) << "its own file, by another's symbolic link";
  struct stat open = own;
  open.st_mode |= S_IWOTH;
  EXPECT_TRUE(why_not_believed(own, open)->starts_with("can be written by everybody"));

  const ScratchDir scratch;
  std::filesystem::create_directory(scratch.file("app"));
  write(scratch.file(".env"), std::string("USER_SECRETS_ID=") + kId);
  // One that is not believed is passed by whatever it says, and told only if it says something.
  for (const std::string& text : {std::string("USER_SECRETS_ID=") + kOther,
                                  std::string("USER_SECRETS_ID=../../evil"), std::string("A=1")}) {
    write(scratch.file("app/.env"), text);
    ASSERT_EQ(::chmod(scratch.file("app/.env").c_str(), 0666), 0);
    Texts passed_by;
    const auto found = find_project(scratch.file("app"), &passed_by);
    ASSERT_TRUE(found.ok() && *found) << text;
    EXPECT_EQ((*found)->id, kId);
    EXPECT_EQ(passed_by.size(), text == "A=1" ? 0u : 1u);
  }
  if (::geteuid() != 0) return;
  constexpr uid_t kNobody = 65534;
  ASSERT_EQ(::chmod(scratch.file("app/.env").c_str(), 0644), 0);
  write(scratch.file("app/.env"), std::string("USER_SECRETS_ID=") + kOther);
  ASSERT_EQ(::chown(scratch.file("app/.env").c_str(), kNobody, kNobody), 0);
  EXPECT_EQ((*find_project(scratch.file("app")))->id, kId);
  std::filesystem::remove(scratch.file("app/.env"));
  std::filesystem::create_symlink(scratch.file(".env"), scratch.file("app/.env"));
  ASSERT_EQ(::lchown(scratch.file("app/.env").c_str(), kNobody, kNobody), 0);
  const auto found = find_project(scratch.file("app"));
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->folder, std::filesystem::canonical(scratch.path()).string());
}

TEST(FindProject, ABadFileInTheWayIsToldAndNotPassedBy) {
  const ScratchDir scratch;
  std::filesystem::create_directory(scratch.file("app"));
  write(scratch.file(".env"), std::string("USER_SECRETS_ID=") + kId);
  write(scratch.file("app/.env"), "USER_SECRETS_ID=../../evil");
  EXPECT_EQ(find_project(scratch.file("app")).error().code, Reason::kInvalidArgument);
  write(scratch.file("app/.env"), std::string(1024 * 1024 + 1, '\n'));
  EXPECT_EQ(find_project(scratch.file("app")).error().code, Reason::kLimit);
  std::filesystem::remove(scratch.file("app/.env"));
  ASSERT_EQ(::mkfifo(scratch.file("app/.env").c_str(), 0600), 0);
  const auto found = find_project(scratch.file("app"));
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->id, kId);
  EXPECT_EQ(find_project(scratch.file("absent")).error().code, Reason::kNotFound);
}

}  // namespace
}  // namespace tacit::cli
