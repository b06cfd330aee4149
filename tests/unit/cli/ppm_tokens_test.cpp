// The file of another program's tokens.
#include "cli/token/ppm_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tacit::cli {
namespace {

std::string text_of(const SecretBytes& secret) {
  return {secret.bytes().begin(), secret.bytes().end()};
}

TEST(PpmTokens, EachConnectionIsOne) {
  const auto read = parse_ppm_tokens(
      "# c\n[[connections]]\naddress = \"https://ppm.example.com\"\ntoken = \"t\\u0031\"\n"
      "auth_type = \"sso\"\n\n[[connections]]\ntoken = 't2'\naddress = 'http://127.0.0.1:1'\n",
      "FILE");
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(read->at(0).address, "https://ppm.example.com");
  EXPECT_EQ(text_of(read->at(0).token), "t1");
  EXPECT_EQ(read->at(1).address, "http://127.0.0.1:1");
  EXPECT_EQ(text_of(read->at(1).token), "t2");
}

TEST(PpmTokens, WithoutConnectionsThereIsNone) {
  EXPECT_TRUE(parse_ppm_tokens("", "FILE")->empty());
  EXPECT_TRUE(parse_ppm_tokens("other = 1\n", "FILE")->empty());
}

TEST(PpmTokens, AFaultNamesItsLineAndNoToken) {
  for (const char* text :
       {"[[connections]]\naddress = \"a\"\n", "[[connections]]\ntoken = \"not-shown\"\n",
        "[[connections]]\naddress = 5\ntoken = \"not-shown\"\n",
        "[[connections]]\naddress = \"a\"\ntoken = \"\"\n", "connections = [1]\n",
        "token = \"not-shown\n", "[[", "[#", "a = '''\nnot-shown'''"}) {
    const auto read = parse_ppm_tokens(text, "FILE");
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_TRUE(read.error().message.starts_with("FILE:")) << read.error().message;
    EXPECT_EQ(read.error().message.find("not-shown"), std::string::npos);
  }
}

}  // namespace
}  // namespace tacit::cli
