// Whole processes: what a script pays for `$(tacit get NAME)`.
#include <filesystem>
#include <fstream>
#include <random>

#include "tests/bench/figures.h"

namespace tacit::bench {
namespace {

constexpr int kSecretsOfRun = 50;

Figure against_true(const Strings& command, const Strings& environment, int runs) {
  return against(command, {"/bin/true"}, environment, runs);
}

int runs_of(Effort effort) { return effort == Effort::kQuick ? 200 : 1000; }

}  // namespace

Figure against(const Strings& command, const Strings& floor_command, const Strings& environment,
               int runs) {
  Series command_times;
  Series floor_times;
  for (int i = -5; i < runs; ++i) {
    const double floor = time_process_us(floor_command, environment);
    const double value = time_process_us(command, environment);
    if (i < 0) continue;  // the first ones warm the page cache
    floor_times.add(floor / 1000);
    command_times.add(value / 1000);
  }
  Figure figure;
  figure.floor_name = floor_command.front();
  figure.unit = "ms";
  figure.value = command_times.median();
  figure.floor = floor_times.median();
  figure.runs = command_times.size();
  return figure;
}

void figure_get_process(House& house, Effort effort, const Report& report) {
  const Strings command = {house.programs().tacit, "get", House::name_of(0)};
  const auto environment = house.folders().environment();
  if (output_of(command, environment) != "0123456789abcdef0123456789abcdef") {
    throw std::runtime_error("tacit get gave another value than was stored");
  }
  Figure figure = against_true(command, environment, runs_of(effort));
  figure.name = "tacit get, whole process";
  figure.target = 2;
  report.add(figure);
}

void figure_run_process(House& house, Effort effort, const Report& report) {
  Strings command = {house.programs().tacit, "run"};
  for (int i = 0; i < kSecretsOfRun; ++i) {
    command.push_back("-e");
    command.push_back("SECRET_" + std::to_string(i) + "=tacit://default/" + House::name_of(i));
  }
  command.push_back("--");
  const auto environment = house.folders().environment();
  Strings check = command;
  check.insert(check.end(), {"/bin/sh", "-c", "printf %s \"$SECRET_49\""});
  if (output_of(check, environment) != "0123456789abcdef0123456789abcdef") {
    throw std::runtime_error("tacit run gave another value than was stored");
  }
  command.push_back("/bin/true");
  Figure figure = against_true(command, environment, runs_of(effort));
  figure.name = "tacit run -- /bin/true, 50 secrets";
  figure.target = 3;
  report.add(figure);
}

namespace {

/// Something like source: `files` of 1 MiB, none of them with a secret in it.
void write_sources(const std::string& folder, int files) {
  constexpr std::size_t kFileBytes = std::size_t{1} << 20;
  std::filesystem::create_directory(folder);
  std::minstd_rand random(1);
  for (int i = 0; i < files; ++i) {
    std::string text;
    while (text.size() < kFileBytes) {
      text += "  const auto value_" + std::to_string(random()) + " = compute(" +
              std::to_string(random()) + ");  // of " + std::to_string(i) + "\n";
    }
    std::ofstream(folder + "/" + std::to_string(i) + ".cpp") << text;
  }
}

}  // namespace

void figure_scan_process(House& house, Effort effort, const Report& report) {
  const int files = effort == Effort::kQuick ? 128 : 1024;
  const std::string folder = house.folders().root() + "/sources";
  write_sources(folder, files);
  const auto environment = house.folders().environment();
  const Strings scan = {house.programs().tacit, "scan", folder};
  const Strings floor = {"/bin/sh", "-c", "exec cat \"$0\"/*", folder};
  Series scan_times;
  Series floor_times;
  for (int i = -1; i < 5; ++i) {
    const double floor_time = time_process_us(floor, environment);
    const double scan_time = time_process_us(scan, environment);
    if (i < 0) continue;  // the first ones warm the page cache
    floor_times.add(floor_time / 1000);
    scan_times.add(scan_time / 1000);
  }
  std::filesystem::remove_all(folder);
  Figure figure;
  figure.name = "tacit scan, " + std::to_string(files) + " MiB of source";
  figure.floor_name = "cat of the same files";
  figure.unit = "ms";
  figure.value = scan_times.median();
  figure.floor = floor_times.median();
  figure.absolute = true;
  figure.target = 15'000.0 * files / 1024;  // a gigabyte well under a minute
  figure.runs = scan_times.size();
  report.add(figure);
}

}  // namespace tacit::bench
