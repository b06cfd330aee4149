// The items of one question as the user is told them.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tacit {

/// Each name once, in the order of their first mention. Where other versions than the newest are
/// wanted they are told behind it: `mail (version 3)`, `mail (newest, versions 1, 2)`.
class AskedNames {
 public:
  /// `version` 0 is the newest.
  void add(const std::string& name, std::uint64_t version);
  /// Empties it.
  std::vector<std::string> take();

 private:
  std::vector<std::pair<std::string, std::vector<std::uint64_t>>> all_;
};

}  // namespace tacit
