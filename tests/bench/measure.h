// Medians, percentiles, and one line a figure.
#pragma once
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace tacit::bench {

using Microseconds = std::chrono::duration<double, std::micro>;

/// Time of one call of `work`, in microseconds.
template <class Work>
double time_us(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return Microseconds(std::chrono::steady_clock::now() - start).count();
}

/// Samples of one thing, in one unit. Quantiles by the nearest rank; none of them may be asked
/// of an empty series (throws std::logic_error).
class Series {
 public:
  void add(double sample) { samples_.push_back(sample); }
  std::size_t size() const noexcept { return samples_.size(); }
  double median() const { return quantile(0.5); }
  double quantile(double q) const;

 private:
  std::vector<double> samples_;
};

/// A figure and its floor, both measured in the same run.
struct Figure {
  std::string name;        ///< what was measured
  std::string floor_name;  ///< what it is held against
  std::string unit;        ///< of value and floor: `ms`, `us`, `calls/s`, `MiB`
  double value = 0;
  double floor = 0;
  double target = 0;  ///< for value / floor, or value itself if `absolute`; 0: none
  bool absolute = false;
  bool at_least = false;  ///< the target is a lower bound
  std::size_t runs = 0;   ///< samples of each side
  std::string note;       ///< anything else, for instance a tail; may be empty
};

/// Prints figures as they come, a line each: text, or JSON objects (JSON Lines).
class Report {
 public:
  explicit Report(bool json) : json_(json) {}
  void add(const Figure& figure) const;

 private:
  bool json_;
};

}  // namespace tacit::bench
