#include "cli/complete.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/options.h"
#include "cli/service_manager.h"
#include "tests/unit/cli/scratch_dir.h"

namespace tacit::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Action define_get_like(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  add_name(app, *name);
  app.add_option("--attribute", *name)->type_name("KEY");
  add_path(app, "--from-file", *name, "A file");
  app.add_option("--state", *name)->type_name("STATE")->check(CLI::IsMember({"on", "off"}));
  app.add_flag("--exact");
  return [name](Context&) { return 0; };
}

Action define_run_like(CLI::App& app) {
  auto all = std::make_shared<std::vector<std::string>>();
  app.add_option("-e", *all)->type_name("VAR=REF")->allow_extra_args(false);
  app.add_option("--only", *all)->type_name("NAME,...")->allow_extra_args(false);
  return [all](Context&) { return 0; };
}

Action define_names(CLI::App& app) {
  auto all = std::make_shared<std::vector<std::string>>();
  app.add_option("NAME", *all)->type_name("");
  return [all](Context&) { return 0; };
}

Action define_nothing(CLI::App&) {
  return [](Context&) { return 0; };
}

constexpr Command kCommands[] = {
    {"get", "Secrets", "print a value", define_get_like, ""},
    {"run", "Secrets", "run a command", define_run_like, "", "", true},
    {"grant", "Consent", "let in", define_names, ""},
    {"grants", "Consent", "show them", define_nothing, ""},
    {"grants revoke", "Consent", "take one back", define_nothing, ""},
    {"collection delete", "Projects", "delete it", define_get_like, ""},
};

const CompletionNames kNames{[](std::span<const std::string> words) -> std::vector<std::string> {
                               if (!words.empty() && words[0] == "-c") return {"of " + words[1]};
                               return {"alpha", "beta/one", "beta/two"};
                             },
                             [] {
                               return std::vector<std::string>{"default", "web", "web/prod"};
                             },
                             [] { return std::vector<std::string>{"registry"}; }};

Completion completed(const std::vector<std::string>& words) {
  return complete(kCommands, words, kNames);
}

std::vector<std::string> offered(const std::vector<std::string>& words) {
  std::vector<std::string> found;
  for (const Candidate& one : completed(words).candidates) found.push_back(one.word);
  return found;
}

TEST(Complete, OffersVerbsAndMembers) {
  EXPECT_THAT(offered({""}), ElementsAre("get", "run", "grant", "grants", "collection", "help"));
  EXPECT_THAT(offered({"--json", "g"}), ElementsAre("get", "grant", "grants"));
  EXPECT_THAT(offered({"help", "co"}), ElementsAre("collection"));
  EXPECT_THAT(offered({"collection", ""}), ElementsAre("delete"));
  EXPECT_THAT(offered({"grants", ""}), ElementsAre("revoke"));
  EXPECT_THAT(offered({"nonsense", ""}), IsEmpty());
  EXPECT_EQ(completed({"ge"}).candidates.at(0).description, "print a value");
}

TEST(Complete, OffersOptions) {
  EXPECT_THAT(offered({"get", "--e"}), ElementsAre("--exact"));
  EXPECT_THAT(offered({"get", "--no"}), ElementsAre("--no-input"));
  EXPECT_THAT(offered({"--js"}), ElementsAre("--json"));
  EXPECT_THAT(offered({"run", "-"}), testing::Contains("-e"));
}

TEST(Complete, OffersNames) {
  EXPECT_THAT(offered({"get", ""}), ElementsAre("alpha", "beta/one", "beta/two"));
  EXPECT_THAT(offered({"get", "--exact", "b"}), ElementsAre("beta/one", "beta/two"));
  EXPECT_THAT(offered({"get", "--attribute", "user", "a"}), ElementsAre("alpha"));
  EXPECT_THAT(offered({"get", "alpha", ""}), IsEmpty());  // it takes one
  EXPECT_THAT(offered({"grant", "alpha", "a"}), ElementsAre("alpha"));
  EXPECT_THAT(offered({"-c", "web", "get", "of"}), ElementsAre("of web"));
  EXPECT_THAT(offered({"collection", "delete", "w"}), ElementsAre("web", "web/prod"));
}

TEST(Complete, OffersTheValuesOfOptions) {
  EXPECT_THAT(offered({"get", "--state", ""}), ElementsAre("on", "off"));
  EXPECT_THAT(offered({"get", "--state=o"}), ElementsAre("--state=on", "--state=off"));
  EXPECT_THAT(offered({"get", "--attribute", ""}), IsEmpty());
  EXPECT_EQ(completed({"get", "--from-file", ""}).kind, CompletionKind::kFiles);
  EXPECT_THAT(offered({"-c", "w"}), ElementsAre("web", "web/prod"));
  EXPECT_THAT(offered({"get", "--collection", "d"}), ElementsAre("default"));
  EXPECT_THAT(offered({"get", "--profile", ""}), ElementsAre("prod"));
}

TEST(Complete, OffersReferences) {
  EXPECT_THAT(offered({"get", "tacit://w"}), ElementsAre("tacit://web/", "tacit://web%2Fprod/"));
  EXPECT_EQ(completed({"get", "tacit://w"}).kind, CompletionKind::kUnfinished);
  EXPECT_THAT(offered({"get", "tacit://web/"}), ElementsAre("tacit://web/of%20web"));
}

TEST(Complete, OffersWhatRunTakes) {
  EXPECT_THAT(offered({"run", "-e", "TOKEN=a"}), ElementsAre("TOKEN=alpha"));
  EXPECT_THAT(offered({"run", "--only", "alpha,beta/t"}), ElementsAre("alpha,beta/two"));
  EXPECT_THAT(offered({"run", ""}), ElementsAre("--"));
  EXPECT_EQ(completed({"run", "--", "mak"}).kind, CompletionKind::kCommands);
}

TEST(ServiceManager, KnowsItsUnitByTheControlGroup) {
  EXPECT_TRUE(
      is_of_service("0::/user.slice/user-1000.slice/user@1000.service/app.slice/tacitd.service\n"));
  EXPECT_FALSE(is_of_service("0::/user.slice/user-1000.slice/session-2.scope\n"));
  EXPECT_FALSE(is_of_service("0::/user.slice/not-tacitd.service\n"));
  const ScratchDir dir;
  EXPECT_FALSE(service_runs(1000, dir.path()));
  std::filesystem::create_directories(
      dir.file("user.slice/user-1000.slice/user@1000.service/app.slice/tacitd.service"));
  EXPECT_TRUE(service_runs(1000, dir.path()));
  EXPECT_FALSE(service_runs(1001, dir.path()));
}

}  // namespace
}  // namespace tacit::cli
