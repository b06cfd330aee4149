#include "daemon/access/askers.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/access/subject.h"

namespace tacit {
namespace {

using test::Subject;
using testing::HasSubstr;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

// The test's own thread, as the vault thread: runs what other threads hand over.
class Desk {
 public:
  void post(absl::AnyInvocable<void()> function) {
    {
      const std::lock_guard lock(mutex_);
      functions_.push_back(std::move(function));
    }
    some_.notify_one();
  }
  template <class Done>
  void run_until(Done done) {
    const auto end = Clock::now() + seconds(30);
    std::unique_lock lock(mutex_);
    while (!done()) {
      ASSERT_TRUE(some_.wait_until(lock, end, [this] { return !functions_.empty(); }));
      auto function = std::move(functions_.front());
      functions_.pop_front();
      lock.unlock();
      function();
      lock.lock();
    }
  }
  std::size_t waiting() {
    const std::lock_guard lock(mutex_);
    return functions_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable some_;
  std::deque<absl::AnyInvocable<void()>> functions_;
};

PeerIdentity identity_of(pid_t pid) {
  PeerIdentity identity;
  identity.uid = ::geteuid();
  identity.pid = pid;
  identity.start_time = process_start_time(pid);
  return identity;
}

class AskersTest : public testing::Test {
 protected:
  std::shared_ptr<const Asker> ask(AskerLookup& lookup) {
    std::shared_ptr<const Asker> result;
    lookup.then([&](std::shared_ptr<const Asker> asker) { result = std::move(asker); });
    desk_.run_until([&] { return result != nullptr; });
    return result;
  }
  std::shared_ptr<const Asker> ask(pid_t pid) { return ask(*askers_->look_up(identity_of(pid))); }

  Desk desk_;
  std::unique_ptr<Askers> askers_ = make_askers(
      {[this](absl::AnyInvocable<void()> f) { desk_.post(std::move(f)); }, {"TACIT_TEST_AGENT"}});
};

std::size_t threads_of_this_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

TEST_F(AskersTest, TellsWhoAsksOnTheVaultThreadAndThenAtOnce) {
  const Subject subject("/bin/cat", {"cat"});
  const auto lookup = askers_->look_up(identity_of(subject.pid()));
  const auto asker = ask(*lookup);
  EXPECT_EQ(asker->asking().pid, subject.pid());
  EXPECT_TRUE(asker->known());
  EXPECT_EQ(lookup->now(), asker);
  bool at_once = false;
  lookup->then([&](const std::shared_ptr<const Asker>& again) { at_once = again == asker; });
  EXPECT_TRUE(at_once);
}

TEST_F(AskersTest, EachWhoWaitsIsToldInTurn) {
  const Subject subject("/bin/cat", {"cat"});
  const auto lookup = askers_->look_up(identity_of(subject.pid()));
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) {
    lookup->then([&order, i](const auto&) { order.push_back(i); });
  }
  desk_.run_until([&] { return order.size() == 5; });
  EXPECT_THAT(order, testing::ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(AskersTest, AForsakenLookUpTellsNobody) {
  const Subject subject("/bin/cat", {"cat"});
  bool told = false;
  auto lookup = askers_->look_up(identity_of(subject.pid()));
  lookup->then([&](const auto&) { told = true; });
  const bool before = told;
  lookup.reset();
  ask(subject.pid());  // behind it in the queue
  while (desk_.waiting() != 0) desk_.run_until([n = 0]() mutable { return n++ == 1; });
  EXPECT_EQ(told, before);
}

TEST_F(AskersTest, AfterStopNothingReachesTheVaultThread) {
  const Subject subject("/bin/cat", {"cat"});
  askers_->stop();
  const auto lookup = askers_->look_up(identity_of(subject.pid()));
  lookup->then([](const auto&) {});
  while (lookup->now() == nullptr) std::this_thread::yield();
  EXPECT_EQ(desk_.waiting(), 0u);
}

TEST_F(AskersTest, AThousandPeersAtOnceAreAllKnownByFewThreads) {
  constexpr std::size_t kPeers = 1000;
  std::vector<std::unique_ptr<Subject>> subjects;
  std::vector<std::shared_ptr<AskerLookup>> lookups;
  for (std::size_t i = 0; i < kPeers; ++i) {
    subjects.push_back(std::make_unique<Subject>("/bin/cat", std::vector<std::string>{"cat"}));
  }
  const std::size_t before = threads_of_this_process();
  std::set<pid_t> known;
  std::size_t told = 0;
  for (const auto& subject : subjects) {
    lookups.push_back(askers_->look_up(identity_of(subject->pid())));
    lookups.back()->then([&](const std::shared_ptr<const Asker>& asker) {
      ++told;
      if (asker->known()) known.insert(asker->asking().pid);
    });
  }
  desk_.run_until([&] { return told == kPeers; });
  EXPECT_EQ(known.size(), kPeers);
  EXPECT_LE(threads_of_this_process(), before + 5);
}

/// A file system that never answers: nobody reads what the kernel asks of it.
class StalledMount {
 public:
  explicit StalledMount(std::string folder) : folder_(std::move(folder)) {
    device_ = UniqueFd(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
    const std::string options =
        "fd=" + std::to_string(device_.get()) + ",rootmode=40000,user_id=0,group_id=0";
    mounted_ = device_ && ::mount("stalled", folder_.c_str(), "fuse", 0, options.c_str()) == 0;
  }
  ~StalledMount() { thaw(); }
  bool mounted() const { return mounted_; }
  /// Whoever waits for it gets an error.
  void thaw() {
    device_.reset();
    if (std::exchange(mounted_, false)) ::umount2(folder_.c_str(), MNT_DETACH);
  }

 private:
  const std::string folder_;
  UniqueFd device_;
  bool mounted_ = false;
};

TEST_F(AskersTest, AnExecutableOnAStalledFileSystemIsUnknownAndHoldsUpNobody) {
  const test::ScratchFolder scratch;
  const std::string program = scratch.program("far/tool");
  std::vector<std::unique_ptr<Subject>> far;
  for (int i = 0; i < 3; ++i) {
    far.push_back(std::make_unique<Subject>(program, std::vector<std::string>{"tool"}));
  }
  const Subject near("/bin/cat", {"cat"});
  StalledMount mount(scratch.path("far"));
  if (!mount.mounted()) GTEST_SKIP() << "mounting needs root and FUSE";
  std::vector<std::shared_ptr<AskerLookup>> lookups;
  for (const auto& subject : far) lookups.push_back(askers_->look_up(identity_of(subject->pid())));
  EXPECT_TRUE(ask(near.pid())->known());
  for (const auto& lookup : lookups) {
    const auto asker = ask(*lookup);
    EXPECT_THAT(asker->unknown_because, HasSubstr("in time"));
    EXPECT_NE(asker->asking().pid, 0);
  }
  EXPECT_TRUE(ask(near.pid())->known());
  // Found out late: the file there is not what runs, or cannot be seen.
  mount.thaw();
  const auto end = Clock::now() + seconds(30);
  for (const auto& lookup : lookups) {
    while (lookup->now()->asking().executable.empty() && Clock::now() < end)
      std::this_thread::yield();
    EXPECT_EQ(lookup->now()->asking().executable, program);
  }
}

TEST(DescribeProgram, IsOneLineWhateverTheExecutableIsCalled) {
  Program program;
  program.pid = 12;
  EXPECT_EQ(describe_program(program), "pid 12");
  program.executable = "/usr/bin/git";
  EXPECT_EQ(describe_program(program), "git (pid 12)");
  program.executable = "/tmp/a\nb\u202E";
  EXPECT_EQ(describe_program(program).find('\n'), std::string::npos);
  EXPECT_EQ(describe_program(program).find("\u202E"), std::string::npos);
}

}  // namespace
}  // namespace tacit
