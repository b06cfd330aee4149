// The benches that see the product from outside: real tacitd, tacit and libtacit in scratch
// folders. Started by tests/bench/run.
#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string_view>

#include "tests/bench/figures.h"

namespace {

using namespace tacit::bench;

struct Options {
  Programs programs;
  std::string scratch;
  Effort effort = Effort::kNormal;
  bool json = false;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--json") {
      options.json = true;
    } else if (option == "--quick") {
      options.effort = Effort::kQuick;
    } else if (option == "--long") {
      options.effort = Effort::kLong;
    } else if (i + 1 == argc) {
      throw std::runtime_error("unknown option or missing value: " + std::string(option));
    } else if (option == "--scratch") {
      options.scratch = argv[++i];
    } else if (option == "--tacitd") {
      options.programs.tacitd = argv[++i];
    } else if (option == "--tacit") {
      options.programs.tacit = argv[++i];
    } else if (option == "--floor-server") {
      options.programs.floor_server = argv[++i];
    } else if (option == "--fill-vault") {
      options.programs.fill_vault = argv[++i];
    } else if (option == "--library") {
      options.programs.library = argv[++i];
    } else if (option == "--python-package") {
      options.programs.python_package = argv[++i];
    } else {
      throw std::runtime_error("unknown option: " + std::string(option));
    }
  }
  if (options.scratch.empty()) throw std::runtime_error("--scratch is missing");
  return options;
}

void run(const Options& options) {
  const Report report(options.json);
  {
    House house(options.programs, options.scratch, 50);
    figure_get_process(house, options.effort, report);
    figure_run_process(house, options.effort, report);
    figure_scan_process(house, options.effort, report);
    figure_python_process(house, options.effort, report);
    figure_warm_get(house, options.effort, report);
    figure_throughput(house, options.effort, report);
    figure_durable_set(house, options.effort, report);
    figure_get_beside_writer(house, options.effort, report);
  }
  if (options.effort == Effort::kLong) {
    figure_daemon_memory(options.programs, options.scratch, options.effort, report);
  }
}

}  // namespace

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  try {
    run(parse(argc, argv));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "client_bench: %s\n", error.what());
    return 1;
  }
}
