#include "cli/input.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/unit/cli/scratch_dir.h"

namespace tacit::cli {
namespace {

std::string text(const SecretBytes& secret) {
  return {secret.bytes().begin(), secret.bytes().end()};
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

TEST(ReadFile, TakesExactlyTheLimitAndNotAByteMore) {
  const ScratchDir dir;
  for (const std::size_t size : {0u, 1u, 4096u, 200'000u}) {
    write_file(dir.file("value"), std::string(size, '\n'));
    const auto read = read_file(dir.file("value"), size);
    ASSERT_TRUE(read.ok()) << size;
    EXPECT_EQ(read->size(), size);
    if (size == 0) continue;
    const auto refused = read_file(dir.file("value"), size - 1);
    ASSERT_FALSE(refused.ok()) << size;
    EXPECT_EQ(refused.error().code, Reason::kValueTooLarge);
  }
}

TEST(ReadFile, NamesTheFileThatIsMissing) {
  const auto read = read_file("/nonexistent/value", 10);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, Reason::kIoError);
  EXPECT_NE(read.error().message.find("/nonexistent/value"), std::string::npos);
}

TEST(StripNewline, TakesOneAway) {
  for (const auto& [before, after] :
       std::initializer_list<std::pair<const char*, const char*>>{{"a\n", "a"},
                                                                  {"a\r\n", "a\r"},
                                                                  {"a\n\n", "a\n"},
                                                                  {"a", "a"},
                                                                  {"\n", ""},
                                                                  {"", ""},
                                                                  {"\r\n", "\r"},
                                                                  {"a\r", "a\r"}}) {
    SecretBytes bytes = SecretBytes::copy_of(std::string_view(before));
    strip_newline(bytes);
    EXPECT_EQ(text(bytes), after);
  }
}

TEST(ReservedFile, IsPrivateAndNeverReplacesOne) {
  const ScratchDir dir;
  const std::string path = dir.file("key");
  {
    ReservedFile file(path);
    ASSERT_TRUE(file.create().ok());
    ASSERT_TRUE(file.fill(SecretBytes::copy_of("content")).ok());
  }
  struct stat facts {};
  ASSERT_EQ(stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0600u);
  EXPECT_EQ(facts.st_size, 7);
  ReservedFile again(path);
  const auto created = again.create();
  ASSERT_FALSE(created.ok());
  EXPECT_EQ(created.error().code, Reason::kAlreadyExists);
}

TEST(ReservedFile, IsGoneUnlessFilled) {
  const ScratchDir dir;
  {
    ReservedFile file(dir.file("key"));
    ASSERT_TRUE(file.create().ok());
  }
  EXPECT_NE(access(dir.file("key").c_str(), F_OK), 0);
}

TEST(ReservedFile, DoesNotFollowALink) {
  const ScratchDir dir;
  ASSERT_EQ(symlink(dir.file("target").c_str(), dir.file("key").c_str()), 0);
  ReservedFile file(dir.file("key"));
  EXPECT_FALSE(file.create().ok());
  EXPECT_NE(access(dir.file("target").c_str(), F_OK), 0);
}

TEST(ReadableByOthers, LooksAtTheMode) {
  const ScratchDir dir;
  write_file(dir.file("f"), "x");
  ASSERT_EQ(chmod(dir.file("f").c_str(), 0600), 0);
  EXPECT_FALSE(readable_by_others(dir.file("f")));
  ASSERT_EQ(chmod(dir.file("f").c_str(), 0640), 0);
  EXPECT_TRUE(readable_by_others(dir.file("f")));
  EXPECT_FALSE(readable_by_others(dir.file("absent")));
}

}  // namespace
}  // namespace tacit::cli
