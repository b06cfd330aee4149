#include "daemon/vault/record.h"

#include <gtest/gtest.h>

#include <random>

#include "daemon/crypto/padding.h"
#include "daemon/vault/anchor.h"
#include "daemon/vault/header.h"
#include "daemon/vault/state.h"

namespace tacit {
namespace {

VersionRecord sample() {
  VersionRecord record;
  record.strictest_policy = Policy::kConfirm;
  record.created = -5;
  record.modified = INT64_MAX;
  record.expires = 77;
  record.value_size = 768 * 1024;
  record.content_type = std::string(255, 'c');
  record.attributes = {{"a", ""}, {"b", std::string(1024, 'v')}, {std::string(256, 'k'), "x"}};
  return record;
}

TEST(Record, VersionRoundTrip) {
  const auto decoded = decode_version(encode_version(sample()));
  ASSERT_TRUE(decoded);
  const VersionRecord want = sample();
  EXPECT_EQ(decoded->strictest_policy, want.strictest_policy);
  EXPECT_EQ(decoded->created, want.created);
  EXPECT_EQ(decoded->modified, want.modified);
  EXPECT_EQ(decoded->expires, want.expires);
  EXPECT_EQ(decoded->value_size, want.value_size);
  EXPECT_EQ(decoded->content_type, want.content_type);
  EXPECT_EQ(decoded->attributes, want.attributes);
  EXPECT_FALSE(decoded->deleted);
}

TEST(Record, EveryTruncationAndEveryByteOfAVersionIsSurvived) {
  const SecretBytes good = encode_version(sample());
  for (std::size_t size = 0; size < good.size(); ++size) {
    // The padding's mark is at the end: a cut record has none, or a wrong length.
    EXPECT_FALSE(decode_version(SecretBytes::copy_of(good.bytes().first(size)))) << size;
  }
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const unsigned char flip : std::array<unsigned char, 3>{0x01, 0x80, 0xff}) {
      SecretBytes changed = good.clone();
      changed.writable()[i] ^= flip;
      const auto decoded = decode_version(std::move(changed));
      if (!decoded) continue;
      EXPECT_LE(decoded->attributes.size(), kMaxAttributes);
      EXPECT_LE(decoded->value_size, 768u * 1024);
    }
  }
}

TEST(Record, UnknownLayoutFlagsPolicyAndOrderAreRefused) {
  const auto with = [](std::size_t at, unsigned char byte) {
    SecretBytes changed = encode_version({});
    changed.writable()[at] = byte;
    return decode_version(std::move(changed)).has_value();
  };
  EXPECT_TRUE(with(0, 1));
  EXPECT_FALSE(with(0, 2));
  EXPECT_FALSE(with(1, 2));
  EXPECT_TRUE(with(2, 4));
  EXPECT_FALSE(with(2, 5));
  VersionRecord two;
  two.attributes = {{"a", "1"}, {"b", "2"}};
  SecretBytes swapped = encode_version(two);
  std::swap(swapped.writable()[35], swapped.writable()[41]);
  ASSERT_EQ(swapped.bytes()[35], 'b');
  EXPECT_FALSE(decode_version(swapped.clone()));
  swapped.writable()[41] = 'b';
  EXPECT_FALSE(decode_version(std::move(swapped))) << "a key twice";
}

TEST(Record, CollectionRoundTripAndDamage) {
  CollectionRecord record{CollectionId{9, 9}, "w\xc3\xb6rk"};
  const auto decoded = decode_collection(encode_collection(record));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->name, record.name);
  EXPECT_EQ(decoded->inherits_from, record.inherits_from);
  EXPECT_FALSE(decode_collection(encode_collection({std::nullopt, ""})));
  EXPECT_FALSE(decode_collection(encode_collection({std::nullopt, "\xff"})));
  EXPECT_FALSE(decode_collection(encode_collection({std::nullopt, std::string(1025, 'x')})));
  const std::string plain = "mail";
  const Bytes bytes(reinterpret_cast<const unsigned char*>(plain.data()), plain.size());
  EXPECT_EQ(decode_name(pad_to(bytes, 64)), "mail");
  EXPECT_FALSE(decode_name(SecretBytes(64)));
}

TEST(Record, RandomBytesNeverPassForMoreThanTheyAre) {
  std::mt19937 random(3);
  for (int i = 0; i < 20'000; ++i) {
    SecretBytes bytes(64 * (random() % 4 + 1));
    for (unsigned char& byte : bytes.writable()) byte = static_cast<unsigned char>(random() % 4);
    decode_version(bytes.clone());
    decode_collection(bytes.clone());
    decode_name(bytes.clone());
    decode_header(bytes.bytes());
    decode_state(bytes.bytes());
  }
}

TEST(State, RoundTripAndLimits) {
  StateData state;
  state.epoch = 1u << 31;
  state.lineage = {1, 2};
  state.sum(Table::kSlot).count = 3;
  state.sum(Table::kSlot).lanes = {1, 2, 3, 4, 5, 6, 7, ~std::uint64_t{0}};
  state.audit.first = 5;
  state.audit.next = 9;
  for (std::uint64_t i = 1; i <= 70; ++i) state.remember({i, Digest{1}});
  ASSERT_EQ(state.anchors.size(), kRememberedAnchors);
  const auto decoded = decode_state(encode_state(state));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->epoch, state.epoch);
  EXPECT_EQ(decoded->sums, state.sums);
  EXPECT_EQ(decoded->audit.next, 9u);
  EXPECT_EQ(decoded->anchors.front().epoch, 7u);
  EXPECT_EQ(decoded->anchors.back().epoch, 70u);
  StateBytes bytes = encode_state(state);
  bytes[0] = 2;
  EXPECT_FALSE(decode_state(bytes));
  EXPECT_FALSE(decode_state(Bytes(bytes).first(100)));
}

TEST(State, SumsDoNotDependOnOrderAndForgetWhatIsTakenOut) {
  const KeyBytes key = KeyBytes::random();
  const WideTag a = keyed_wide_tag(key, {bytes_of("a")});
  const WideTag b = keyed_wide_tag(key, {bytes_of("b")});
  RowSum ab, ba;
  ab.add(a);
  ab.add(b);
  ba.add(b);
  ba.add(a);
  EXPECT_EQ(ab, ba);
  ab.subtract(a);
  ba = {};
  ba.add(b);
  EXPECT_EQ(ab, ba);
  ab.add(b);
  EXPECT_NE(ab, ba) << "twice is not once";
}

TEST(Anchor, VerdictsAndForgery) {
  const KeyBytes key = KeyBytes::random();
  const VaultId vault{1};
  StateData state;
  state.epoch = 10;
  state.lineage = {4};
  state.remember({7, Digest{7}});
  const Digest now{10};
  const auto verdict = [&](std::vector<Anchor> anchors) {
    return judge_anchors(anchors, vault, state, now);
  };
  EXPECT_EQ(verdict({{vault, state.lineage, 10, now}}), AnchorVerdict::kFits);
  EXPECT_EQ(verdict({{vault, state.lineage, 7, Digest{7}}}), AnchorVerdict::kFits);
  EXPECT_EQ(verdict({{vault, state.lineage, 11, Digest{11}}}), AnchorVerdict::kRollback);
  EXPECT_EQ(verdict({{vault, state.lineage, 10, Digest{9}}}), AnchorVerdict::kFork);
  EXPECT_EQ(verdict({{vault, state.lineage, 8, Digest{8}}}), AnchorVerdict::kFork);
  EXPECT_EQ(verdict({{vault, Lineage{5}, 11, Digest{11}}}), AnchorVerdict::kFork);
  EXPECT_EQ(verdict({{vault, Lineage{5}, 11, Digest{11}}, {vault, state.lineage, 10, now}}),
            AnchorVerdict::kFits);
  EXPECT_EQ(verdict({{VaultId{2}, state.lineage, 10, now}}), AnchorVerdict::kFork);
  EXPECT_EQ(verdict({}), AnchorVerdict::kFork);
  AnchorBytes bytes = encode_anchor({vault, state.lineage, 10, now}, key);
  ASSERT_TRUE(decode_anchor(bytes, key));
  EXPECT_FALSE(decode_anchor(bytes, KeyBytes::random()));
  for (unsigned char& byte : bytes) {
    byte ^= 1;
    EXPECT_FALSE(decode_anchor(bytes, key));
    byte ^= 1;
  }
}

TEST(Anchor, SeveralInAFileEachUnderItsKey) {
  const KeyBytes key = KeyBytes::random();
  const KeyBytes next_key = KeyBytes::random();
  const auto anchor = [](std::uint64_t epoch) { return Anchor{VaultId{1}, Lineage{4}, epoch, {}}; };
  std::vector<unsigned char> file = with_next_anchor({}, encode_anchor(anchor(1), key));
  file = with_next_anchor(file, encode_anchor(anchor(2), next_key));
  ASSERT_EQ(decode_anchors(file, key).size(), 1u);
  EXPECT_EQ(decode_anchors(file, key).front().epoch, 1u);
  ASSERT_EQ(decode_anchors(file, next_key).size(), 1u);
  EXPECT_EQ(decode_anchors(file, next_key).front().epoch, 2u);
  EXPECT_TRUE(decode_anchors(file, KeyBytes::random()).empty());
  for (std::uint64_t epoch = 3; epoch <= 6; ++epoch) {
    file = with_next_anchor(file, encode_anchor(anchor(epoch), key));
  }
  const std::vector<Anchor> kept = decode_anchors(file, key);
  ASSERT_EQ(kept.size(), kMostAnchors);
  EXPECT_EQ(kept.front().epoch, 3u);
  EXPECT_EQ(kept.back().epoch, 6u);
  file.push_back(0);
  EXPECT_TRUE(decode_anchors(file, key).empty());
  EXPECT_EQ(with_next_anchor(file, encode_anchor(anchor(7), key)).size(), kAnchorBytes);
  file.resize((kMostAnchors + 1) * kAnchorBytes);
  EXPECT_TRUE(decode_anchors(file, key).empty());
}

TEST(Header, RoundTripAndRing) {
  Header header;
  header.vault_id = {3};
  header.created = 5;
  header.recovery_key_unconfirmed = true;
  auto body = encode_header(header);
  const auto decoded = decode_header(body);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->vault_id, header.vault_id);
  EXPECT_TRUE(decoded->recovery_key_unconfirmed);
  body[0] ^= 1;
  EXPECT_FALSE(decode_header(body));
  const KeyBytes key = KeyBytes::random();
  KeyRing ring;
  ring.entries.push_back({1, KeyBytes::random()});
  ring.entries.push_back({5, KeyBytes::random()});
  auto sealed = seal_ring(ring, key, header.vault_id);
  const auto opened = open_ring(sealed, key, header.vault_id);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->newest().term, 5u);
  EXPECT_TRUE(same_bytes(opened->find(1)->bytes(), ring.find(1)->bytes()));
  EXPECT_EQ(opened->find(2), nullptr);
  EXPECT_FALSE(open_ring(sealed, key, VaultId{}));
  sealed.back() ^= 1;
  EXPECT_FALSE(open_ring(sealed, key, header.vault_id));
}

}  // namespace
}  // namespace tacit
