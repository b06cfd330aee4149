#include "daemon/crypto/kdf.h"

#include <gtest/gtest.h>

#include "daemon/base/status.h"
#include "daemon/crypto/tag.h"

namespace tacit {
namespace {

KdfParams floor_cost() {
  KdfParams params;
  params.memory_bytes = kMinKdfMemory;
  params.passes = kMinNewKdfPasses;
  return params;
}

TEST(Kdf, SameInputSameKeyAndEveryParameterCounts) {
  const KdfParams params = floor_cost();
  const auto a = derive_from_passphrase(bytes_of("correct horse"), params);
  const auto b = derive_from_passphrase(bytes_of("correct horse"), params);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_TRUE(same_bytes(a->kek.bytes(), b->kek.bytes()));
  EXPECT_EQ(a->commitment, b->commitment);
  EXPECT_FALSE(same_bytes(a->kek.bytes(), a->commitment));

  KdfParams salted = params;
  salted.salt[15] = 1;
  KdfParams longer = params;
  longer.passes = 4;
  KdfParams larger = params;
  larger.memory_bytes += 1024;
  for (const KdfParams& other : {salted, longer, larger}) {
    const auto c = derive_from_passphrase(bytes_of("correct horse"), other);
    ASSERT_TRUE(c.ok());
    EXPECT_FALSE(same_bytes(a->kek.bytes(), c->kek.bytes()));
  }
  const auto d = derive_from_passphrase(bytes_of("correct hors"), params);
  EXPECT_FALSE(same_bytes(a->kek.bytes(), d->kek.bytes()));
}

TEST(Kdf, HostileCostsAreRefusedAtOnce) {
  const std::pair<std::uint64_t, std::uint32_t> bad[] = {
      {kMinKdfMemory - 1024, 3}, {kMaxKdfMemory + 1024, 3},
      {~std::uint64_t{0}, 3},    {0, 3},
      {kMinKdfMemory + 1, 3},    {kMinKdfMemory, 0},
      {kMinKdfMemory, 65},       {kMinKdfMemory, ~0u}};
  for (const auto& [memory, passes] : bad) {
    KdfParams params;
    params.memory_bytes = memory;
    params.passes = passes;
    EXPECT_EQ(reason_of(derive_from_passphrase(bytes_of("x"), params).status()),
              Reason::kVaultDamaged)
        << memory << " " << passes;
    EXPECT_EQ(reason_of(check_new_cost(params)), Reason::kInvalidArgument);
  }
}

TEST(Kdf, NewCostsHaveAHigherFloor) {
  KdfParams params = floor_cost();
  EXPECT_TRUE(check_new_cost(params).ok());
  params.passes = 2;
  EXPECT_FALSE(check_new_cost(params).ok());
  EXPECT_TRUE(check_stored_cost(params).ok());
  params.passes = kMaxKdfPasses;
  params.memory_bytes = kMaxKdfMemory;
  EXPECT_TRUE(check_new_cost(params).ok());
}

TEST(Kdf, RandomSecretsAreBoundToSaltAndKind) {
  const std::array<unsigned char, 32> secret{1, 2, 3};
  const std::array<unsigned char, 16> salt{4};
  const std::array<unsigned char, 16> other_salt{5};
  const SlotKey a = derive_from_random(secret, salt, "tacit-v1-recover");
  const SlotKey b = derive_from_random(secret, salt, "tacit-v1-keyfile");
  const SlotKey c = derive_from_random(secret, other_salt, "tacit-v1-recover");
  EXPECT_FALSE(same_bytes(a.kek.bytes(), b.kek.bytes()));
  EXPECT_FALSE(same_bytes(a.kek.bytes(), c.kek.bytes()));
  EXPECT_NE(a.commitment, b.commitment);
}

}  // namespace
}  // namespace tacit
