#include "cli/pinentry/find_pinentry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/unit/cli/scratch_dir.h"

namespace tacit::cli {
namespace {

using testing::HasSubstr;

class FindPinentry : public testing::Test {
 protected:
  std::string install(const std::string& name, mode_t mode = 0755) {
    const std::string path = scratch_.file(name);
    std::ofstream(path) << "#!/bin/sh\n";
    chmod(path.c_str(), mode);
    return path;
  }
  std::string found() const {
    const auto program = find_pinentry(facts_);
    return program.ok() ? *program : "";
  }
  std::string refusal() const {
    const auto program = find_pinentry(facts_);
    return program.ok() || program.error().code != Reason::kNoPrompter ? ""
                                                                       : program.error().message;
  }

  ScratchDir scratch_;
  PinentryFacts facts_ = {
      .chosen = "", .display = true, .terminal = true, .path = {"", "relative", scratch_.path()}};
};

TEST_F(FindPinentry, TakesAGraphicalOneWhereThereIsADisplay) {
  const std::string curses = install("pinentry-curses");
  const std::string gtk = install("pinentry-gtk-2");
  EXPECT_EQ(found(), gtk);
  facts_.display = false;
  EXPECT_EQ(found(), curses);
}

TEST_F(FindPinentry, FallsBackToTheTerminalOnlyWhereThereIsOne) {
  const std::string tty = install("pinentry-tty");
  EXPECT_EQ(found(), tty);
  facts_.terminal = false;
  EXPECT_THAT(refusal(), HasSubstr("install pinentry-gnome3"));
}

TEST_F(FindPinentry, TakesTheGenericOneLast) {
  const std::string generic = install("pinentry");
  EXPECT_EQ(found(), generic);
  facts_.display = false;
  EXPECT_EQ(found(), generic);
  const std::string tty = install("pinentry-tty");
  EXPECT_EQ(found(), tty);
}

TEST_F(FindPinentry, TheChosenOneAlone) {
  install("pinentry-curses");
  const std::string mine = install("mine");
  facts_.chosen = mine;
  EXPECT_EQ(found(), mine);
  facts_.chosen = "mine";
  EXPECT_EQ(found(), mine);
  for (const char* wrong : {"absent", "/nowhere/pinentry", "./mine", "relative/mine"}) {
    facts_.chosen = wrong;
    EXPECT_THAT(refusal(), HasSubstr(wrong));
  }
}

TEST_F(FindPinentry, NotOneThatOthersCouldReplace) {
  install("pinentry-gnome3", 0777);
  install("pinentry-qt", 0644);
  mkdir(scratch_.file("pinentry-gtk-2").c_str(), 0755);
  EXPECT_THAT(refusal(), HasSubstr("no pinentry"));
  const std::string curses = install("pinentry-curses");
  EXPECT_EQ(found(), curses);
}

TEST_F(FindPinentry, NeitherDisplayNorTerminal) {
  install("pinentry-curses");
  facts_.display = facts_.terminal = false;
  EXPECT_THAT(refusal(), HasSubstr("neither a display nor a terminal"));
}

}  // namespace
}  // namespace tacit::cli
