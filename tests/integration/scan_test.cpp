// Whether values stand in data: libtacit's sieve before the real daemon.
#include "tacit/scan.h"

#include <string>
#include <thread>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

class ScanTest : public DaemonTest {
 protected:
  void SetUp() override {
    start_unlocked();
    ClientOptions options;
    options.socket_path = home_.socket();
    options.autostart = false;
    options.deadline = std::chrono::seconds(30);
    library_.emplace(options);
  }
  Client& client() { return *library_; }
  void put(const std::string& name, const std::string& value,
           const std::string& collection = "default") {
    ASSERT_TRUE(client().set(collection, name, SecretBytes::copy_of(value)).ok());
  }
  static std::span<const unsigned char> bytes(const std::string& text) {
    return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
  }
  static std::vector<std::string> told(const Result<std::vector<ScanFinding>>& found) {
    if (!found) return {std::string(reason_name(found.error().code))};
    std::vector<std::string> out;
    for (const ScanFinding& one : *found) {
      out.push_back(std::to_string(one.offset) + "+" + std::to_string(one.length) + " " +
                    std::to_string(static_cast<int>(one.form)) + " " + one.item.collection + ":" +
                    one.item.name);
    }
    return out;
  }
  using Texts = std::vector<std::string>;

  std::optional<Client> library_;
};

TEST_F(ScanTest, TellsWhereAndWhichAndInWhatForm) {
  put("token", "kitten-0123");
  put("again", "kitten-0123", "other");
  put("short", "1234567");
  put("empty", "");
  auto scanner = Scanner::begin(client());
  ASSERT_TRUE(scanner.ok()) << scanner.error().message;
  EXPECT_EQ(scanner->values(), 2u);
  EXPECT_EQ(scanner->short_values(), 2u);
  EXPECT_EQ(scanner->guarded_values(), 0u);
  EXPECT_EQ(told(scanner->scan(bytes("nothing of that kind"))), Texts{});
  EXPECT_EQ(told(scanner->scan(bytes("1234567"))), Texts{});
  EXPECT_EQ(told(scanner->scan(bytes("a kitten-0123 b"))),
            (Texts{"2+11 1 default:token", "2+11 1 other:again"}));
  auto one = Scanner::begin(client(), "other");
  ASSERT_TRUE(one.ok());
  // base64 of "xkitten-0123": the two first characters are not the value's alone.
  EXPECT_EQ(told(one->scan(bytes("eGtpdHRlbi0wMTIz"))), Texts{"2+14 2 other:again"});
  EXPECT_EQ(told(one->scan(bytes("6b697474656e2d30313233"))), Texts{"0+22 3 other:again"});
  put("url", "p&ssword=1", "urls");
  auto urls = Scanner::begin(client(), "urls");
  ASSERT_TRUE(urls.ok());
  EXPECT_EQ(told(urls->scan(bytes("p%26ssword%3D1"))), Texts{"0+14 4 urls:url"});
}

TEST_F(ScanTest, FindsEveryPlaceInMuchData) {
  const std::string long_value = random_bytes(200 * 1024);
  put("long", long_value);
  put("text", "correct horse battery");
  auto scanner = Scanner::begin(client());
  ASSERT_TRUE(scanner.ok());
  std::string data = random_bytes(3 << 20);
  for (const std::size_t at : {std::size_t{0}, std::size_t{1} << 20, data.size() - 21}) {
    data.replace(at, 21, "correct horse battery");
  }
  data.insert(1 << 21, long_value);
  const auto found = scanner->scan(bytes(data));
  ASSERT_TRUE(found.ok()) << found.error().message;
  ASSERT_EQ(found->size(), 4u);
  EXPECT_EQ((*found)[0].offset, 0u);
  EXPECT_EQ((*found)[1].offset, 1u << 20);
  EXPECT_EQ((*found)[2].offset, 1u << 21);
  EXPECT_EQ((*found)[2].item.name, "long");
  EXPECT_EQ((*found)[3].offset, data.size() - 21);
  // Of a value that stands everywhere some thousand places are told, and the others counted.
  put("dull", std::string(8, '\0'));
  auto again = Scanner::begin(client());
  ASSERT_TRUE(again.ok());
  const auto dull = again->scan(bytes(std::string(1 << 20, '\0')));
  ASSERT_TRUE(dull.ok()) << dull.error().message;
  EXPECT_GE(dull->size(), 4096u);
  EXPECT_LE(dull->size(), 4096u + 256u);
  EXPECT_EQ(dull->size() + again->untold(), (1u << 20) - 7);
}

TEST_F(ScanTest, LinesInsideAValueAreToldWithIt) {
  const std::string one = "a1b2c3d4e5f6a7b8c9d0";
  const std::string other = "z1y2x3w4v5u6t7s8r9q0";
  put("lines", one + "\n" + other + "\n");
  auto scanner = Scanner::begin(client());
  ASSERT_TRUE(scanner.ok());
  EXPECT_EQ(told(scanner->scan(bytes("  " + one + "\r\n  " + other + "\r\n"))),
            Texts{"2+44 1 default:lines"});
  EXPECT_EQ(told(scanner->scan(bytes(one + " " + other))),
            (Texts{"0+20 1 default:lines", "21+20 1 default:lines"}));
}

TEST_F(ScanTest, GuardedValuesAreCountedAndNotLookedFor) {
  put("open", "open-value-1");
  put("guarded", "guarded-value-2");
  PolicyChange change;
  change.policies = {{Verb::kRead, Policy::kConfirm}};
  ASSERT_TRUE(client().set_policy({"", "guarded"}, change).ok());
  auto scanner = Scanner::begin(client());
  ASSERT_TRUE(scanner.ok());
  EXPECT_EQ(scanner->values(), 1u);
  EXPECT_EQ(scanner->guarded_values(), 1u);
  EXPECT_EQ(told(scanner->scan(bytes("guarded-value-2 open-value-1"))),
            Texts{"16+12 1 default:open"});
  // What is guarded while a scan goes on is not confirmed any more.
  ASSERT_TRUE(client().set_policy({"", "open"}, change).ok());
  EXPECT_EQ(told(scanner->scan(bytes("guarded-value-2 open-value-1"))), Texts{});
  change.policies = {{Verb::kRead, Policy::kDeny}};
  ASSERT_TRUE(client().set_policy({"", {}}, change).ok());
  EXPECT_EQ(Scanner::begin(client(), "default").error().code, Reason::kPolicyDenied);
}

TEST_F(ScanTest, AScanEndsWithALock) {
  put("token", "kitten-0123");
  auto scanner = Scanner::begin(client());
  ASSERT_TRUE(scanner.ok());
  ASSERT_TRUE(client().lock().ok());
  EXPECT_EQ(told(scanner->scan(bytes("kitten-0123"))), Texts{"LOCKED"});
  ASSERT_TRUE(test::succeeded(unlock()));
  EXPECT_EQ(told(scanner->scan(bytes("kitten-0123"))), Texts{"NOT_FOUND"});
  EXPECT_EQ(Scanner::begin(client()).value().values(), 1u);
}

TEST_F(ScanTest, OnlySoManyScansAreKept) {
  put("token", "kitten-0123");
  auto first = Scanner::begin(client());
  ASSERT_TRUE(first.ok());
  for (int i = 0; i < 7; ++i) ASSERT_TRUE(Scanner::begin(client()).ok());
  EXPECT_EQ(told(first->scan(bytes("kitten-0123"))).size(), 1u);
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(Scanner::begin(client()).ok());
  EXPECT_EQ(told(first->scan(bytes("kitten-0123"))), Texts{"NOT_FOUND"});
}

TEST_F(ScanTest, AChangedOrRenamedItemIsNotMistaken) {
  put("token", "kitten-0123");
  put("other", "puppy-56789");
  auto scanner = Scanner::begin(client());
  ASSERT_TRUE(scanner.ok());
  put("token", "another-9876");
  ASSERT_TRUE(client().rename("", "other", "", "moved").ok());
  EXPECT_EQ(told(scanner->scan(bytes("kitten-0123 puppy-56789"))), Texts{});
}

TEST_F(ScanTest, OddConfirmationsAreRefused) {
  auto stub = pb::Scan::NewStub(client_->channel());
  pb::ConfirmScanRequest request;
  request.set_scan_id(5);
  EXPECT_TRUE(failed_with(client_->call(*stub, &pb::Scan::Stub::Confirm, request), "NOT_FOUND"));
  pb::ScanPart& part = *request.add_parts();
  part.set_data("12345678");
  part.add_places(1);
  EXPECT_TRUE(
      failed_with(client_->call(*stub, &pb::Scan::Stub::Confirm, request), "INVALID_ARGUMENT"));
  part.set_places(0, 0);
  EXPECT_TRUE(failed_with(client_->call(*stub, &pb::Scan::Stub::Confirm, request), "NOT_FOUND"));
  for (int i = 0; i < 256; ++i) part.add_places(0);
  EXPECT_TRUE(
      failed_with(client_->call(*stub, &pb::Scan::Stub::Confirm, request), "INVALID_ARGUMENT"));
  part.clear_places();
  part.set_data(std::string(901 << 10, 'x'));
  EXPECT_TRUE(
      failed_with(client_->call(*stub, &pb::Scan::Stub::Confirm, request), "INVALID_ARGUMENT"));
}

TEST_F(ScanTest, SiftingRunsOnManyThreads) {
  put("token", "kitten-0123");
  const auto scanner = Scanner::begin(client());
  ASSERT_TRUE(scanner.ok());
  const std::string data = random_bytes(1 << 20) + "kitten-0123";
  std::vector<std::thread> threads;
  std::array<std::size_t, 4> counts{};
  for (std::size_t& count : counts) {
    threads.emplace_back([&] { count = scanner->sift(bytes(data)).size(); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::size_t count : counts) EXPECT_GE(count, 1u);
}

}  // namespace
}  // namespace tacit::test
