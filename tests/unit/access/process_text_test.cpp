#include "daemon/access/process_text.h"

#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include <string>
#include <vector>

namespace tacit {
namespace {

// proc(5): 52 fields. `name` is what a program may call itself.
std::string stat_text(const std::string& name, const std::string& terminal = "34817") {
  return "4711 (" + name + ") S 4000 4711 4001 " + terminal +
         " 4711 4194304 100 200 0 0 1 2 3 4 20 0 1 0 987654 1000000 300 18446744073709551615 "
         "11 22 33 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0 44 55 66 77 88 99 110 0\n";
}

TEST(ParseStat, ReadsParentSessionTerminalAndStart) {
  const auto stat = parse_stat(stat_text("bash"));
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->parent, 4000);
  EXPECT_EQ(stat->session, 4001);
  EXPECT_EQ(stat->terminal, makedev(136, 1));
  EXPECT_EQ(stat->start_time, 987654u);
  EXPECT_EQ(stat->image, (std::array<std::uint64_t, 7>{11, 22, 33, 77, 88, 99, 110}));
  EXPECT_TRUE(stat->image_known());
}

TEST(ParseStat, AProgramsNameCannotPassForTheFieldsAfterIt) {
  const std::string pose = "x) R 1 1 1 0 0 0 0 0 0 0 0 0 0 0 20 0 1 0 5 ";
  const auto stat = parse_stat(stat_text(pose));
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->parent, 4000);
  EXPECT_EQ(stat->start_time, 987654u);
  EXPECT_TRUE(parse_stat(stat_text("a\nb) (c")));
}

TEST(ParseStat, AnImageWithAnAddressStillMissingIsNotKnown) {
  std::string text = stat_text("bash");
  text.replace(text.find(" 99 "), 4, " 0 ");
  EXPECT_FALSE(parse_stat(text)->image_known());
}

TEST(ParseStat, TerminalsWithManyMinorNumbers) {
  // Minor 0x12345 and major 136, as the kernel packs them.
  const std::uint32_t packed = 0x45u | (136u << 8) | (0x123u << 20);
  const auto stat = parse_stat(stat_text("sh", std::to_string(packed)));
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->terminal, makedev(136, 0x12345));
}

TEST(ParseStat, RefusesWhatIsCutOrNoNumber) {
  const std::string whole = stat_text("bash");
  const std::size_t last = whole.find(" 110 0");
  for (std::size_t size = 0; size < last; ++size) EXPECT_FALSE(parse_stat(whole.substr(0, size)));
  EXPECT_FALSE(parse_stat("4711 (bash) S -1 1 1"));
  std::string negative = whole;
  negative.replace(negative.find("4000"), 4, "-400");
  EXPECT_FALSE(parse_stat(negative));
  std::string huge = whole;
  huge.replace(huge.find("987654"), 6, "99999999999999999999999");
  EXPECT_FALSE(parse_stat(huge));
}

TEST(SplitArguments, KeepsEmptyOnesAndAnUnendedLast) {
  using Arguments = std::vector<std::string>;
  EXPECT_EQ(split_arguments(""), Arguments());
  EXPECT_EQ(split_arguments(std::string_view("sh\0\0-c\0", 7)), (Arguments{"sh", "", "-c"}));
  EXPECT_EQ(split_arguments("renamed itself"), Arguments{"renamed itself"});
}

TEST(UnitOf, NamesServicesScopesAndContainers) {
  EXPECT_EQ(unit_of("0::/user.slice/user-1000.slice/user@1000.service/app.slice/backup.service\n"),
            "backup.service");
  EXPECT_EQ(unit_of("0::/user.slice/user-1000.slice/user@1000.service/app.slice/"
                    "app-editor-12.scope/inner\n"),
            "app-editor-12.scope");
  EXPECT_EQ(unit_of("12:memory:/x.service\n1:name=systemd:/system.slice/cron.service\n0::/\n"),
            "cron.service");
  EXPECT_EQ(unit_of("0::/system.slice/docker-0123456789abcdef.scope\n"),
            "docker-0123456789abcdef.scope");
  EXPECT_EQ(unit_of("0::/docker/0123456789abcdef0123\n"), "0123456789abcdef0123");
  EXPECT_EQ(unit_of("0::/lxc.payload/build\n"), "build");
}

TEST(UnitOf, LoginSessionsAndTheServiceManagerAreNone) {
  EXPECT_EQ(unit_of("0::/user.slice/user-1000.slice/session-3.scope\n"), "");
  EXPECT_EQ(unit_of("0::/user.slice/user-1000.slice/user@1000.service/init.scope\n"), "");
  EXPECT_EQ(unit_of("0::/user.slice/user-1000.slice/user@1000.service\n"), "");
  EXPECT_EQ(unit_of("0::/\n"), "");
  EXPECT_EQ(unit_of("4:memory:/name.service\n"), "") << "not the hierarchy of systemd";
  for (const char* text : {"", "::", "0:", "0::", "\n\n", "no colon", "0::////\n"}) {
    EXPECT_EQ(unit_of(text), "") << text;
  }
}

TEST(UnitOf, TellsTheServiceManager) {
  EXPECT_TRUE(is_service_manager("0::/user.slice/user-1.slice/user@1.service/init.scope\n"));
  EXPECT_TRUE(is_service_manager("1:name=systemd:/init.scope\n"));
  EXPECT_FALSE(is_service_manager("0::/user.slice/user-1.slice/user@1.service/a.service\n"));
  EXPECT_FALSE(is_service_manager("4:memory:/init.scope\n"));
}

class Environment : public testing::Test {
 protected:
  EnvironmentScan scan(const std::string& text, std::size_t piece) {
    EnvironmentScan scan(markers_);
    for (std::size_t at = 0; at < text.size(); at += piece) {
      scan.read(std::string_view(text).substr(at, piece));
    }
    return scan;
  }
  const std::vector<std::string> markers_{"ROBOT", "DRONE_RUN"};
};

TEST_F(Environment, FindsMarkersPreloadsAndTheFolderWhereverAPieceEnds) {
  const std::string text("HOME=/h\0PWD=/work/a b\0DRONE_RUN=1\0LD_AUDIT=/x.so\0ROBOT=1\0", 57);
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    const EnvironmentScan found = scan(text, piece);
    EXPECT_EQ(found.marker(), "DRONE_RUN") << piece;
    EXPECT_EQ(found.preload(), "LD_AUDIT") << piece;
    EXPECT_EQ(found.folder(), "/work/a b") << piece;
  }
}

TEST_F(Environment, OnlyTheWholeNameCountsAndOnlyIfItIsSetToSomething) {
  const std::string text(
      "ROBOT=\0ROBOTS=1\0XROBOT=1\0robot=1\0X=ROBOT=1\0ROBOT\0LD_PRELOAD=\0LD_PRELOADS=x\0", 76);
  const EnvironmentScan found = scan(text, text.size());
  EXPECT_EQ(found.marker(), "");
  EXPECT_EQ(found.preload(), "");
  EXPECT_EQ(found.folder(), "");
}

TEST_F(Environment, ALongNameOrValueHidesNothingBehindIt) {
  const std::string text = std::string(1 << 20, 'N') + "=1" + '\0' + "PWD=/" +
                           std::string(1 << 20, 'v') + '\0' + "ROBOT=yes" + '\0';
  const EnvironmentScan found = scan(text, 4096);
  EXPECT_EQ(found.marker(), "ROBOT");
  EXPECT_LE(found.folder().size(), 4096u);
}

}  // namespace
}  // namespace tacit
