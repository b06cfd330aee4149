// How far a scan has got, on a terminal.
#pragma once
#include <chrono>
#include <cstdint>

namespace tacit::cli {

/// A bar on standard error, drawn at most ten times a second and only where that is a terminal;
/// gone with the object.
class Progress {
 public:
  /// `total`: what `advance` comes to in the end; 0: unknown.
  explicit Progress(std::uint64_t total);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void advance(std::uint64_t done);

 private:
  void draw();

  std::uint64_t total_;
  std::uint64_t done_ = 0;
  bool shown_ = false;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace tacit::cli
