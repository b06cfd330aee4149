// Who asks, found of real processes.
#include "daemon/access/chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include "daemon/os/peer_identity.h"
#include "tests/unit/access/subject.h"

namespace tacit {
namespace {

using test::shell;
using test::Subject;
using test::SubjectOptions;
using testing::HasSubstr;
namespace fs = std::filesystem;

const std::vector<std::string> kCat{"cat"};
const std::string kShell = fs::canonical("/bin/sh");

ProcessName name_of(pid_t pid) { return {pid, process_start_time(pid)}; }

class Chain : public testing::Test {
 protected:
  std::shared_ptr<const Asker> ask(pid_t pid) { return reader_.read(name_of(pid)); }

  test::ScratchFolder scratch_;
  ChainReader reader_{{{"TACIT_TEST_AGENT"}, {"test-agent"}}, OwnPrograms(scratch_.path("ours"))};
};

TEST_F(Chain, AProgramIsKnownByItsFileItsFolderAndItsParents) {
  const std::string program = scratch_.program("tool");
  const Subject subject(program, kCat, {.folder = scratch_.path()});
  const auto asker = ask(subject.pid());
  EXPECT_EQ(asker->unknown_because, "");
  EXPECT_EQ(asker->program, 0u);
  EXPECT_EQ(asker->asking().pid, subject.pid());
  EXPECT_EQ(asker->asking().executable, program);
  EXPECT_TRUE(asker->asking().file_known);
  struct stat stat {};
  ASSERT_EQ(::stat(program.c_str(), &stat), 0);
  EXPECT_EQ(asker->asking().file.inode, stat.st_ino);
  EXPECT_EQ(asker->asking().file.device, stat.st_dev);
  EXPECT_EQ(asker->asking().file.changed_ns % 1'000'000'000, stat.st_ctim.tv_nsec);
  EXPECT_EQ(asker->folder, scratch_.path());
  EXPECT_EQ(asker->asking().script, "");
  EXPECT_FALSE(asker->asking().unnamed_script);
  ASSERT_GE(asker->chain.size(), 2u);
  EXPECT_EQ(asker->chain[1].pid, ::getpid());
  EXPECT_EQ(asker->chain[1].start_time, process_start_time(::getpid()));
  // Of a session without a terminal a grant is for the process.
  if (asker->unit.empty()) {
    EXPECT_EQ(asker->session.kind, AskerSession::Kind::kProcess);
    EXPECT_EQ(asker->session.leader, subject.pid());
  }
}

TEST_F(Chain, AReplacedExecutableIsUnknown) {
  const std::string program = scratch_.program("tool");
  const Subject subject(program, kCat);
  EXPECT_TRUE(ask(subject.pid())->known());
  fs::rename(scratch_.program("new"), program);
  const auto asker = ask(subject.pid());
  EXPECT_FALSE(asker->asking().file_known);
  EXPECT_THAT(asker->unknown_because, HasSubstr("replaced or deleted"));
}

TEST_F(Chain, ADeletedExecutableIsUnknown) {
  const std::string program = scratch_.program("tool");
  const Subject subject(program, kCat);
  fs::remove(program);
  EXPECT_THAT(ask(subject.pid())->unknown_because, HasSubstr("replaced or deleted"));
  // Nor by a file of the name that the kernel gives it.
  fs::copy_file("/bin/cat", program + " (deleted)");
  EXPECT_THAT(ask(subject.pid())->unknown_because, HasSubstr("replaced or deleted"));
}

TEST_F(Chain, PreloadedCodeIsUnknownAndSaidSo) {
  for (const std::string variable : {"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT"}) {
    const Subject subject("/bin/cat", kCat, {.environment = {variable + "=/nonexistent"}});
    EXPECT_THAT(ask(subject.pid())->unknown_because, HasSubstr(variable + " is set"));
  }
  const Subject empty("/bin/cat", kCat, {.environment = {"LD_PRELOAD="}});
  EXPECT_TRUE(ask(empty.pid())->known());
}

TEST_F(Chain, TheProgramIsTheNearestThatIsNotOurs) {
  const std::string ours = scratch_.program("ours/tacit");
  Subject subject(kShell, shell(ours + " <&3 >&4 & echo $! >&4; wait"));
  const pid_t tacit = subject.read_pid();
  subject.write("runs\n");  // by what it gives back, that it is no longer the shell's fork
  ASSERT_EQ(subject.read_line(), "runs");
  const auto asker = ask(tacit);
  EXPECT_EQ(asker->chain.front().executable, ours);
  EXPECT_EQ(asker->program, 1u);
  EXPECT_EQ(asker->asking().executable, kShell);
  EXPECT_TRUE(asker->asking().unnamed_script);
  EXPECT_EQ(asker->unknown_because, "");
}

TEST_F(Chain, ANameDoesNotMakeAProgramOurs) {
  scratch_.program("ours/tacit");
  const std::string impostor = scratch_.program("theirs/tacit");
  const Subject elsewhere(impostor, {"tacit"});
  EXPECT_EQ(ask(elsewhere.pid())->program, 0u);
  // One that ran under our name and was replaced by the true one since.
  const std::string path = scratch_.program("ours/user-secrets");
  const Subject replaced(path, {"user-secrets"});
  EXPECT_EQ(ask(replaced.pid())->program, 1u);
  fs::rename(scratch_.program("new"), path);
  const auto asker = ask(replaced.pid());
  EXPECT_EQ(asker->program, 0u);
  EXPECT_FALSE(asker->known());
}

TEST_F(Chain, AMarkerOfAnyParentMarksWhoStartsWithAnEmptyEnvironment) {
  Subject subject(kShell, shell("env -i /bin/cat <&3 >&4 & echo $! >&4; wait"),
                  {.environment = {"PATH=/usr/bin:/bin", "TACIT_TEST_AGENT=1"}});
  const pid_t cat = subject.read_pid();
  subject.write("runs\n");
  ASSERT_EQ(subject.read_line(), "runs");
  const auto asker = ask(cat);
  EXPECT_EQ(asker->agent_marker, "TACIT_TEST_AGENT");
  EXPECT_EQ(asker->chain[0].agent_marker, "");
  EXPECT_EQ(asker->chain[1].agent_marker, "TACIT_TEST_AGENT");
  EXPECT_EQ(asker->unknown_because, "");

  // A session of its own does not help either.
  Subject apart(kShell, shell("env -i setsid /bin/cat <&3 >&4 & echo $! >&4; wait"),
                {.environment = {"PATH=/usr/bin:/bin", "TACIT_TEST_AGENT=1"}});
  const pid_t other = apart.read_pid();
  apart.write("runs\n");
  ASSERT_EQ(apart.read_line(), "runs");
  EXPECT_TRUE(ask(other)->agent());

  const Subject person("/bin/cat", kCat, {.environment = {"TACIT_TEST_AGENT="}});
  EXPECT_FALSE(ask(person.pid())->agent());
}

TEST_F(Chain, AnAgentsOwnProgramMarksACommandWhoseShellBecameIt) {
  // The shell that had the variable runs its last command in its own place.
  const std::string agent = scratch_.path("test-agent");
  fs::create_symlink(kShell, agent);
  Subject subject(agent, shell("TACIT_TEST_AGENT=1 /bin/sh -c 'exec env -i /bin/cat' <&3 >&4 & "
                               "echo $! >&4; wait"));
  const pid_t cat = subject.read_pid();
  subject.write("runs\n");
  ASSERT_EQ(subject.read_line(), "runs");
  const auto asker = ask(cat);
  EXPECT_EQ(asker->agent_marker, "test-agent");
  EXPECT_EQ(asker->chain[0].agent_marker, "");
}

TEST_F(Chain, TellsSinceWhenAnOrphanLivesAndWhere) {
  Subject subject(kShell,
                  shell("(setsid /bin/cat <&3 >&4 & echo $! >&4); echo gone >&4; "
                        "exec /bin/cat /dev/tty"),
                  {.own_terminal = true});
  const pid_t cat = subject.read_pid();
  ASSERT_EQ(subject.read_line(), "gone");
  subject.write("runs\n");
  ASSERT_EQ(subject.read_line(), "runs");
  const auto orphan = ask(cat);
  ASSERT_TRUE(orphan->adopted.has_value());
  EXPECT_EQ(orphan->adopted->start_time, process_start_time(cat));
  EXPECT_EQ(orphan->adopted->cgroup, orphan->cgroup);
  EXPECT_NE(orphan->cgroup, CgroupId{});
}

TEST_F(Chain, AProcessThatStartsAnotherProgramIsLookedAtAnew) {
  const std::string second = scratch_.program("second");
  Subject subject(
      kShell,
      shell("/bin/cat <&3 >&4 & echo $! >&4; wait; echo ended >&4; export TACIT_TEST_AGENT=1; "
            "exec " +
            second + " <&3 >&4"));
  const pid_t cat = subject.read_pid();
  subject.write("runs\n");
  ASSERT_EQ(subject.read_line(), "runs");
  EXPECT_FALSE(ask(cat)->agent());
  EXPECT_EQ(ask(subject.pid())->asking().executable, kShell);
  ::kill(cat, SIGKILL);
  ASSERT_EQ(subject.read_line(), "ended");
  subject.write("again\n");
  ASSERT_EQ(subject.read_line(), "again");
  const auto asker = ask(subject.pid());
  EXPECT_EQ(asker->asking().executable, second);
  EXPECT_TRUE(asker->agent());
}

TEST_F(Chain, ScriptsAreNamedByTheirCanonicalPath) {
  const std::string wait = "read x <&3\n";
  const std::string script = scratch_.file("a/deploy.sh", wait);
  fs::create_symlink("deploy.sh", scratch_.path("a/link.sh"));
  struct stat stat {};
  ASSERT_EQ(::stat(script.c_str(), &stat), 0);
  for (const std::string& given :
       {script, std::string("./deploy.sh"), std::string("../a/link.sh")}) {
    const Subject subject(kShell, {"sh", given}, {.folder = scratch_.path("a")});
    const auto asker = ask(subject.pid());
    EXPECT_EQ(asker->asking().script, script) << given;
    EXPECT_EQ(asker->asking().script_file.inode, stat.st_ino);
    EXPECT_FALSE(asker->asking().unnamed_script);
  }
}

TEST_F(Chain, AScriptThatChangesItsFolderCannotPassForTheOneThere) {
  scratch_.file("evil/deploy.sh", "cd ../good; echo moved >&4; read x <&3\n");
  scratch_.file("good/deploy.sh", "");
  // A shell started it there, and said so.
  Subject honest(
      kShell, {"sh", "deploy.sh"},
      {.environment = {"PWD=" + scratch_.path("evil")}, .folder = scratch_.path("evil")});
  ASSERT_EQ(honest.read_line(), "moved");
  EXPECT_TRUE(ask(honest.pid())->asking().unnamed_script);
  EXPECT_EQ(ask(honest.pid())->asking().script, "");
}

TEST_F(Chain, AShellThatReadsItsTerminalIsInteractive) {
  const Subject typed(kShell, {"sh"}, {.own_terminal = true, .typed_into = true});
  EXPECT_TRUE(ask(typed.pid())->asking().interactive_shell);
  EXPECT_TRUE(ask(typed.pid())->asking().unnamed_script);
  const Subject code(kShell, shell("read x <&3"), {.own_terminal = true, .typed_into = true});
  EXPECT_FALSE(ask(code.pid())->asking().interactive_shell);
  const Subject piped(kShell, {"sh"}, {.own_terminal = true});
  EXPECT_FALSE(ask(piped.pid())->asking().interactive_shell);
  const Subject unattended(kShell, {"sh"});
  EXPECT_FALSE(ask(unattended.pid())->asking().interactive_shell);
}

TEST_F(Chain, WhatIsNoFileIsNoNamedScript) {
  const std::string fifo = scratch_.path("pipe");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  // /dev/fd/0 would be the daemon's own, if it were followed.
  for (const std::string given : {"/dev/fd/3", "/dev/stdin", "/proc/self/fd/3"}) {
    const Subject subject(kShell, {"sh", given});
    const auto asker = ask(subject.pid());
    EXPECT_TRUE(asker->asking().unnamed_script) << given;
    EXPECT_EQ(asker->asking().script, "") << given;
  }
  Subject subject(kShell, shell("sh " + fifo + " & echo $! >&4; wait"));
  const pid_t reader = subject.read_pid();
  {
    std::ofstream opened(fifo);  // returns when the script's shell has opened the other end
    EXPECT_TRUE(ask(reader)->asking().unnamed_script);
  }
}

TEST_F(Chain, HostileArgumentsAndPathsArePassedOnAsTheyAre) {
  const std::string name = "a\nb\x1b[2J\u202Egnp.\xFF) S 1 1 1";
  const std::string program = scratch_.program(name);
  const Subject subject(program, {name, "-", "\n\u202E"}, {.folder = scratch_.path()});
  const auto asker = ask(subject.pid());
  EXPECT_EQ(asker->asking().executable, program);
  EXPECT_EQ(asker->chain[1].pid, ::getpid());
  EXPECT_TRUE(asker->known());
}

TEST_F(Chain, AnOrphanIsUnknown) {
  Subject subject(kShell, shell("(/bin/cat <&3 >&4 & echo $! >&4); echo left >&4; kill -STOP $$"));
  const pid_t orphan = subject.read_pid();
  ASSERT_EQ(subject.read_line(), "left");  // the subshell between them has ended
  subject.write("runs\n");
  ASSERT_EQ(subject.read_line(), "runs");
  const auto asker = ask(orphan);
  EXPECT_THAT(asker->unknown_because, HasSubstr("has ended"));
  EXPECT_NE(asker->session.kind, AskerSession::Kind::kTerminal);
}

TEST_F(Chain, AnOrphanWithASessionOfItsOwnIsUnknown) {
  Subject subject(
      kShell,
      shell(
          "(setsid sh -c 'read x <&3; echo $$ >&4; read x <&3' &); echo left >&4; kill -STOP $$"));
  ASSERT_EQ(subject.read_line(), "left");
  subject.write("go\n");
  const pid_t orphan = subject.read_pid();
  EXPECT_THAT(ask(orphan)->unknown_because, HasSubstr("has ended"));
}

TEST_F(Chain, ATerminalSessionIsItsLeaderAndItsTerminal) {
  const std::string inner = "/bin/cat <&3 >&4 & echo $! >&4; wait";
  Subject subject(kShell, shell(inner), {.own_terminal = true});
  const pid_t cat = subject.read_pid();
  subject.write("runs\n");
  ASSERT_EQ(subject.read_line(), "runs");
  const auto asker = ask(cat);
  EXPECT_EQ(asker->unknown_because, "");
  EXPECT_EQ(asker->terminal, subject.terminal());
  EXPECT_EQ(asker->session.kind, AskerSession::Kind::kTerminal);
  EXPECT_EQ(asker->session.leader, subject.pid());
  EXPECT_EQ(asker->session.leader_start, process_start_time(subject.pid()));
  struct stat stat {};
  ASSERT_EQ(::stat(subject.terminal().c_str(), &stat), 0);
  EXPECT_EQ(asker->session.terminal, stat.st_rdev);

  // An orphan on a person's terminal has lost the parents that might have been an agent's.
  Subject other(kShell, shell("(/bin/cat <&3 >&4 & echo $! >&4); echo left >&4; kill -STOP $$"),
                {.own_terminal = true});
  const pid_t orphan = other.read_pid();
  ASSERT_EQ(other.read_line(), "left");
  other.write("runs\n");
  ASSERT_EQ(other.read_line(), "runs");
  EXPECT_FALSE(ask(orphan)->known());
}

TEST_F(Chain, ANumberUsedAgainIsNotTheProcessThatConnected) {
  auto first = std::make_unique<Subject>("/bin/cat", kCat);
  const ProcessName connected = name_of(first->pid());
  ASSERT_NE(connected.start_time, 0u);
  first->kill_and_reap();
  EXPECT_THAT(reader_.read(connected)->unknown_because, HasSubstr("has ended"));

  // The next tick of the clock that start times are told in.
  const auto ticks = [] {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<std::uint64_t>(now.tv_sec * 100 + now.tv_nsec / 10'000'000);
  };
  while (ticks() <= connected.start_time + 1) ::usleep(1000);
  pid_t wanted = connected.pid;
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = reinterpret_cast<std::uint64_t>(&wanted);
  arguments.set_tid_size = 1;
  const long pid = ::syscall(SYS_clone3, &arguments, sizeof arguments);
  if (pid == 0) {
    ::pause();
    ::_exit(0);
  }
  if (pid < 0) GTEST_SKIP() << "choosing a process's number needs CAP_CHECKPOINT_RESTORE";
  ASSERT_EQ(pid, connected.pid);
  const auto asker = reader_.read(connected);
  EXPECT_THAT(asker->unknown_because, HasSubstr("has ended"));
  EXPECT_EQ(asker->asking().executable, "");
  EXPECT_NE(ask(static_cast<pid_t>(pid))->asking().executable, "") << "the other one is there";
  ::kill(static_cast<pid_t>(pid), SIGKILL);
  ::waitpid(static_cast<pid_t>(pid), nullptr, 0);
}

TEST_F(Chain, WhoIsInAnotherPidNamespaceIsUnknown) {
  const auto asker = reader_.read({0, 0});
  EXPECT_THAT(asker->unknown_because, HasSubstr("namespace"));
  ASSERT_EQ(asker->chain.size(), 1u);
}

TEST_F(Chain, WhoMayNotBeLookedIntoIsUnknown) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may look into every process";
  const auto asker = ask(1);
  EXPECT_THAT(asker->unknown_because, HasSubstr("may not be looked into"));
}

TEST_F(Chain, EmptyMarkersMarkNobody) {
  ChainReader reader({}, OwnPrograms({}));
  const Subject subject("/bin/cat", kCat, {.environment = {"TACIT_TEST_AGENT=1", "CLAUDECODE=1"}});
  EXPECT_FALSE(reader.read(name_of(subject.pid()))->agent());
}

}  // namespace
}  // namespace tacit
