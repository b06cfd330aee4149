#include "daemon/vault/row_map.h"

#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

namespace tacit {
namespace {

TEST(RowMap, AgreesWithAnOrdinaryMapThroughGrowthAndErasure) {
  RowMap map;
  std::unordered_map<std::uint64_t, std::uint32_t> model;
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    // Few distinct keys, so that erasure often finds one, and long runs form.
    const std::uint64_t key = (random() % 20'000 + 1) * 0x9e3779b97f4a7c15u;
    if (random() % 3 == 0) {
      map.erase(key);
      model.erase(key);
    } else {
      const auto value = static_cast<std::uint32_t>(random());
      map.put(key, value);
      model[key] = value;
    }
  }
  EXPECT_EQ(map.size(), model.size());
  for (std::uint64_t i = 1; i <= 20'000; ++i) {
    const std::uint64_t key = i * 0x9e3779b97f4a7c15u;
    const auto want = model.find(key);
    const auto have = map.find(key);
    ASSERT_EQ(have.has_value(), want != model.end()) << i;
    ASSERT_TRUE(!have || *have == want->second) << i;
  }
}

TEST(RowMap, AMillionRowsInFewMegabytes) {
  RowMap map;
  std::mt19937_64 random(2);
  map.reserve(1'000'000);
  for (int i = 0; i < 1'000'000; ++i) map.put(random(), 1);
  EXPECT_LT(map.memory_bytes(), 17u << 20);
  RowMap grown;
  for (int i = 0; i < 1'000'000; ++i) grown.put(random(), 1);
  EXPECT_LT(grown.memory_bytes(), 17u << 20);
}

TEST(RowMap, ZeroIsAKeyToo) {
  RowMap map;
  EXPECT_FALSE(map.find(0));
  map.put(0, 5);
  EXPECT_EQ(map.find(0), 5u);
  map.erase(0);
  EXPECT_FALSE(map.find(0));
}

}  // namespace
}  // namespace tacit
