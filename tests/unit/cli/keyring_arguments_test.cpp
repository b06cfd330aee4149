#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "cli/keyring/arguments.h"

namespace tacit::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using Operation = KeyringArguments::Operation;

using Arguments = std::vector<std::string>;

KeyringArguments parsed(const Arguments& arguments) {
  auto result = parse_keyring(arguments);
  EXPECT_TRUE(result.ok()) << result.error().message;
  return result.ok() ? *result : KeyringArguments();
}

std::string refused(const Arguments& arguments) {
  auto result = parse_keyring(arguments);
  EXPECT_FALSE(result.ok());
  return result.ok() ? "" : result.error().message;
}

TEST(KeyringArguments, AsPipSaysThem) {
  const auto old = parsed({"get", "https://h/simple/", "ada"});
  EXPECT_EQ(old.operation, Operation::kGet);
  EXPECT_EQ(old.service, "https://h/simple/");
  EXPECT_EQ(old.username, "ada");
  EXPECT_FALSE(old.credentials || old.json);

  const auto anyone = parsed({"--mode=creds", "--output=json", "get", "https://h/simple/"});
  EXPECT_EQ(anyone.operation, Operation::kGet);
  EXPECT_FALSE(anyone.username);
  EXPECT_TRUE(anyone.credentials && anyone.json);
  EXPECT_EQ(parsed({"--mode=creds", "--output=json", "get", "h", "ada"}).username, "ada");
  EXPECT_EQ(parsed({"set", "h", "ada"}).operation, Operation::kSet);
}

TEST(KeyringArguments, AsUvSaysThem) {
  const auto anyone = parsed({"get", "https://h/simple", "--mode", "creds"});
  EXPECT_EQ(anyone.service, "https://h/simple");
  EXPECT_FALSE(anyone.username);
  EXPECT_TRUE(anyone.credentials);
  EXPECT_FALSE(anyone.json);
}

TEST(KeyringArguments, OptionsStandAnywhere) {
  for (const Arguments& each : {Arguments{"--output", "json", "get", "s", "u"},
                                {"get", "--output", "json", "s", "u"},
                                {"get", "s", "--output=json", "u"},
                                {"get", "s", "u", "--output", "json"}}) {
    EXPECT_TRUE(parsed(each).json);
    EXPECT_EQ(parsed(each).username, "u");
  }
  EXPECT_FALSE(parsed({"--output", "json", "get", "s", "u", "--output", "plain"}).json);
  EXPECT_FALSE(parsed({"get", "s", "u", "--mode=creds", "--mode=password"}).credentials);
}

TEST(KeyringArguments, AnyNameIsAName) {
  for (const char* name : {"", "-", "get", "a b", "a\nb", "[x]", "=", "creds"}) {
    EXPECT_EQ(parsed({"get", name, name}).service, name);
    EXPECT_EQ(parsed({"get", name, name}).username, name);
  }
  EXPECT_EQ(parsed({"get", "--", "--mode", "-u"}).service, "--mode");
  EXPECT_EQ(parsed({"get", "s", "--", "-u"}).username, "-u");
}

TEST(KeyringArguments, WhatIsNoOperation) {
  EXPECT_EQ(parsed({}).operation, Operation::kNone);
  EXPECT_TRUE(parsed({"--help", "get"}).help);
  EXPECT_TRUE(parsed({"-h"}).help);
  EXPECT_TRUE(parsed({"--version"}).version);
  EXPECT_TRUE(parsed({"--list-backends"}).list_backends);
}

TEST(KeyringArguments, RefusesWhatIsNotEnoughOrTooMuch) {
  EXPECT_THAT(refused({"get"}), HasSubstr("get wants a service and a username"));
  EXPECT_THAT(refused({"get", "s"}), HasSubstr("and a username"));
  EXPECT_THAT(refused({"get", "--mode", "creds"}), HasSubstr("wants a service"));
  EXPECT_THAT(refused({"set", "s", "--mode", "creds"}), HasSubstr("and a username"));
  EXPECT_THAT(refused({"del", "s"}), HasSubstr("and a username"));
  EXPECT_THAT(refused({"lst", "s", "u"}), HasSubstr("say get, set or del"));
  EXPECT_THAT(refused({"get", "s", "u", "x"}), HasSubstr("too many"));
}

TEST(KeyringArguments, RefusesWithoutRepeatingWhatMayBeAPassword) {
  EXPECT_THAT(refused({"set", "s", "u", "s3cret"}), Not(HasSubstr("s3cret")));
  EXPECT_THAT(refused({"set", "s", "u", "-s3cret"}), Not(HasSubstr("s3cret")));
  EXPECT_THAT(refused({"set", "s", "u", "--mode=s3cret"}), Not(HasSubstr("s3cret")));
  EXPECT_THAT(refused({"s3cret", "s", "u"}), Not(HasSubstr("s3cret")));
}

TEST(KeyringArguments, RefusesOptionsThatItCannotKeep) {
  EXPECT_THAT(refused({"get", "s", "--mode"}), HasSubstr("--mode is password or creds"));
  EXPECT_THAT(refused({"--mode="}), HasSubstr("--mode is"));
  EXPECT_THAT(refused({"--output", "xml", "get", "s", "u"}), HasSubstr("plain or json"));
  for (const char* option : {"-b", "-bx", "-p", "--keyring-backend", "--keyring-path=/x"}) {
    EXPECT_THAT(refused({option, "x", "get", "s", "u"}), HasSubstr("no other backend"));
  }
  EXPECT_THAT(refused({"--disable"}), HasSubstr("tacit keyring disable"));
  EXPECT_THAT(refused({"--modes=creds"}), HasSubstr("unknown option"));
}

}  // namespace
}  // namespace tacit::cli
