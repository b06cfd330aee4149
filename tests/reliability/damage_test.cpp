// Every byte changed and every length cut, of a vault of 200 records with a live WAL: the right
// data or a typed error, never a wrong value, never an empty vault, never a crash.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <random>

#include "daemon/base/status.h"
#include "tests/reliability/many_records.h"
#include "tests/reliability/options.h"

namespace tacit::test {
namespace {

using File = ManyRecords::File;
using Verdict = ManyRecords::Verdict;

struct Totals {
  std::uint64_t cases = 0, right = 0, refused = 0, old = 0;
};

class Damage : public ::testing::Test {
 protected:
  void SetUp() override { records_.emplace(scratch_.path() + "/home", true); }

  /// One changed file, read by this process.
  void check(File file, const std::string& changed, const std::string& what, Totals& totals) {
    records_->put(file, changed);
    const ManyRecords::Reading reading = records_->read();
    ++totals.cases;
    switch (reading.verdict) {
      case Verdict::kRight:
        ++totals.right;
        return;
      case Verdict::kRefused:
        ++totals.refused;
        return;
      case Verdict::kOld:
        ++totals.old;
        return;
      case Verdict::kWrong:
        ADD_FAILURE() << what << " of " << ManyRecords::name_of(file) << ": " << reading.words;
    }
  }
  static void tell(const char* what, const Totals& totals) {
    std::printf(
        "%s: %lu cases: %lu with everything right, %lu refused by a typed error, %lu told "
        "to be old; none wrong; seed %lu\n",
        what, totals.cases, totals.right, totals.refused, totals.old, options().seed);
  }

  ScratchFolder scratch_;
  std::optional<ManyRecords> records_;
};

TEST_F(Damage, NothingChangedIsAllRight) {
  records_->put_back();
  const ManyRecords::Reading reading = records_->read();
  EXPECT_EQ(reading.verdict, Verdict::kRight) << reading.words;
  EXPECT_GT(records_->good(File::kWal).size(), 50'000u) << "the WAL is live";
}

TEST_F(Damage, EveryByte) {
  Totals totals;
  std::size_t bytes = 0;
  for (const File file : ManyRecords::kFiles) bytes += records_->good(file).size();
  constexpr unsigned char kPatterns[] = {0x01, 0x80, 0xff};
  const std::uint64_t all = bytes * std::size(kPatterns);
  const std::uint64_t wanted = std::min(options().count(6000, all), all);
  // A slice is spread evenly, from where the seed says.
  const double step = static_cast<double>(all) / static_cast<double>(wanted);
  const std::uint64_t shift = std::mt19937_64(options().seed)();
  for (std::uint64_t i = 0; i < wanted; ++i) {
    std::uint64_t at = (static_cast<std::uint64_t>(static_cast<double>(i) * step) + shift) % all;
    const unsigned char pattern = kPatterns[at % std::size(kPatterns)];
    at /= std::size(kPatterns);
    File file = File::kDatabase;
    for (const File each : ManyRecords::kFiles) {
      file = each;
      if (at < records_->good(each).size()) break;
      at -= records_->good(each).size();
    }
    std::string changed = records_->good(file);
    changed[at] = static_cast<char>(changed[at] ^ pattern);
    check(file, changed, "byte " + std::to_string(at) + " ^ " + std::to_string(pattern), totals);
    if (HasFailure()) return;
  }
  std::printf("%lu bytes, each with three patterns are %lu cases\n", bytes, all);
  tell("bytes", totals);
  EXPECT_GT(totals.refused, 0u);
}

TEST_F(Damage, EveryLength) {
  Totals totals;
  std::mt19937_64 random(options().seed);
  const std::size_t most = options().is_long ? 1 : 191 * options().thinness();
  for (const File file : ManyRecords::kFiles) {
    const std::string& good = records_->good(file);
    for (std::size_t length = 0; length < good.size();
         length += length < 200 || most == 1 ? 1 : 1 + random() % most) {
      check(file, good.substr(0, length), "cut to " + std::to_string(length), totals);
      if (HasFailure()) return;
    }
  }
  tell("lengths", totals);
  EXPECT_GT(totals.refused, 0u);
}

TEST_F(Damage, APageOfZeroesOrOfAnotherPlace) {
  Totals totals;
  constexpr std::size_t kPage = 4096;
  for (const File file : {File::kDatabase, File::kWal}) {
    const std::string& good = records_->good(file);
    const std::size_t head = file == File::kWal ? 32 : 0;
    const std::size_t size = kPage + (file == File::kWal ? 24 : 0);
    const std::size_t pages = (good.size() - head) / size;
    for (std::size_t page = 0; page < pages; ++page) {
      std::string changed = good;
      changed.replace(head + page * size, size, size, '\0');
      check(file, changed, "page " + std::to_string(page) + " of zeroes", totals);
      for (std::size_t other = 0; other < pages; ++other) {
        const bool left_out =
            !options().is_long && (other + page) % (5 * options().thinness()) != 0;
        if (other == page || left_out) continue;
        changed = good;
        changed.replace(head + page * size, size, good, head + other * size, size);
        check(file, changed, "page " + std::to_string(page) + " as " + std::to_string(other),
              totals);
      }
      if (HasFailure()) return;
    }
  }
  tell("pages", totals);
  EXPECT_GT(totals.refused, 0u);
}

TEST_F(Damage, AnOlderDatabaseOrWal) {
  // Every mixture of two moments of one vault: before some more writes and after them.
  std::map<File, std::string> before;
  for (const File file : ManyRecords::kFiles) before[file] = records_->good(file);
  records_->put_back();
  VaultUser& user = records_->user();
  ASSERT_EQ(user.open(), absl::OkStatus());
  for (int i = 0; i < 4; ++i) {
    ItemChange change;
    change.value = SecretBytes::copy_of("later " + std::to_string(i));
    ASSERT_TRUE(
        user.vault().set({"default", "record " + std::to_string(i * 37)}, std::move(change)).ok());
  }
  ASSERT_EQ(user.vault().write_anchor(), absl::OkStatus());
  std::map<File, std::string> after;
  for (const File file : ManyRecords::kFiles) after[file] = content_of(records_->path_of(file));
  user.close();
  int told = 0;
  for (const bool old_database : {false, true}) {
    for (const bool old_wal : {false, true}) {
      for (const bool old_anchor : {false, true}) {
        const auto put = [&](File file, bool old) {
          write_content(records_->path_of(file), old ? before[file] : after[file]);
        };
        put(File::kDatabase, old_database);
        put(File::kWal, old_wal);
        put(File::kAnchor, old_anchor);
        put(File::kCurrent, false);
        const absl::Status status = user.open();
        const std::string what =
            std::to_string(old_database) + std::to_string(old_wal) + std::to_string(old_anchor);
        if (!status.ok()) {
          EXPECT_EQ(reason_of(status), Reason::kVaultDamaged) << what << status;
          ++told;
          user.close();
          continue;
        }
        // The database is the same in both: no checkpoint came between. What counts is the WAL.
        const auto item = user.vault().get({"default", "record 0"});
        ASSERT_TRUE(item.ok()) << what << item.status();
        const std::string value(item->value.bytes().begin(), item->value.bytes().end());
        EXPECT_EQ(value == "later 0", !old_wal) << what;
        if (old_wal && !old_anchor) {
          EXPECT_EQ(user.vault().read_only(), Reason::kRollback) << what;
          ++told;
        } else {
          EXPECT_EQ(user.vault().read_only(), Reason::kUnspecified) << what;
        }
        user.close();
      }
    }
  }
  EXPECT_GE(told, 2);
}

}  // namespace
}  // namespace tacit::test
