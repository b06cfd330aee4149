// The vault library by itself: what a bigger vault costs. Started by tests/bench/run.
#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tests/bench/measure.h"
#include "tests/bench/scratch_vault.h"

namespace {

using namespace tacit::bench;
using tacit::ItemName;
using tacit::Vault;

struct Options {
  std::string scratch;
  bool json = false;
  bool quick = false;
  bool million = false;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--json") {
      options.json = true;
    } else if (option == "--quick") {
      options.quick = true;
    } else if (option == "--long") {
      options.million = true;
    } else if (option == "--scratch" && i + 1 < argc) {
      options.scratch = argv[++i];
    } else {
      throw std::runtime_error("unknown option: " + std::string(option));
    }
  }
  if (options.scratch.empty()) throw std::runtime_error("--scratch is missing");
  return options;
}

ItemName at(int item) { return {std::string(kCollection), item_name(item)}; }

std::string count_text(int items) { return std::to_string(items) + " items"; }

/// One vault under measurement: the items it was filled with, and new ones beyond.
class Subject {
 public:
  Subject(Vault& vault, int items) : vault_(vault), items_(items), next_(items) {}

  void set_new() { must(vault_.set(at(next_), some_change(next_)).status()), ++next_; }
  void set_existing() {
    const int item = any();
    must(vault_.set(at(item), some_change(item + 1)).status());
  }
  void get() { must(vault_.get(at(any())).status()); }

 private:
  int any() { return std::uniform_int_distribution(0, items_ - 1)(random_); }

  Vault& vault_;
  int items_;
  int next_;
  std::mt19937 random_{20260101};
};

/// Alternates one operation between the small and the big vault, `turn` calls at a time.
Figure compare(Subject& small, Subject& big, void (Subject::*work)(), int turns, int turn) {
  Series small_times;
  Series big_times;
  for (int i = -2; i < turns; ++i) {
    for (int j = 0; j < turn; ++j) {
      const double time = time_us([&] { (small.*work)(); });
      if (i >= 0) small_times.add(time);
    }
    for (int j = 0; j < turn; ++j) {
      const double time = time_us([&] { (big.*work)(); });
      if (i >= 0) big_times.add(time);
    }
  }
  Figure figure;
  figure.unit = "us";
  figure.value = big_times.median();
  figure.floor = small_times.median();
  figure.target = 2;
  figure.runs = big_times.size();
  char note[64];
  std::snprintf(note, sizeof note, "p99 %.0f against %.0f us", big_times.quantile(0.99),
                small_times.quantile(0.99));
  figure.note = note;
  return figure;
}

void figures_of_size(const std::string& scratch, int items, bool quick, const Report& report) {
  constexpr int kSmall = 1000;
  const auto small_place =
      place_below(scratch + "/v" + std::to_string(kSmall) + "-beside-" + std::to_string(items));
  const auto big_place = place_below(scratch + "/v" + std::to_string(items));
  make_vault(small_place, kSmall);
  make_vault(big_place, items);

  Series derivations;
  Series checks;
  OpenVault big;
  for (int i = 0; i < (quick ? 2 : 5); ++i) {
    big = OpenVault{};  // one at a time: the file is ours alone
    UnlockTimes times;
    big = open_vault(big_place, &times);
    derivations.add(times.derive_us / 1000);
    checks.add(times.check_us / 1000);
  }
  Figure unlock;
  unlock.name = "unlock: check of " + count_text(items);
  unlock.floor_name = "its Argon2id derivation";
  unlock.unit = "ms";
  unlock.value = checks.median();
  unlock.floor = derivations.median();
  unlock.target = 2000.0 * items / 1e6;
  unlock.absolute = true;
  unlock.runs = checks.size();
  report.add(unlock);

  OpenVault small = open_vault(small_place);
  Subject small_subject(*small.vault, kSmall);
  Subject big_subject(*big.vault, items);
  const auto against = "with " + count_text(kSmall);

  Figure get = compare(small_subject, big_subject, &Subject::get, quick ? 100 : 400, 25);
  get.name = "get in the vault, " + count_text(items);
  get.floor_name = against;
  report.add(get);
  Figure set_new = compare(small_subject, big_subject, &Subject::set_new, quick ? 40 : 100, 10);
  set_new.name = "set of a new item, " + count_text(items);
  set_new.floor_name = against;
  report.add(set_new);
  Figure set_existing =
      compare(small_subject, big_subject, &Subject::set_existing, quick ? 40 : 100, 10);
  set_existing.name = "set of a new version, " + count_text(items);
  set_existing.floor_name = against;
  report.add(set_existing);

  Vault::VerifyState state;
  std::size_t findings = 0;
  Series verifications;
  verifications.add(time_us([&] {
                      do {
                        findings += must(big.vault->verify(state, 1000)).size();
                      } while (!state.cursor.done);
                    }) /
                    1000);
  if (findings != 0) throw std::runtime_error("verify found damage in a sound vault");
  Figure verify;
  verify.name = "verify, every row opened, " + count_text(items);
  verify.floor_name = "the check at unlock";
  verify.unit = "ms";
  verify.value = verifications.median();
  verify.floor = checks.median();
  verify.runs = 1;
  report.add(verify);
}

}  // namespace

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  try {
    const Options options = parse(argc, argv);
    const Report report(options.json);
    figures_of_size(options.scratch, 100'000, options.quick, report);
    if (options.million) figures_of_size(options.scratch, 1'000'000, false, report);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vault_bench: %s\n", error.what());
    return 1;
  }
}
