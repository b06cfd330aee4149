#include "daemon/vault/slot.h"

#include <gtest/gtest.h>

#include "daemon/base/status.h"
#include "daemon/crypto/tag.h"
#include "daemon/vault/slot_codec.h"

namespace tacit {
namespace {

constexpr VaultId kVault{1, 2, 3};

KdfParams floor_cost() {
  KdfParams params;
  params.memory_bytes = kMinKdfMemory;
  params.passes = kMinNewKdfPasses;
  return params;
}

Credential credential(SlotKind kind, std::string_view secret) {
  return {kind, SecretBytes::copy_of(secret)};
}

TEST(Slot, EachKindOpensWhatItWrapped) {
  const KeyBytes root = KeyBytes::random();
  Credential all[] = {credential(SlotKind::kPassphrase, "pass phrase"),
                      {SlotKind::kRecoveryKey, generate_recovery_key()},
                      credential(SlotKind::kKeyFile, std::string(32, 'k'))};
  std::vector<Slot> slots;
  for (const Credential& each : all) {
    auto slot = prepare_slot(each, root, kVault, floor_cost(), 77);
    ASSERT_TRUE(slot.ok()) << slot.status();
    slot->index = static_cast<std::uint32_t>(slots.size() + 3);
    // Through the bytes on disk.
    const auto decoded = decode_slot(slot->index, encode_slot(*slot));
    ASSERT_TRUE(decoded);
    slots.push_back(*decoded);
  }
  for (std::size_t i = 0; i < slots.size(); ++i) {
    auto opened = open_slot(all[i], slots, kVault);
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ(opened->index, i + 3);
    EXPECT_TRUE(same_bytes(opened->root.bytes(), root.bytes()));
  }
}

TEST(Slot, WrongCredentials) {
  const KeyBytes root = KeyBytes::random();
  const Credential file = credential(SlotKind::kKeyFile, std::string(64, 'k'));
  const Slot slot = *prepare_slot(file, root, kVault, floor_cost(), 0);
  const std::span<const Slot> slots(&slot, 1);
  for (const Credential& wrong :
       {credential(SlotKind::kKeyFile, std::string(64, 'K')),
        credential(SlotKind::kKeyFile, "short"), credential(SlotKind::kPassphrase, "x"),
        credential(SlotKind::kPassphrase, ""), credential(SlotKind::kRecoveryKey, "mistyped"),
        Credential{SlotKind::kRecoveryKey, generate_recovery_key()}}) {
    EXPECT_EQ(reason_of(open_slot(wrong, slots, kVault).status()), Reason::kWrongCredential);
  }
  EXPECT_EQ(reason_of(open_slot(file, {}, kVault).status()), Reason::kWrongCredential);
}

TEST(Slot, AForeignVaultsSlotAndEveryChangedByteAreRefused) {
  const KeyBytes root = KeyBytes::random();
  const Credential file = credential(SlotKind::kKeyFile, std::string(64, 'k'));
  const Slot slot = *prepare_slot(file, root, kVault, floor_cost(), 1234);
  const std::span<const Slot> slots(&slot, 1);
  EXPECT_EQ(reason_of(open_slot(file, slots, VaultId{9}).status()), Reason::kVaultDamaged);
  const auto body = encode_slot(slot);
  for (std::size_t i = 0; i < body.size(); ++i) {
    auto changed = body;
    changed[i] ^= 1;
    const auto decoded = decode_slot(0, changed);
    if (!decoded) continue;
    EXPECT_FALSE(open_slot(file, std::span<const Slot>(&*decoded, 1), kVault).ok()) << i;
  }
}

TEST(Slot, BadCredentialsMakeNoSlot) {
  const KeyBytes root = KeyBytes::random();
  for (const Credential& bad : {credential(SlotKind::kPassphrase, ""),
                                credential(SlotKind::kPassphrase, std::string(4097, 'x')),
                                credential(SlotKind::kKeyFile, std::string(31, 'x')),
                                credential(SlotKind::kKeyFile, std::string(64 * 1024 + 1, 'x')),
                                credential(SlotKind::kRecoveryKey, "AAAA-BBBB")}) {
    EXPECT_EQ(reason_of(prepare_slot(bad, root, kVault, floor_cost(), 0).status()),
              Reason::kInvalidArgument);
  }
  KdfParams cheap = floor_cost();
  cheap.passes = 2;
  EXPECT_EQ(
      reason_of(
          prepare_slot(credential(SlotKind::kPassphrase, "x"), root, kVault, cheap, 0).status()),
      Reason::kInvalidArgument);
}

TEST(Slot, AHostileCostBesideAGoodSlotIsNeverTried) {
  const KeyBytes root = KeyBytes::random();
  const Credential pass = credential(SlotKind::kPassphrase, "x");
  std::vector<Slot> slots(2, *prepare_slot(pass, root, kVault, floor_cost(), 0));
  slots[1].kdf.memory_bytes = std::uint64_t{1} << 40;
  EXPECT_EQ(reason_of(open_slot(pass, slots, kVault).status()), Reason::kVaultDamaged);
}

TEST(Slot, DecodingIsStrict) {
  const Slot slot;
  const auto body = encode_slot(slot);
  EXPECT_TRUE(decode_slot(15, body));
  EXPECT_FALSE(decode_slot(16, body));
  EXPECT_FALSE(decode_slot(0, Bytes(body).first(body.size() - 1)));
  auto longer = std::vector<unsigned char>(body.begin(), body.end());
  longer.push_back(0);
  EXPECT_FALSE(decode_slot(0, longer));
  for (const unsigned char kind : std::array<unsigned char, 3>{0, 4, 255}) {
    auto changed = body;
    changed[0] = kind;
    EXPECT_FALSE(decode_slot(0, changed));
  }
}

TEST(Slot, CalibrationStaysInRange) {
  const KdfParams params = calibrate_kdf();
  EXPECT_TRUE(check_new_cost(params).ok());
}

}  // namespace
}  // namespace tacit
