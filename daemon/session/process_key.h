// One running program, for limits and back-off: a pid alone may be used again.
#pragma once
#include <sys/types.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace tacit {

struct ProcessKey {
  pid_t pid = 0;                 ///< 0: unknown; all unknown ones count as one
  std::uint64_t start_time = 0;  ///< clock ticks since boot (proc(5))
  auto operator<=>(const ProcessKey&) const = default;
};

struct ProcessKeyHash {
  std::size_t operator()(const ProcessKey& key) const noexcept {
    return std::hash<std::uint64_t>()(key.start_time * 0x9e3779b97f4a7c15u ^
                                      static_cast<std::uint64_t>(key.pid));
  }
};

}  // namespace tacit
