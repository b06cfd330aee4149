#include "cli/env_text.h"
#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/secret_buffer.h"

#include <gtest/gtest.h>

#include "cli/env_file.h"

namespace tacit::cli {
namespace {

std::string text_of(std::span<const unsigned char> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string line(std::string_view name, std::string_view value) {
  SecretBuffer text;
  append_env_line(text, name, as_bytes(value));
  return text_of(text.bytes());
}

TEST(EnvText, QuotesWhereNeeded) {
  EXPECT_EQ(line("A", ""), "A=\n");
  EXPECT_EQ(line("A", "pg://u@h:5432/db"), "A=pg://u@h:5432/db\n");
  EXPECT_EQ(line("A", "two words"), "A='two words'\n");
  EXPECT_EQ(line("A", "a\nb"), "A='a\nb'\n");
  EXPECT_EQ(line("A", "it's \"$x\\\""), "A=\"it's \\\"\\$x\\\\\\\"\"\n");
  EXPECT_EQ(line("A", "a\r\nb"), "A=\"a\\r\nb\"\n");
}

TEST(EnvText, IsReadBackAsItWas) {
  const std::string_view values[] = {
      "",       " ",     "#",     "a #b",     "'",     "\"",     "\\",         "\\n",
      "a=b",    "$HOME", "a\n",   "\n\n",     "\r",    "x'\ny",  "\xC3\xA4\t", "`ls`",
      "export", "a\\'b", "'a' #", "\x1b[31m", "tacit", "tacit:", "\\\\\"'",    "\"'\r\n"};
  SecretBuffer all;
  int count = 0;
  for (const auto value : values) {
    const std::string name = "N" + std::to_string(count++);
    ASSERT_TRUE(fits_env_line(name, as_bytes(value))) << name;
    append_env_line(all, name, as_bytes(value));
  }
  const auto entries = parse_env_file(text_of(all.bytes()), "f");
  ASSERT_TRUE(entries.ok()) << entries.error().message;
  ASSERT_EQ(entries->size(), std::size(values));
  for (std::size_t i = 0; i < entries->size(); ++i) {
    EXPECT_EQ(text_of((*entries)[i].value.bytes()), values[i]) << i;
  }
}

TEST(EnvText, WhatDoesNotFit) {
  EXPECT_FALSE(fits_env_line("a/b", as_bytes("x")));
  EXPECT_FALSE(fits_env_line("A", as_bytes("tacit://c/n")));
  EXPECT_FALSE(fits_env_line("A", as_bytes("\xff")));
  EXPECT_FALSE(fits_env_line("A", as_bytes(std::string_view("a\0b", 3))));
}

}  // namespace
}  // namespace tacit::cli
