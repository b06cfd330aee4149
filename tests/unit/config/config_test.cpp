#include "daemon/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include "daemon/base/status.h"

namespace tacit {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;

std::string error_of(const std::string& text) {
  const auto config = parse_config(text, "config.toml");
  if (config.ok()) return "(accepted)";
  EXPECT_EQ(reason_of(config.status()), Reason::kInvalidArgument);
  return std::string(config.status().message());
}

void expect_defaults(const Config& config) {
  EXPECT_EQ(config.session.idle_timeout, hours(8));
  EXPECT_EQ(config.session.hard_timeout, seconds(0));
  EXPECT_TRUE(config.session.lock_on_sleep);
  EXPECT_FALSE(config.session.lock_on_screen_lock);
  EXPECT_EQ(config.log.level, LogLevel::kInfo);
  EXPECT_EQ(config.limits.max_connections, 1024U);
  EXPECT_EQ(config.limits.max_connections_per_process, 64U);
  EXPECT_EQ(config.limits.idle_connection, minutes(10));
  EXPECT_EQ(config.kdf.target_ms, 500U);
  EXPECT_EQ(config.access.default_policy, Config::DefaultPolicy::kOpen);
  EXPECT_EQ(config.access.grant_idle, minutes(10));
  EXPECT_EQ(config.access.grant_lifetime, hours(12));
  EXPECT_EQ(config.access.question_timeout, seconds(60));
  EXPECT_TRUE(config.agents.markers.empty());
}

TEST(Config, NothingWrittenIsAllDefaults) {
  for (const char* text : {"", "# a comment\n", "[session]\n[log]\n"}) {
    const auto config = parse_config(text, "config.toml");
    ASSERT_TRUE(config.ok()) << config.status();
    expect_defaults(*config);
    EXPECT_FALSE(config->agents.markers_set);
  }
}

TEST(Config, EveryKeyIsRead) {
  const auto config = parse_config(R"(
[session]
idle_timeout = "1h30m"
hard_timeout = "2d"
lock_on_sleep = false
lock_on_screen_lock = true
[log]
level = "warn"
[limits]
max_connections = 100
max_connections_per_process = 10
idle_connection = 0
[kdf]
target_ms = 1000
[access]
default_policy = "confirm"
grant_idle = "5m"
grant_lifetime = "1h"
question_timeout = "30s"
[agents]
markers = ["ROBOT", "R2_D2"]
)",
                                   "config.toml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->session.idle_timeout, minutes(90));
  EXPECT_EQ(config->session.hard_timeout, hours(48));
  EXPECT_FALSE(config->session.lock_on_sleep);
  EXPECT_TRUE(config->session.lock_on_screen_lock);
  EXPECT_EQ(config->log.level, LogLevel::kWarn);
  EXPECT_EQ(config->limits.max_connections, 100U);
  EXPECT_EQ(config->limits.max_connections_per_process, 10U);
  EXPECT_EQ(config->limits.idle_connection, seconds(0));
  EXPECT_EQ(config->kdf.target_ms, 1000U);
  EXPECT_EQ(config->access.default_policy, Config::DefaultPolicy::kConfirm);
  EXPECT_EQ(config->access.grant_idle, minutes(5));
  EXPECT_EQ(config->access.grant_lifetime, hours(1));
  EXPECT_EQ(config->access.question_timeout, seconds(30));
  EXPECT_THAT(config->agents.markers, testing::ElementsAre("ROBOT", "R2_D2"));
  EXPECT_TRUE(config->agents.markers_set);
}

TEST(Config, DottedKeysAreTheSame) {
  const auto config = parse_config("session.idle_timeout = \"5m\"\n", "config.toml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->session.idle_timeout, minutes(5));
}

TEST(Config, DurationsAreExact) {
  const auto idle = [](const std::string& value) {
    const auto config = parse_config("[session]\nidle_timeout = " + value, "config.toml");
    return config.ok() ? config->session.idle_timeout.count() : -1;
  };
  EXPECT_EQ(idle("\"0\""), 0);
  EXPECT_EQ(idle("0"), 0);
  EXPECT_EQ(idle("\"0s\""), 0);
  EXPECT_EQ(idle("\"1s\""), 1);
  EXPECT_EQ(idle("\"1d2h3m4s\""), 93784);
  EXPECT_EQ(idle("\"365d\""), 31'536'000);
  for (const char* wrong : {"\"\"",
                            "\"8\"",
                            "8",
                            "\"-1h\"",
                            "\"+1h\"",
                            "\"1.5h\"",
                            "\"1 h\"",
                            "\"h\"",
                            "\"1h1h\"",
                            "\"1m1h\"",
                            "\"366d\"",
                            "\"8760h1s\"",
                            "\"4294967296s\"",
                            "\"99999999999999999999d\"",
                            "\"8w\"",
                            "\"8H\"",
                            "true",
                            "1.0",
                            "[]",
                            "2026-01-01",
                            "\"8h \""}) {
    EXPECT_EQ(idle(wrong), -1) << wrong;
  }
}

TEST(Config, ErrorsNameThePlaceTheKeyAndWhatWasExpected) {
  EXPECT_THAT(error_of("[session]\nidle_timeout = \"soon\"\n"),
              AllOf(HasSubstr("config.toml:2:16: "), HasSubstr("`session.idle_timeout`"),
                    HasSubstr("expected a duration")));
  EXPECT_THAT(error_of("[session]\n\n  lock_on_sleep = \"yes\"\n"),
              AllOf(HasSubstr("config.toml:3:19: "), HasSubstr("expected true or false")));
  EXPECT_THAT(error_of("[log]\nlevel = \"loud\"\n"), HasSubstr("\"debug\", \"info\""));
  EXPECT_THAT(error_of("[limits]\nmax_connections = 15\n"), HasSubstr("from 16 to 65536"));
  EXPECT_THAT(error_of("[limits]\nmax_connections = 65537\n"), HasSubstr("from 16 to 65536"));
  EXPECT_THAT(error_of("[limits]\nmax_connections = 64.0\n"), HasSubstr("from 16 to 65536"));
  EXPECT_THAT(error_of("[kdf]\ntarget_ms = 249\n"), HasSubstr("250 to 10000"));
  EXPECT_THAT(error_of("[kdf]\ntarget_ms = 9223372036854775807\n"), HasSubstr("250 to 10000"));
  EXPECT_THAT(error_of("[access]\ndefault_policy = \"pinned\"\n"), HasSubstr("\"confirm\""));
  EXPECT_THAT(error_of("[access]\ngrant_idle = 0\n"), HasSubstr("from 1s"));
  EXPECT_THAT(error_of("[access]\nquestion_timeout = \"61m\"\n"), HasSubstr("\"1h\""));
  EXPECT_THAT(error_of("[agents]\nmarkers = \"X\"\n"), HasSubstr("a list"));
  EXPECT_THAT(error_of("[agents]\nmarkers = [\"A=B\"]\n"), HasSubstr("environment variables"));
  EXPECT_THAT(error_of("[agents]\nmarkers = [1]\n"), HasSubstr("environment variables"));
}

TEST(Config, TyposAreAnswered) {
  EXPECT_THAT(error_of("[session]\nidle_timout = \"8h\"\n"),
              AllOf(HasSubstr("config.toml:2:1: "), HasSubstr("unknown key `session.idle_timout`"),
                    HasSubstr("did you mean `idle_timeout`?")));
  EXPECT_THAT(error_of("[sesion]\n"), AllOf(HasSubstr("config.toml:1:"), HasSubstr("`sesion`"),
                                            HasSubstr("did you mean `session`?")));
  EXPECT_THAT(error_of("level = \"info\"\n"), HasSubstr("`level` belongs below `[log]`"));
  EXPECT_THAT(error_of("log = \"info\"\n"), HasSubstr("write `[log]`"));
  EXPECT_THAT(error_of("[[log]]\nlevel = \"info\"\n"), HasSubstr("write `[log]`"));
  EXPECT_THAT(error_of("[log]\nsomething_quite_different = 1\n"), HasSubstr("known are level"));
  EXPECT_THAT(error_of("[log.level]\nx = 1\n"), HasSubstr("`log.level`: expected"));
}

TEST(Config, SyntaxErrorsNameThePlace) {
  EXPECT_THAT(error_of("[session\n"), HasSubstr("config.toml:1:"));
  EXPECT_THAT(error_of("[log]\nlevel = \n"), HasSubstr("config.toml:2:"));
  EXPECT_THAT(error_of("[log]\nlevel = \"info\"\nlevel = \"warn\"\n"), HasSubstr("config.toml:3:"));
  EXPECT_THAT(error_of(std::string("[log]\nlevel = \"a\0b\"\n", 20)), HasSubstr("config.toml:2:"));
  EXPECT_THAT(error_of("[log]\nlevel = \"\xFF\"\n"), HasSubstr("config.toml:2:"));
}

// Found by fuzzing: the TOML library ends the process on these.
TEST(Config, HeadersWithoutAKeyAreErrors) {
  for (const char* text : {"[#", "[[=", "[[[a]]]", "[", "[]", "[ ", "\t[ .a]", "\xEF\xBB\xBF[&"}) {
    EXPECT_THAT(error_of(text), HasSubstr("config.toml:1:")) << text;
  }
  EXPECT_THAT(error_of("session.x=[{y=[}]"), HasSubstr("config.toml:"));
  EXPECT_THAT(error_of("[log]\r\n\n  [ #\n"),
              HasSubstr("config.toml:3:5: expected a table's name"));
}

TEST(Config, OnlyAsciiOutsideComments) {
  EXPECT_THAT(error_of("[log]\n\xEF\xBB\xBE = 1\n"), HasSubstr("config.toml:2:1: only ASCII"));
  EXPECT_THAT(error_of("[log]\nlevel =\xC2\xA0\"info\"\n"),
              HasSubstr("config.toml:2:8: only ASCII"));
  EXPECT_THAT(error_of("[log]\nlevel = \"\"\"info\"\"\"\n"),
              HasSubstr("config.toml:2:9: a string"));
  EXPECT_THAT(error_of("[log]\nlevel = 'caf\xC3\xA9'\n"),
              HasSubstr("config.toml:2:13: only ASCII"));
  EXPECT_THAT(error_of("[log]\nlevel = \"caf\xC3\xA9\n"),
              HasSubstr("config.toml:2:13: only ASCII"));
  EXPECT_THAT(error_of("[log]\nx = \"a\\\"#\" \xC3\xA9\n"), HasSubstr(":2:12: only ASCII"));
  for (const char* text : {"# caf\xC3\xA9 \"\"\"\n[log] # [[\nlevel = \"info\" # '''\n",
                           "\xEF\xBB\xBF[log]\r\nlevel = \"\\u0069nfo\"\r\n"}) {
    EXPECT_TRUE(parse_config(text, "config.toml").ok()) << text;
  }
}

TEST(Config, LimitsMustFitTogether) {
  EXPECT_THAT(error_of("[limits]\nmax_connections = 32\n"), HasSubstr("config.toml:2:"));
  EXPECT_THAT(error_of("[limits]\nmax_connections_per_process = 2000\n"),
              HasSubstr("must be at most `limits.max_connections` (1024)"));
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// packaging/config.toml is what users read: every key once, each with its true default.
TEST(Config, TheExampleListsEveryKeyWithItsDefault) {
  const std::string example = read_file(TACIT_EXAMPLE_CONFIG);
  ASSERT_FALSE(example.empty());
  const std::string active = std::regex_replace(example, std::regex("(^|\n)#([a-z_]+ = )"), "$1$2");
  const auto config = parse_config(active, "config.toml");
  ASSERT_TRUE(config.ok()) << config.status();
  expect_defaults(*config);
  EXPECT_TRUE(config->agents.markers_set);

  std::vector<std::string> written;
  std::string table;
  std::istringstream lines(active);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, std::regex("\\[([a-z]+)\\]"))) table = match[1];
    if (std::regex_match(line, match, std::regex("([a-z_]+) = .*"))) {
      written.push_back(table + "." + match[1].str());
    }
  }
  EXPECT_EQ(written, config_keys());
  EXPECT_TRUE(parse_config(example, "config.toml").ok());
}

class ConfigFileTest : public testing::Test {
 protected:
  ConfigFileTest() {
    std::string pattern = testing::TempDir() + "tacit-config-XXXXXX";
    if (mkdtemp(pattern.data())) folder_ = pattern;
    path_ = folder_ + "/config.toml";
  }
  ~ConfigFileTest() override { std::filesystem::remove_all(folder_); }
  void write_file(const std::string& text, mode_t mode = 0600) {
    std::ofstream(path_) << text;
    chmod(path_.c_str(), mode);
  }
  std::string folder_;
  std::string path_;
};

TEST(Config, WhatHoldsIsWrittenSoThatItIsReadBack) {
  const std::string defaults = format_config(Config{});
  expect_defaults(*parse_config(defaults, "config.toml"));
  for (const std::string& key : config_keys()) {
    EXPECT_THAT(defaults, HasSubstr(key.substr(key.find('.') + 1) + " = "));
  }
  const std::string changed =
      "[session]\nidle_timeout = \"1h30m\"\n[access]\ndefault_policy = \"confirm\"\n"
      "[agents]\nmarkers = [\"program:a\\\"b\", \"C\"]\n";
  const auto config = parse_config(changed, "config.toml");
  ASSERT_TRUE(config.ok()) << config.status();
  const auto again = parse_config(format_config(*config), "config.toml");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(format_config(*again), format_config(*config));
  EXPECT_EQ(again->session.idle_timeout, minutes(90));
  EXPECT_EQ(again->agents.markers, config->agents.markers);
}

TEST_F(ConfigFileTest, AMissingFileIsAllDefaults) {
  for (const std::string& path : {path_, folder_ + "/missing/config.toml"}) {
    const auto config = load_config(path);
    ASSERT_TRUE(config.ok()) << config.status();
    expect_defaults(*config);
  }
}

TEST_F(ConfigFileTest, IsRead) {
  write_file("[log]\nlevel = \"debug\"\n", 0644);
  const auto config = load_config(path_);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->log.level, LogLevel::kDebug);
}

TEST_F(ConfigFileTest, ErrorsNameTheFile) {
  write_file("[log]\nlevle = \"debug\"\n");
  EXPECT_THAT(std::string(load_config(path_).status().message()), HasSubstr(path_ + ":2:1: "));
}

TEST_F(ConfigFileTest, MustNotBeWritableByOthers) {
  for (const mode_t mode : {0620, 0602, 0666, 0664}) {
    write_file("", mode);
    const auto config = load_config(path_);
    EXPECT_EQ(reason_of(config.status()), Reason::kPermissions);
    EXPECT_THAT(std::string(config.status().message()), HasSubstr("chmod go-w " + path_));
  }
}

TEST_F(ConfigFileTest, MustBelongToTheUser) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to make another user's file";
  write_file("");
  ASSERT_EQ(chown(path_.c_str(), 12345, 12345), 0);
  EXPECT_EQ(reason_of(load_config(path_).status()), Reason::kPermissions);
}

TEST_F(ConfigFileTest, MustBeARegularFileOfReasonableSize) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(reason_of(load_config(path_).status()), Reason::kPermissions);
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  EXPECT_EQ(reason_of(load_config(path_).status()), Reason::kPermissions);
  std::filesystem::remove(path_);
  write_file("#" + std::string(1024 * 1024, 'x'));
  EXPECT_EQ(reason_of(load_config(path_).status()), Reason::kInvalidArgument);
}

}  // namespace
}  // namespace tacit
