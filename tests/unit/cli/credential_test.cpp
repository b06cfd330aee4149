#include "cli/credential.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/unit/cli/scratch_dir.h"

namespace tacit::cli {
namespace {

std::string hint(std::string_view passphrase) {
  return weakness({reinterpret_cast<const unsigned char*>(passphrase.data()), passphrase.size()});
}

std::string private_file(const ScratchDir& dir, const std::string& content) {
  const std::string path = dir.file("secret");
  std::ofstream(path, std::ios::binary) << content;
  chmod(path.c_str(), 0600);
  return path;
}

TEST(Weakness, SpeaksUpForShortAndMonotonousOnes) {
  EXPECT_NE(hint("hunter2"), "");
  EXPECT_NE(hint("aaaaaaaaaaaaaaaaaaaa"), "");
  EXPECT_NE(hint("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc"), "");  // 6 characters
  EXPECT_EQ(hint("correct horse battery staple"), "");
  EXPECT_EQ(hint("correct horse battery staple").find("horse"), std::string::npos);
}

TEST(PassphraseFile, LosesOneNewlineAndIsNeverEmpty) {
  const ScratchDir dir;
  auto read = read_passphrase_file(private_file(dir, "two words\n"));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->size(), 9u);
  for (const char* content : {"", "\n"}) {
    read = read_passphrase_file(private_file(dir, content));
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code, Reason::kInvalidArgument);
  }
}

TEST(PassphraseFile, HoldsAtMost4096Bytes) {
  const ScratchDir dir;
  EXPECT_TRUE(read_passphrase_file(private_file(dir, std::string(4096, 'x') + "\n")).ok());
  EXPECT_FALSE(read_passphrase_file(private_file(dir, std::string(4097, 'x'))).ok());
}

TEST(KeyFile, Has32BytesTo64KiB) {
  const ScratchDir dir;
  EXPECT_TRUE(read_key_file(private_file(dir, std::string(32, '\n'))).ok());
  EXPECT_TRUE(read_key_file(private_file(dir, std::string(65536, 'k'))).ok());
  EXPECT_FALSE(read_key_file(private_file(dir, std::string(31, 'k'))).ok());
  EXPECT_FALSE(read_key_file(private_file(dir, std::string(65537, 'k'))).ok());
}

}  // namespace
}  // namespace tacit::cli
