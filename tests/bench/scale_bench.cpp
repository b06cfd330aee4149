// What a bigger vault costs: time and memory of every operation, and how long a client beside it
// waits for its gets. Started by `tests/bench/run --scale`. Prints a table and writes a CSV.
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <optional>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/beside.h"
#include "tests/bench/house.h"
#include "tests/bench/measure.h"
#include "tests/bench/spread.h"

namespace {

using namespace tacit;         // NOLINT(google-build-using-namespace)
using namespace tacit::bench;  // NOLINT(google-build-using-namespace)

struct Options {
  Programs programs;
  std::string scratch;
  std::string csv;
  std::vector<int> sizes{1'000, 10'000, 100'000, 1'000'000};
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    const std::string value = argv[i + 1];
    if (option == "--scratch") {
      options.scratch = value;
    } else if (option == "--tacitd") {
      options.programs.tacitd = value;
    } else if (option == "--fill-vault") {
      options.programs.fill_vault = value;
    } else if (option == "--csv") {
      options.csv = value;
    } else if (option == "--sizes") {
      options.sizes.clear();
      std::istringstream words(value);
      for (std::string word; std::getline(words, word, ',');) {
        options.sizes.push_back(std::stoi(word));
      }
    } else {
      throw std::runtime_error("unknown option: " + std::string(option));
    }
  }
  if (argc % 2 == 0 || options.scratch.empty() || options.csv.empty()) {
    throw std::runtime_error("--scratch or --csv is missing, or an option lacks its value");
  }
  for (const int size : options.sizes) {
    if (size < kItemsACollection) throw std::runtime_error("--sizes: at least 1000 items");
  }
  return options;
}

/// Rows as they come, on the terminal and in the file.
class Table {
 public:
  explicit Table(const std::string& path) : file_(std::fopen(path.c_str(), "w")) {
    if (file_ == nullptr) throw std::runtime_error("cannot write " + path);
    std::fputs("items,operation,seconds,daemon_mib,gets,get_p50_ms,get_p99_ms,get_longest_ms\n",
               file_);
    std::printf("%9s  %-18s %12s %11s   gets beside it: p50, p99, longest (ms)\n", "items",
                "operation", "seconds", "daemon MiB");
  }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  ~Table() { std::fclose(file_); }

  void add(int items, const char* operation, double seconds, double mib,
           const std::optional<ReadTimes>& beside = std::nullopt) {
    std::fprintf(file_, "%d,%s,%.6f,%.1f,", items, operation, seconds, mib);
    std::printf("%9d  %-18s %12.6f %11.1f", items, operation, seconds, mib);
    if (beside) {
      std::fprintf(file_, "%zu,%.3f,%.3f,%.3f\n", beside->gets, beside->p50, beside->p99,
                   beside->longest);
      std::printf("   %.3f %.3f %.3f of %zu", beside->p50, beside->p99, beside->longest,
                  beside->gets);
    } else {
      std::fputs(",,,\n", file_);
    }
    std::printf("\n");
    std::fflush(file_);
    std::fflush(stdout);
  }

 private:
  std::FILE* file_;
};

/// One size of vault, in a fresh daemon.
class Run {
 public:
  Run(const Options& options, int items, Table& table)
      : items_(items),
        table_(table),
        folders_(options.scratch + "/scale-" + std::to_string(items)),
        filled_(output_of(
            {options.programs.fill_vault, folders_.root(), std::to_string(items), "spread"}, {})),
        daemon_({options.programs.tacitd}, folders_.environment(), options.scratch),
        client_(connect_to(folders_.socket())) {}

  void measure() {
    table_.add(items_, "create and fill", std::stod(filled_), mib());
    once("unlock", [&] { must(client_.unlock(credential())); });
    median("get", 2000, [&](int item) { get(item); });
    const SecretBytes value = SecretBytes::copy_of("0123456789abcdef0123456789abcdef");
    median("set", 200,
           [&](int item) { must(client_.set(spread_collection(item), item_name(item), value)); });
    median("list a collection", 20, [&](int item) {
      if (must(client_.list(spread_collection(item))).size() != kItemsACollection) wrong("list");
    });
    median("search", 100, [&](int item) {
      if (must(client_.search({{"host", spread_host(item)}})).size() != kItemsAHost) {
        wrong("search");
      }
    });
    beside("nothing", [] { sleep(3); });
    beside("list all", [&] {
      if (must(client_.list(std::nullopt)).size() != static_cast<std::size_t>(items_)) {
        wrong("list");
      }
    });
    beside("export", [&] { export_all(); });
    beside("verify", [&] { verify(); });
    beside("backup", [&] {
      must(client_.backup([](std::span<const unsigned char>, std::uint64_t) { return true; }));
    });
    beside("rotate", [&] { must(client_.rotate(credential(), [](auto, auto) {})); });
    beside("verify again", [&] { verify(); });
    daemon_.stop();
  }

 private:
  [[noreturn]] static void wrong(const std::string& what) {
    throw std::runtime_error(what + " gave another number of items than there are");
  }
  static Credential credential() {
    Credential credential;
    credential.secret = SecretBytes::copy_of("bench passphrase");
    return credential;
  }
  double mib() const { return resident_kib(daemon_.pid()) / 1024; }
  int any() { return std::uniform_int_distribution(0, items_ - 1)(random_); }
  void get(int item) { must(client_.get(spread_collection(item), item_name(item))); }

  void once(const char* operation, const std::function<void()>& work) {
    const double seconds = time_us(work) / 1e6;
    table_.add(items_, operation, seconds, mib());
  }
  void median(const char* operation, int times, const std::function<void(int)>& work) {
    Series series;
    for (int i = 0; i < times; ++i) {
      const int item = any();
      series.add(time_us([&] { work(item); }));
    }
    table_.add(items_, operation, series.median() / 1e6, mib());
  }
  void beside(const char* operation, const std::function<void()>& work) {
    ReaderBeside reader(folders_.socket(), items_);
    const double seconds = time_us(work) / 1e6;
    const ReadTimes times = reader.stop();
    table_.add(items_, operation, seconds, mib(), times);
  }

  void verify() {
    bool sound = true;
    must(client_.verify([&](const VerifyProgress& progress) {
      sound = sound && progress.finding == Reason::kUnspecified;
    }));
    if (!sound) throw std::runtime_error("verify found damage in a sound vault");
  }
  /// As `tacit export` asks: everything of each collection.
  void export_all() {
    std::size_t got = 0;
    for (int item = 0; item < items_; item += kItemsACollection) {
      for (const FoundItem& each : must(client_.get_all(spread_collection(item)))) {
        if (each.item.ok()) ++got;
      }
    }
    if (got != static_cast<std::size_t>(items_)) wrong("export");
  }

  const int items_;
  Table& table_;
  Folders folders_;
  std::string filled_;
  Server daemon_;
  Client client_;
  std::mt19937 random_{20260101};
};

}  // namespace

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  try {
    const Options options = parse(argc, argv);
    Table table(options.csv);
    for (const int items : options.sizes) Run(options, items, table).measure();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "scale_bench: %s\n", error.what());
    return 1;
  }
}
