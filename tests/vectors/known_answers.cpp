#include "tests/vectors/known_answers.h"

#include "daemon/crypto/aead.h"
#include "daemon/crypto/kdf.h"
#include "daemon/crypto/padding.h"
#include "daemon/crypto/tag.h"
#include "daemon/vault/anchor.h"
#include "daemon/vault/header.h"
#include "daemon/vault/record.h"
#include "daemon/vault/recovery_key.h"
#include "daemon/vault/row_hash.h"
#include "daemon/vault/slot_codec.h"
#include "daemon/vault/state.h"
#include "daemon/vault/vault_core.h"

namespace tacit {
namespace {

std::string hex(Bytes bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

template <std::size_t N>
std::array<unsigned char, N> filled(unsigned char byte) {
  std::array<unsigned char, N> out;
  out.fill(byte);
  return out;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> known_answers() {
  std::vector<std::pair<std::string, std::string>> out;
  const auto add = [&](std::string name, Bytes bytes) {
    out.emplace_back(std::move(name), hex(bytes));
  };
  std::array<unsigned char, 32> counting;
  for (std::size_t i = 0; i < counting.size(); ++i) counting[i] = static_cast<unsigned char>(i);
  const KeyBytes root = KeyBytes::copy_of(counting);
  const auto vault_id = filled<16>(0xa0);
  const auto item = filled<16>(0xb0);
  const auto collection = filled<16>(0xc0);
  const auto salt = filled<16>(0x5a);
  const auto nonce = filled<24>(0x24);

  for (std::uint64_t id = 1; id <= 10; ++id) {
    add("subkey " + std::to_string(id), root.subkey(id).bytes());
  }
  KdfParams kdf;
  kdf.salt = salt;
  kdf.memory_bytes = kMinKdfMemory;
  kdf.passes = 3;
  const auto pass = derive_from_passphrase(bytes_of("correct horse"), kdf);
  add("passphrase `correct horse` 64 MiB 3 passes: KEK", pass->kek.bytes());
  add("passphrase `correct horse` 64 MiB 3 passes: commitment", pass->commitment);
  const SlotKey recovery = derive_from_random(counting, salt, "tacit-v1-recover");
  add("recovery key = RK: KEK", recovery.kek.bytes());
  add("recovery key = RK: commitment", recovery.commitment);
  const SlotKey file = derive_from_random(bytes_of(std::string(32, 'k')), salt, "tacit-v1-keyfile");
  add("key file = 32 times `k`: KEK", file.kek.bytes());
  add("key file = 32 times `k`: commitment", file.commitment);
  const SecretBytes text = recovery_key_text(counting);
  out.emplace_back("recovery key = RK as text",
                   std::string(text.bytes().begin(), text.bytes().end()));

  const KeyBytes name_key = subkey(root, Subkey::kName);
  const Tag name_tag = keyed_tag(name_key, {collection, bytes_of("mail")});
  const Tag collection_tag = keyed_tag(subkey(root, Subkey::kCollection), {bytes_of("default")});
  add("tag of collection `default`", collection_tag);
  add("tag of name `mail` in the collection", name_tag);
  add("tag of attribute `user` = `ann`",
      keyed_tag(subkey(root, Subkey::kAttribute), {bytes_of("user"), bytes_of("ann")}));

  Slot slot;
  slot.index = 1;
  slot.kind = SlotKind::kPassphrase;
  slot.created = 1'700'000'000'000;
  slot.kdf = kdf;
  slot.commitment = pass->commitment;
  slot.nonce = nonce;
  const auto aad = slot_aad(slot, vault_id);
  add("slot aad (passphrase slot of time 1700000000000)", aad);
  const std::span<unsigned char> wrapped(slot.wrapped);
  const Mac mac = seal(pass->kek, nonce, aad, root.bytes(), wrapped.first(32));
  std::copy(mac.begin(), mac.end(), wrapped.subspan(32).begin());
  add("slot wrapped RK (nonce 24 times 24)", slot.wrapped);

  Header header;
  header.vault_id = vault_id;
  header.created = 1'700'000'000'000;
  header.recovery_key_unconfirmed = true;
  const auto body = encode_header(header);
  add("header body (flag 1)", body);
  add("header mac (ring = `ring`, that slot with index 1)",
      header_mac(subkey(root, Subkey::kHeader), kApplicationId, kFormat, body, bytes_of("ring"),
                 {&slot, 1}));

  const auto name_aad = row_aad(vault_id, {.part = RowPart::kName,
                                           .term = 1,
                                           .subject = item,
                                           .number = 1,
                                           .collection = collection,
                                           .tag = name_tag});
  add("row_aad of that name, live, term 1", name_aad);
  VersionRecord record;
  record.created = 1'700'000'000'000;
  record.modified = 1'700'000'000'001;
  record.expires = 1'800'000'000'000;
  record.value_size = 6;
  record.content_type = "text/plain";
  record.attributes = {{"user", "ann"}};
  add("version record, padded", encode_version(record).bytes());
  add("collection record `default`, padded", encode_collection({std::nullopt, "default"}).bytes());
  add("value `s3cret`, padded", pad_to(bytes_of("s3cret"), padded_value(6)).bytes());
  const KeyBytes dek = KeyBytes::copy_of(filled<32>(0xde));
  SecretBytes sealed = pad_to(bytes_of("s3cret"), padded_value(6));
  const Mac value_mac =
      seal(dek, nonce,
           row_aad(vault_id, {.part = RowPart::kValue, .term = 1, .subject = item, .number = 2}),
           sealed.bytes(), sealed.writable());
  add("that value, version 2, DEK 32 times de, nonce 24 times 24: data", sealed.bytes());
  add("that value: mac", value_mac);

  const KeyBytes set_key = subkey(root, Subkey::kSet);
  const NameRow name_row{collection, name_tag, item, true, 1, bytes_of("sealed")};
  add("element of that name's row (sealed = `sealed`)", row_hash(set_key, name_row));
  ItemRow item_row;
  item_row.item = item;
  item_row.version = 2;
  item_row.term = 1;
  item_row.value_nonce = nonce;
  item_row.value_mac = value_mac;
  item_row.sealed = bytes_of("sealed");
  add("element of that item's row, version 2 (sealed = `sealed`)", row_hash(set_key, item_row));
  add("element of an attribute row", row_hash(set_key, AttributeRow{name_tag, item}));
  add("element of that slot's row", row_hash(set_key, slot));

  StateData state;
  state.epoch = 3;
  state.lineage = filled<16>(0x11);
  state.sum(Table::kName).add(row_hash(set_key, name_row));
  state.anchors.push_back({1, filled<32>(0x77)});
  const StateBytes plain = encode_state(state);
  add("state: first 170 bytes (epoch 3, lineage 16 times 11, that one name)",
      Bytes(plain).first(170));
  const KeyBytes anchor_key = subkey(root, Subkey::kAnchor);
  const Digest digest = state_digest(plain, anchor_key);
  add("state digest (that state, which remembers an anchor of epoch 1, digest 32 times 77)",
      digest);
  add("anchor of that state", encode_anchor({vault_id, state.lineage, 3, digest}, anchor_key));
  add("audit chain after record 1 (sealed = `sealed`)",
      keyed_tag(subkey(root, Subkey::kAudit),
                {filled<32>(0), std::array<unsigned char, 8>{1}, bytes_of("sealed")}));
  return out;
}

}  // namespace tacit
