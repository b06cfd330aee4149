#include "cli/project/edit_text.h"

#include <gtest/gtest.h>

namespace tacit::cli {
namespace {

std::string text_of(std::span<const unsigned char> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

FoundItem item(const std::string& name, std::string_view value, std::uint64_t version,
               bool inherited = false) {
  Item one;
  one.metadata.name = name;
  one.metadata.version = version;
  one.metadata.inherited = inherited;
  one.value = SecretBytes::copy_of(value);
  return {{"p", name}, std::move(one)};
}

std::vector<FoundItem> found() {
  std::vector<FoundItem> all;
  all.push_back(item("A", "one", 3));
  all.push_back(item("B", "two words", 1));
  all.push_back(item("FROM_PARENT", "x", 1, true));
  all.push_back(item("a/b", "x", 1));
  all.push_back(item("BINARY", "\xff", 1));
  all.push_back({{"p", "HIDDEN"}, Error{Reason::kUserDenied, "no"}});
  return all;
}

/// `+A=v` new, `~A@3=v` changed, `-A@3` deleted.
std::string shown(std::string_view text) {
  const auto changes = changes_of(found(), text);
  if (!changes.ok()) return changes.error().message;
  std::string out;
  for (const PlannedChange& each : *changes) {
    out += !each.value ? "-" : each.version == 0 ? "+" : "~";
    out += each.name;
    if (each.version != 0) out += "@" + std::to_string(each.version);
    if (each.value) out += "=" + text_of(each.value->bytes());
    out += ";";
  }
  return out;
}

TEST(ProjectEditText, ShowsOwnSecretsAndNamesTheOthers) {
  const SecretBytes bytes = text_of_project("p", found());
  const std::string text = text_of(bytes.bytes());
  EXPECT_NE(text.find("\nA=one\nB='two words'\n"), std::string::npos) << text;
  for (const char* name : {"#   FROM_PARENT\n", "#   a/b\n", "#   BINARY\n", "#   HIDDEN\n"}) {
    EXPECT_NE(text.find(name), std::string::npos) << name;
  }
  EXPECT_EQ(text.find("\xff"), std::string::npos);
  EXPECT_EQ(shown(text), "");
}

TEST(ProjectEditText, ChangesByName) {
  EXPECT_EQ(shown("A=one\nB='two words'\n"), "");
  EXPECT_EQ(shown("B='two words'\nA=one"), "");
  EXPECT_EQ(shown("A=new\nB='two words'\nC=c\n"), "~A@3=new;+C=c;");
  EXPECT_EQ(shown("A=one\n"), "-B@1;");
  EXPECT_EQ(shown(""), "-A@3;-B@1;");
  EXPECT_EQ(shown("A=one\nB='two words'\nFROM_PARENT=mine\n"), "+FROM_PARENT=mine;");
  EXPECT_EQ(shown("A=one\nB='two words'\nBINARY=text\n"), "~BINARY@1=text;");
}

TEST(ProjectEditText, FaultsTellTheirLine) {
  EXPECT_NE(shown("A=one\nno line\n").find(":2: "), std::string::npos);
  EXPECT_NE(shown("A=tacit://c/n\n").find(":1: a reference"), std::string::npos);
  EXPECT_NE(shown("A='open\n").find(":1: "), std::string::npos);
}

}  // namespace
}  // namespace tacit::cli
