#include "cli/doctor.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "tests/unit/cli/scratch_dir.h"

namespace tacit::cli {
namespace {

using Kind = Finding::Kind;

DoctorFacts healthy(const ScratchDir& dir) {
  DoctorFacts facts;
  facts.uid = getuid();
  facts.paths = {dir.file("config.toml"), dir.file("vault"), dir.file("state"), dir.file("anchor")};
  facts.sessions_dir = dir.path();
  facts.bus = dir.path();
  DaemonStatus status;
  status.state = VaultState::kUnlocked;
  status.version = version();
  status.slot_kinds = {SlotKind::kPassphrase, SlotKind::kRecoveryKey};
  facts.daemon = status;
  return facts;
}

std::vector<Finding> problems(const DoctorFacts& facts) {
  std::vector<Finding> all;
  for (const DoctorCheck& check : doctor_checks()) {
    for (Finding& finding : check.run(facts)) {
      if (finding.kind == Kind::kProblem) all.push_back(std::move(finding));
    }
  }
  return all;
}

TEST(Doctor, FindsNothingWhereAllIsWell) {
  const ScratchDir dir;
  EXPECT_TRUE(problems(healthy(dir)).empty());
}

TEST(Doctor, TellsOfEachToken) {
  const ScratchDir dir;
  auto facts = healthy(dir);
  TokenInfo good;
  good.item = {"default", "good"};
  good.has_token = good.renewable = true;
  good.expires = 1'800'000'000'000;
  TokenInfo gone = good;
  gone.item = {"work", "a b"};
  gone.expired = true;
  gone.renewable = false;
  gone.last_error = "the server said invalid_grant";
  facts.tokens = {good, gone};
  ASSERT_EQ(problems(facts).size(), 1u);
  EXPECT_EQ(problems(facts)[0].mend, "tacit token login tacit://work/a%20b");
  EXPECT_NE(problems(facts)[0].message.find("invalid_grant"), std::string::npos);
  gone.renewable = true;  // the next reading helps
  facts.tokens = {good, gone};
  EXPECT_TRUE(problems(facts).empty());
  facts.renewer_trouble = "it is not there";
  EXPECT_EQ(problems(facts).size(), 1u);
  facts.tokens.clear();
  EXPECT_TRUE(problems(facts).empty());
}

TEST(Doctor, SaysTheDaemonsErrorWhereNoneAnswers) {
  const ScratchDir dir;
  auto facts = healthy(dir);
  facts.daemon = Error{Reason::kNoDaemon, "config.toml:3: unknown key"};
  ASSERT_EQ(problems(facts).size(), 1u);
  EXPECT_NE(problems(facts)[0].message.find("config.toml:3"), std::string::npos);
  EXPECT_FALSE(problems(facts)[0].mend.empty());
}

TEST(Doctor, TellsWhatIsWrongWithTheSettings) {
  const ScratchDir dir;
  auto facts = healthy(dir);
  facts.machine.settings_changed = 1'000;
  facts.machine.settings_trouble = "config.toml:3:1: unknown key `log.levle`";
  ASSERT_EQ(problems(facts).size(), 1u);
  EXPECT_EQ(problems(facts)[0].message, facts.machine.settings_trouble);
  facts.machine.settings_trouble.clear();
  EXPECT_EQ(check_settings(facts).at(0).kind, Kind::kOk);
  facts.machine.settings_changed = 4'000'000'000'000;  // after any daemon started
  EXPECT_EQ(check_settings(facts).at(0).mend, "tacit daemon restart");
}

TEST(Doctor, TellsOfADiskThatCannotKeepTheVault) {
  const ScratchDir dir;
  auto facts = healthy(dir);
  facts.machine.free_bytes = std::uint64_t{1} << 40;
  EXPECT_TRUE(check_disk(facts).empty());
  facts.machine.free_bytes = 1024 * 1024;
  facts.machine.read_only = true;
  EXPECT_EQ(problems(facts).size(), 2u);
}

TEST(Doctor, TellsOfSwapThatCanBeRead) {
  const ScratchDir dir;
  auto facts = healthy(dir);
  EXPECT_TRUE(check_swap(facts).empty());
  facts.machine.open_swaps = {"/dev/sda2"};
  ASSERT_EQ(check_swap(facts).size(), 1u);
  EXPECT_EQ(check_swap(facts)[0].kind, Kind::kNote);
  EXPECT_NE(check_swap(facts)[0].message.find("/dev/sda2"), std::string::npos);
  EXPECT_EQ(swap_devices("Filename\tType\n/dev/zram0 partition 1\n/swap\tfile 2\n"),
            (std::vector<std::string>{"/dev/zram0", "/swap"}));
  EXPECT_TRUE(swap_devices("Filename\tType\n").empty());
}

TEST(Doctor, TellsOfTheSession) {
  const ScratchDir dir;
  auto facts = healthy(dir);
  EXPECT_EQ(check_session(facts).at(0).kind, Kind::kNote);  // no runtime folder
  facts.machine.runtime_dir = dir.path();
  EXPECT_TRUE(check_session(facts).empty());
  facts.uid = 0;
  facts.machine.sudo_user = "ada";
  EXPECT_NE(check_session(facts).at(0).message.find("ada"), std::string::npos);
}

TEST(Doctor, ComparesVersions) {
  const ScratchDir dir;
  auto facts = healthy(dir);
  facts.daemon->version = "0.0.1";
  EXPECT_EQ(problems(facts).size(), 1u);
}

TEST(Doctor, FindsFoldersThatAreOpenToOthers) {
  const ScratchDir dir;
  auto facts = healthy(dir);
  ASSERT_EQ(mkdir(facts.paths.vault_dir.c_str(), 0700), 0);
  ASSERT_EQ(chmod(facts.paths.vault_dir.c_str(), 0750), 0);
  const auto found = problems(facts);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NE(found[0].message.find("0750"), std::string::npos);
  EXPECT_NE(found[0].mend.find("chmod"), std::string::npos);
}

TEST(Doctor, FindsForeignOwnersAndLinks) {
  const ScratchDir dir;
  auto facts = healthy(dir);
  ASSERT_EQ(mkdir(facts.paths.vault_dir.c_str(), 0700), 0);
  facts.uid = getuid() + 1;
  EXPECT_EQ(problems(facts).size(), 1u);
  ASSERT_EQ(symlink(facts.paths.vault_dir.c_str(), dir.file("link").c_str()), 0);
  EXPECT_EQ(check_private(dir.file("link"), getuid(), 077).at(0).kind, Kind::kProblem);
}

TEST(Doctor, TellsTheVaultsTroubles) {
  const ScratchDir dir;
  auto facts = healthy(dir);
  facts.daemon->state = VaultState::kNone;
  EXPECT_EQ(problems(facts).at(0).mend, "tacit init");
  facts = healthy(dir);
  facts.daemon->state = VaultState::kUnusable;
  facts.daemon->problem_message = "row 3 is damaged";
  EXPECT_EQ(problems(facts).at(0).message, "row 3 is damaged");
  facts = healthy(dir);
  facts.daemon->read_only = true;
  facts.daemon->problem = Reason::kRollback;
  EXPECT_NE(problems(facts).at(0).mend.find("accept-rollback"), std::string::npos);
  facts = healthy(dir);
  facts.daemon->recovery_key_unconfirmed = true;
  EXPECT_EQ(problems(facts).size(), 1u);
  facts = healthy(dir);
  facts.daemon->state = VaultState::kLocked;
  EXPECT_TRUE(problems(facts).empty());
  facts.daemon->problem = Reason::kFork;
  facts.daemon->problem_message = "two copies were written";
  EXPECT_NE(problems(facts).at(0).message.find("two copies"), std::string::npos);
  EXPECT_NE(problems(facts).at(0).mend.find("accept-rollback"), std::string::npos);
}

TEST(Doctor, FindsASocketPathThatIsTooLong) {
  const ScratchDir dir;
  auto facts = healthy(dir);
  const std::string folder = dir.path() + "/";
  facts.places = {{folder + std::string(108 - folder.size(), 'x'), "TACIT_SOCKET"}};
  EXPECT_EQ(problems(facts).size(), 1u);
  facts.places = {{folder + std::string(107 - folder.size(), 'x'), "TACIT_SOCKET"}};
  EXPECT_TRUE(problems(facts).empty());
}

TEST(Doctor, TellsWhetherAPrompterIsRegisteredAndProven) {
  const ScratchDir dir;
  auto facts = healthy(dir);
  const auto said = [&facts](PrompterState state) {
    facts.daemon->prompter = state;
    const auto& checks = doctor_checks();
    const auto check = std::ranges::find(checks, "prompter", &DoctorCheck::name);
    return check->run(facts).at(0);
  };
  EXPECT_EQ(said(PrompterState::kProven).kind, Kind::kOk);
  EXPECT_NE(said(PrompterState::kUnproven).message.find("not proven"), std::string::npos);
  EXPECT_NE(said(PrompterState::kNone).message.find("none is registered"), std::string::npos);
  EXPECT_NE(said(PrompterState::kNone).mend.find("tacit prompter --tty"), std::string::npos);
  facts.pinentry = std::string("/usr/bin/pinentry");
  EXPECT_NE(said(PrompterState::kNone).mend.find("tacit-prompter.service"), std::string::npos);
  EXPECT_TRUE(problems(facts).empty());
}

TEST(Doctor, FindsASocketThatTheManagerLost) {
  const ScratchDir dir;
  auto facts = healthy(dir);
  facts.places = {{dir.file("tacit.sock"), "XDG_RUNTIME_DIR"}};
  facts.managed_socket = dir.file("tacit.sock");
  ASSERT_EQ(problems(facts).size(), 1u);
  EXPECT_EQ(problems(facts)[0].mend, "systemctl --user restart tacitd.socket");
  facts.managed_socket = dir.file("another.sock");
  EXPECT_TRUE(problems(facts).empty());
}

TEST(Doctor, TellsWhichKeyringPipAndUvFind) {
  const ScratchDir dir;
  auto facts = healthy(dir);
  const auto& checks = doctor_checks();
  const auto check = std::ranges::find(checks, "keyring", &DoctorCheck::name);
  facts.keyrings = {{"/usr/bin/keyring", false}};
  EXPECT_TRUE(check->run(facts).empty());  // never asked for
  facts.keyrings = {{"/a/keyring", true}, {"/usr/bin/keyring", false}};
  EXPECT_EQ(check->run(facts).at(0).kind, Kind::kOk);
  facts.keyrings = {{"/venv/bin/keyring", false}, {"/a/keyring", true}};
  EXPECT_EQ(check->run(facts).at(0).kind, Kind::kNote);
  EXPECT_NE(check->run(facts).at(0).message.find("/venv/bin/keyring"), std::string::npos);
  EXPECT_NE(check->run(facts).at(0).mend.find("put /a first"), std::string::npos);
}

TEST(Doctor, TellsOfABackendThatHidesTacitFromPythonsKeyring) {
  const ScratchDir dir;
  auto facts = healthy(dir);
  const auto& checks = doctor_checks();
  const auto check = std::ranges::find(checks, "python keyring", &DoctorCheck::name);
  EXPECT_TRUE(check->run(facts).empty());
  facts.python_keyring = {"/home/keyringrc.cfg", "keyring.backends.null.Keyring"};
  ASSERT_EQ(check->run(facts).size(), 1u);
  EXPECT_EQ(check->run(facts)[0].kind, Kind::kNote);
  EXPECT_NE(check->run(facts)[0].message.find("/home/keyringrc.cfg"), std::string::npos);
  facts.python_keyring->backend = kPythonKeyringBackend;
  EXPECT_EQ(check->run(facts).at(0).kind, Kind::kOk);
}

TEST(Doctor, ReadsAKeyringrcAsConfigparserDoes) {
  EXPECT_EQ(backend_in_keyringrc("[backend]\ndefault-keyring=a.B\n"), "a.B");
  EXPECT_EQ(backend_in_keyringrc("; x\n[backend]\r\nDefault-Keyring : a.B \r\n"), "a.B");
  EXPECT_EQ(backend_in_keyringrc("[backend]\nkeyring-path = /x\ndefault-keyring = a.B"), "a.B");
  EXPECT_EQ(backend_in_keyringrc("[backend]\n#default-keyring=a.B\nkeyring-path=/x\n"),
            std::nullopt);
  EXPECT_EQ(backend_in_keyringrc("[other]\ndefault-keyring=a.B\n"), std::nullopt);
  EXPECT_EQ(backend_in_keyringrc(""), std::nullopt);
}

TEST(Doctor, MissingLogindIsANoteAlone) {
  const ScratchDir dir;
  auto facts = healthy(dir);
  facts.sessions_dir = dir.file("absent");
  EXPECT_TRUE(problems(facts).empty());
}

}  // namespace
}  // namespace tacit::cli
