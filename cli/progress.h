// How far long work is, on a terminal alone.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace tacit::cli {

/// A bar on standard error, drawn at most ten times a second and only where that is a terminal;
/// gone with the object.
class Progress {
 public:
  explicit Progress(std::string doing);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  /// `total` 0: unknown.
  void show(std::uint64_t done, std::uint64_t total);

 private:
  std::string doing_;
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace tacit::cli
