#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "cli/keyring/item.h"

namespace tacit::cli {
namespace {

Metadata item(std::string_view service, std::string_view username, UnixMillis modified) {
  Metadata one;
  one.collection = kKeyringCollection;
  one.name = keyring_item_name(service, username);
  one.attributes = keyring_attributes(service, username);
  one.modified = modified;
  return one;
}

// The table of cli/keyring/README.md, which the Python backend is held against as well.
TEST(KeyringItem, IsNamedAsTheRuleShows) {
  EXPECT_EQ(keyring_item_name("https://pypi.example.org/simple/", "ada"),
            "https://pypi.example.org/simple/ (ada)");
  EXPECT_EQ(keyring_item_name("pypi.example.org:8443", "__token__"),
            "pypi.example.org:8443 (__token__)");
  EXPECT_EQ(keyring_item_name("my app (test)", "a(b)"), "my app %28test%29 (a%28b%29)");
  EXPECT_EQ(keyring_item_name("https://h/a%20b", "u@example.org"),
            "https://h/a%2520b (u@example.org)");
  EXPECT_EQ(keyring_item_name("x", ""), "x ()");
  EXPECT_EQ(keyring_item_name("", "u"), " (u)");
  EXPECT_EQ(keyring_item_name("two\nlines", "\u00fc"), "two%0Alines (\u00fc)");
  EXPECT_EQ(keyring_item_name("\x1f\x7f ", "~"), "%1F%7F  (~)");
}

TEST(KeyringItem, NoTwoPairsHaveOneName) {
  const std::vector<std::string> parts{
      "",    " ", "a",         "a (b)", "b)",  "(b",    "a (b", ") (",    " ()",
      "%28", "%", "%2528",     "a ",    " a",  "b) (",  "()",   "\n",     "%0A",
      "%0a", "A", "a (b) (c)", "\x7f",  "%7F", "a%20b", "a b",  "\u00e4", "a\u0308"};
  std::set<std::string> names;
  for (const std::string& service : parts) {
    for (const std::string& username : parts) {
      EXPECT_TRUE(names.insert(keyring_item_name(service, username)).second)
          << service << "|" << username;
    }
  }
}

TEST(KeyringItem, TheLastChangedIsMeantWithoutAUsername) {
  const std::vector<Metadata> found{item("s", "old", 1), item("s", "new", 9), item("s", "mid", 5)};
  const auto* newest = newest_keyring_item(found, "s");
  ASSERT_NE(newest, nullptr);
  EXPECT_EQ(newest->attributes.at("username"), "new");
  EXPECT_EQ(newest_keyring_item({}, "s"), nullptr);
}

TEST(KeyringItem, OfEqualOnesTheLastByName) {
  const std::vector<Metadata> found{item("s", "b", 1), item("s", "c", 1), item("s", "a", 1)};
  EXPECT_EQ(newest_keyring_item(found, "s")->attributes.at("username"), "c");
}

TEST(KeyringItem, OneThatIsNamedOtherwiseDoesNotCount) {
  std::vector<Metadata> found{item("s", "u", 1), item("s", "v", 2), item("s", "w", 3)};
  found[1].name = "renamed";
  found[2].attributes.erase("username");
  EXPECT_EQ(newest_keyring_item(found, "s")->attributes.at("username"), "u");
}

}  // namespace
}  // namespace tacit::cli
