#include "tests/bench/measure.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace tacit::bench {
namespace {

/// Figures are named here and in the callers alone: quotes and backslashes do not occur, and
/// escaping them keeps the line valid if one ever does.
std::string json_string(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

double Series::quantile(double q) const {
  if (samples_.empty()) throw std::logic_error("quantile of an empty series");
  std::vector<double> sorted = samples_;
  const auto last = static_cast<double>(sorted.size() - 1);
  const auto rank = static_cast<std::ptrdiff_t>(std::lround(q * last));
  std::nth_element(sorted.begin(), sorted.begin() + rank, sorted.end());
  return sorted[static_cast<std::size_t>(rank)];
}

void Report::add(const Figure& figure) const {
  const double ratio = figure.floor > 0 ? figure.value / figure.floor : 0;
  const double judged = figure.absolute ? figure.value : ratio;
  const bool judgeable = figure.target > 0;
  const bool reached = figure.at_least ? judged >= figure.target : judged <= figure.target;
  char target[96];
  char line[512];
  if (json_) {
    std::snprintf(target, sizeof target, "{\"%s\":%g,\"of\":\"%s\",\"reached\":%s}",
                  figure.at_least ? "at_least" : "at_most", figure.target,
                  figure.absolute ? "value" : "ratio", reached ? "true" : "false");
    std::snprintf(line, sizeof line, "\"ratio\":%.4f,\"value\":%.4f,\"floor\":%.4f,\"runs\":%zu",
                  ratio, figure.value, figure.floor, figure.runs);
    std::printf("{\"figure\":%s,%s,\"unit\":%s,\"against\":%s,\"target\":%s,\"note\":%s}\n",
                json_string(figure.name).c_str(), line, json_string(figure.unit).c_str(),
                json_string(figure.floor_name).c_str(), judgeable ? target : "null",
                json_string(figure.note).c_str());
  } else {
    std::snprintf(
        target, sizeof target, "; target %s %g%s: %s", figure.at_least ? ">=" : "<=", figure.target,
        figure.absolute ? (" " + figure.unit).c_str() : "x", reached ? "reached" : "MISSED");
    const int digits = figure.value < 10 ? 2 : figure.value < 1000 ? 1 : 0;
    std::snprintf(line, sizeof line, "%-42s %6.2fx  %.*f against %.*f %s (%s)", figure.name.c_str(),
                  ratio, digits, figure.value, digits, figure.floor, figure.unit.c_str(),
                  figure.floor_name.c_str());
    std::printf("%s, runs %zu%s%s%s\n", line, figure.runs, judgeable ? target : "",
                figure.note.empty() ? "" : "; ", figure.note.c_str());
  }
  std::fflush(stdout);
}

}  // namespace tacit::bench
