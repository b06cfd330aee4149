// HTTP/2 that is right but for some frames or bytes: conversations of a client, the same ones for
// the same seed.
#pragma once
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace tacit::test {

class Thrower {
 public:
  explicit Thrower(unsigned seed) : random_(seed) {}

  /// A number from 0 to `end` - 1.
  std::size_t below(std::size_t end) { return random_() % end; }

  /// From the preface on: one to four calls, and nothing wrong with them.
  std::string good_conversation();
  /// The same with some frames or bytes changed, or none.
  std::string conversation();

 private:
  struct Frame {
    std::uint8_t type = 0;
    std::uint8_t flags = 0;
    std::uint32_t stream = 0;
    std::string payload;
  };

  static std::string bytes_of(const std::vector<Frame>& frames);
  std::string noise(std::size_t size);
  /// What numbers go wrong at: none, one, the ends of the ranges, or any.
  std::uint32_t odd_number();
  void flip(std::string& bytes);
  std::pair<std::string, std::string> good_call();
  std::vector<Frame> good_frames();
  Frame any_frame();
  void change(std::vector<Frame>& frames);

  std::mt19937 random_;
};

}  // namespace tacit::test
