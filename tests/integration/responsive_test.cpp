// What takes long is done in slices: beside it, a client's gets are answered in time. The same with
// a million items is `tests/bench/run --scale`.
#include <atomic>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>

#include "tests/integration/harness/daemon_test.h"
#include "tests/integration/harness/read_times.h"

namespace tacit::test {
namespace {

constexpr int kItems = 20'000;
constexpr int kAtOnce = 1000;  // the most that one call takes

class Responsive : public DaemonTest {
 protected:
  static std::string name_of(int item) { return "service-" + std::to_string(item) + "/token"; }

  void fill() {
    start_unlocked();
    ASSERT_TRUE(succeeded(client_->set("name", "value")));
    for (int item = 0; item < kItems; item += kAtOnce) {
      pb::ApplyRequest request;
      for (int i = item; i < item + kAtOnce; ++i) {
        pb::SetRequest& set = *request.add_changes()->mutable_set();
        set.mutable_item()->set_collection("filled");
        set.mutable_item()->set_name(name_of(i));
        set.set_value(random_bytes(32));
      }
      ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &pb::Secrets::Stub::Apply, request)));
    }
    alone_ = read_while(*client_, "name", "value", [](std::size_t gets) { return gets < 1000; });
  }

  /// `work` again and again on a connection of its own until enough gets were made beside it.
  void judge(const char* what, const std::function<void(StockClient&)>& work) {
    constexpr std::size_t kEnough = 500;
    std::atomic<bool> enough{false};
    std::atomic<int> rounds{0};
    std::thread worker([&] {
      const auto own = connect();
      while (!enough && !HasFailure()) {
        work(*own);
        ++rounds;
      }
    });
    const ReadTimes beside = read_while(*client_, "name", "value", [&](std::size_t gets) {
      return (gets < kEnough || rounds < 1) && !HasFailure();
    });
    enough = true;
    worker.join();
    std::printf(
        "beside %s of %d items: %zu gets, p50 %.3f ms, p99 %.3f ms, longest %.3f ms "
        "(alone %.3f, %.3f)\n",
        what, kItems, beside.gets, beside.p50, beside.p99, beside.longest, alone_.p50, alone_.p99);
    EXPECT_TRUE(stays_responsive(beside, alone_)) << what;
  }

  ReadTimes alone_;
};

TEST_F(Responsive, BesideEverythingThatTakesLong) {
  ASSERT_NO_FATAL_FAILURE(fill());
  judge("a list", [](StockClient& own) {
    std::vector<pb::ListReply> replies;
    EXPECT_TRUE(succeeded(
        own.read_all(own.secrets(), &pb::Secrets::Stub::List, pb::ListRequest{}, replies)));
    int items = 0;
    for (const pb::ListReply& reply : replies) items += reply.items_size();
    EXPECT_EQ(items, kItems + 1);
  });
  judge("an export", [](StockClient& own) {
    for (int item = 0; item < kItems; item += kAtOnce) {
      pb::GetBatchRequest request;
      for (int i = item; i < item + kAtOnce; ++i) {
        request.add_items()->mutable_item()->set_collection("filled");
        request.mutable_items()->rbegin()->mutable_item()->set_name(name_of(i));
      }
      std::vector<pb::GetBatchReply> replies;
      EXPECT_TRUE(
          succeeded(own.read_all(own.secrets(), &pb::Secrets::Stub::GetBatch, request, replies)));
      EXPECT_EQ(replies.size(), kAtOnce);
    }
  });
  judge("a verification", [](StockClient& own) {
    std::vector<pb::VerifyReply> replies;
    EXPECT_TRUE(succeeded(
        own.read_all(own.admin(), &pb::Admin::Stub::Verify, pb::VerifyRequest{}, replies)));
    for (const pb::VerifyReply& reply : replies) EXPECT_EQ(reply.finding(), 0) << reply.message();
  });
  judge("a backup", [](StockClient& own) {
    std::vector<pb::BackupReply> replies;
    EXPECT_TRUE(succeeded(
        own.read_all(own.admin(), &pb::Admin::Stub::Backup, pb::BackupRequest{}, replies)));
    std::size_t bytes = 0;
    for (const pb::BackupReply& reply : replies) bytes += reply.chunk().size();
    EXPECT_GT(bytes, std::size_t{kItems} * 32);
  });
  judge("a rotation", [this](StockClient& own) {
    pb::RotateRequest request;
    *request.mutable_authorization() = key_file(key_);
    std::vector<pb::RotateReply> replies;
    EXPECT_TRUE(succeeded(own.read_all(own.admin(), &pb::Admin::Stub::Rotate, request, replies)));
    ASSERT_FALSE(replies.empty());
    EXPECT_EQ(replies.back().items_done(), replies.back().items_total());
  });
}

}  // namespace
}  // namespace tacit::test
