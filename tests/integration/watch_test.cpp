// Secrets.Watch: changes of items as they happen.
#include <string>
#include <vector>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

/// A watch that has told READY.
class Watcher {
 public:
  Watcher(StockClient& client, const pb::WatchRequest& request)
      : context_(context()), reader_(client.secrets().Watch(context_.get(), request)) {
    pb::WatchReply reply;
    EXPECT_TRUE(reader_->Read(&reply));
    EXPECT_EQ(reply.kind(), pb::CHANGE_KIND_READY);
  }
  bool next(pb::WatchReply& reply) { return reader_->Read(&reply); }
  Outcome finish() { return outcome_of(reader_->Finish(), *context_); }
  void cancel() { context_->TryCancel(); }

 private:
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<pb::WatchReply>> reader_;
};

class Watch : public DaemonTest {
 protected:
  void SetUp() override { start_unlocked(); }
  static std::string told(const pb::WatchReply& reply) {
    return pb::ChangeKind_Name(reply.kind()).substr(12) + " " + reply.item().collection() + "/" +
           reply.item().name() + " " + std::to_string(reply.version());
  }
  std::string next(Watcher& watcher) {
    pb::WatchReply reply;
    return watcher.next(reply) ? told(reply) : "end";
  }
};

TEST_F(Watch, TellsEveryKindOfChange) {
  Watcher watcher(*client_, {});
  ASSERT_TRUE(succeeded(client_->set("a", "1")));
  EXPECT_EQ(next(watcher), "SET default/a 1");
  ASSERT_TRUE(succeeded(client_->set("a", "2")));
  EXPECT_EQ(next(watcher), "SET default/a 2");
  ASSERT_TRUE(succeeded(client_->remove("a")));
  EXPECT_EQ(next(watcher), "DELETED default/a 0");
  pb::RestoreRequest restore;
  restore.mutable_item()->set_name("a");
  restore.set_version(1);
  ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &pb::Secrets::Stub::Restore, restore)));
  EXPECT_EQ(next(watcher), "SET default/a 4");
  pb::RenameRequest rename;
  rename.mutable_item()->set_name("a");
  rename.mutable_new_item()->set_name("b");
  ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &pb::Secrets::Stub::Rename, rename)));
  EXPECT_EQ(next(watcher), "DELETED default/a 0");
  EXPECT_EQ(next(watcher), "SET default/b 4");
  ASSERT_TRUE(succeeded(client_->remove("b", true)));
  EXPECT_EQ(next(watcher), "DELETED default/b 0");
  watcher.cancel();
}

TEST_F(Watch, TellsOnlyWhatWasAskedFor) {
  pb::WatchRequest request;
  request.set_collection("work");
  request.add_names("mine");
  Watcher watcher(*client_, request);
  ASSERT_TRUE(succeeded(client_->set("mine", "in another collection")));
  pb::SetRequest set;
  set.mutable_item()->set_collection("work");
  set.mutable_item()->set_name("other");
  set.set_value("v");
  ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &pb::Secrets::Stub::Set, set)));
  set.mutable_item()->set_name("mine");
  ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &pb::Secrets::Stub::Set, set)));
  EXPECT_EQ(next(watcher), "SET work/mine 1");
  watcher.cancel();
}

TEST_F(Watch, AWriteThatFailedIsNotTold) {
  Watcher watcher(*client_, {});
  EXPECT_FALSE(client_->set("a", std::string(768 * 1024 + 1, 'v')).ok());
  EXPECT_FALSE(client_->remove("absent").ok());
  ASSERT_TRUE(succeeded(client_->set("b", "1")));
  EXPECT_EQ(next(watcher), "SET default/b 1");
  watcher.cancel();
}

TEST_F(Watch, EndsWithLockedAtLock) {
  Watcher watcher(*client_, {});
  ASSERT_TRUE(succeeded(client_->lock()));
  EXPECT_EQ(next(watcher), "end");
  EXPECT_TRUE(failed_with(watcher.finish(), "LOCKED"));
}

TEST_F(Watch, TooManyNamesAreInvalid) {
  pb::WatchRequest request;
  for (int i = 0; i < 1001; ++i) request.add_names("n" + std::to_string(i));
  std::vector<pb::WatchReply> replies;
  EXPECT_TRUE(failed_with(
      client_->read_all(client_->secrets(), &pb::Secrets::Stub::Watch, request, replies),
      "INVALID_ARGUMENT"));
}

TEST_F(Watch, AWatcherThatDoesNotReadIsToldThatItMissedSomething) {
  // Without probing for bandwidth the window of a stream stays at its 64 KiB.
  StockClient slow(home_.socket(), {{GRPC_ARG_HTTP2_BDP_PROBE, 0}});
  Watcher watcher(slow, {});
  const std::string tail(1000, 'n');
  constexpr std::uint64_t kChanges = 3000;
  // Far more than a stream's window holds: about 3 MB of names that nobody takes.
  for (std::uint64_t i = 1; i <= kChanges; ++i) {
    ASSERT_TRUE(succeeded(client_->set("n" + tail, "v")));
  }
  bool overflow = false;
  std::uint64_t last = 0;
  for (pb::WatchReply reply; last < kChanges && watcher.next(reply);) {
    if (reply.kind() == pb::CHANGE_KIND_OVERFLOW) {
      overflow = true;
      // What came before the gap is in order; after it the watch goes on.
      ASSERT_TRUE(succeeded(client_->set("after", "v")));
      while (watcher.next(reply) && reply.item().name() != "after") {
      }
      EXPECT_EQ(reply.item().name(), "after");
      break;
    }
    EXPECT_EQ(reply.version(), last + 1) << "a gap that was not told";
    last = reply.version();
  }
  EXPECT_TRUE(overflow) << "all " << last << " changes were kept for a watcher that does not read";
  watcher.cancel();
}

}  // namespace
}  // namespace tacit::test
