// Where the items of a bench's vault lie, for the side that makes it and the side that reads it.
#pragma once
#include <string>

namespace tacit::bench {

inline constexpr int kItemsACollection = 1000;
inline constexpr int kItemsAHost = 10;

inline std::string item_name(int item) { return "service-" + std::to_string(item) + "/token"; }
inline std::string spread_collection(int item) {
  return "team-" + std::to_string(item / kItemsACollection);
}
/// The value of the attribute `host`.
inline std::string spread_host(int item) {
  return "host-" + std::to_string(item / kItemsAHost) + ".example.org";
}

}  // namespace tacit::bench
