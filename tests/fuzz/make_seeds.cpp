// First inputs for fuzzers whose inputs are bytes that only code can write: `make_seeds GOLDEN
// FOLDER`. The golden vault's parts and records, records of access and tokens, conversations over
// HTTP/2.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "daemon/access/collection_record.h"
#include "daemon/access/grants.h"
#include "daemon/access/narrowings.h"
#include "daemon/access/rule.h"
#include "daemon/tokens/token_book.h"
#include "daemon/tokens/token_value.h"
#include "daemon/vault/header.h"
#include "daemon/vault/record.h"
#include "daemon/vault/recovery_key.h"
#include "daemon/vault/slot_codec.h"
#include "daemon/vault/state.h"
#include "daemon/vault/vault.h"
#include "tests/integration/harness/http2_thrower.h"
#include "tests/integration/harness/raw_connection.h"
#include "tests/vectors/golden.h"

namespace tacit {
namespace {

class Folder {
 public:
  explicit Folder(const std::filesystem::path& path) : path_(path) {
    std::filesystem::create_directories(path_);
  }
  void add(const std::string& name, Bytes bytes, const std::string& before = "") {
    std::ofstream out(path_ / name, std::ios::binary);
    out << before;
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) throw std::runtime_error("cannot write " + (path_ / name).string());
  }
  void add(const std::string& name, const std::string& bytes, const std::string& before = "") {
    add(name, Bytes(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()), before);
  }

 private:
  std::filesystem::path path_;
};

/// First byte: which part, as in vault_parts_fuzz.cpp.
void vault_parts(Folder out, const std::filesystem::path& golden) {
  const std::filesystem::path copy = std::filesystem::absolute("golden-copy");
  std::filesystem::remove_all(copy);
  std::filesystem::copy(golden / "vault", copy);
  std::filesystem::permissions(copy, std::filesystem::perms::owner_all);
  for (const auto& file : std::filesystem::directory_iterator(copy)) {
    std::filesystem::permissions(
        file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  const auto locked =
      LockedVault::open({copy, copy / "no-anchor", copy, ""}, [] { return UnixMillis{0}; });
  if (!locked.ok()) throw std::runtime_error(std::string(locked.status().message()));
  Header header;
  header.vault_id = (*locked)->vault_id();
  header.created = kGoldenStart;
  for (const Slot& slot : (*locked)->slots()) {
    const char part = static_cast<char>(5 * slot.index);
    out.add("slot-" + std::to_string(slot.index), encode_slot(slot), std::string(1, part));
  }
  out.add("header", encode_header(header), std::string(1, '\1'));
  std::ifstream key(golden / "recovery-key.txt");
  out.add("recovery-key", std::string(std::istreambuf_iterator<char>(key), {}),
          std::string(1, '\2'));
  // A ring: how many keys, and each with its term before it (FORMAT.md).
  out.add("ring", std::string("\1\1\0\0\0", 5) + std::string(32, 'k'), std::string(1, '\3'));
  StateData state;
  state.remember({1, {}});
  out.add("state", encode_state(state), std::string(1, '\4'));
  std::filesystem::remove_all(copy);
}

void records(Folder out) {
  int number = 0;
  for (const GoldenItem& item : golden_items()) {
    for (const GoldenVersion& version : item.versions) {
      VersionRecord record;
      record.deleted = version.deleted;
      record.created = version.created;
      record.modified = version.modified;
      record.expires = version.expires;
      record.value_size = static_cast<std::uint32_t>(version.value.size());
      record.content_type = version.content_type;
      record.attributes = version.attributes;
      out.add("version-" + std::to_string(number++), encode_version(record).bytes());
    }
    out.add("collection-" + std::to_string(number),
            encode_collection({std::nullopt, item.where.collection}).bytes());
    out.add("heir-" + std::to_string(number),
            encode_collection({CollectionId{1}, item.where.collection}).bytes());
  }
}

void tokens(Folder out) {
  TokenValue value;
  value.obtained = kGoldenStart;
  value.due = kGoldenStart + 1;
  value.access = SecretBytes::copy_of("access");
  value.refresh = SecretBytes::copy_of("refresh");
  value.recipe = SecretBytes::copy_of("\x0a\x01r");
  out.add("value", encode_token(value).bytes());
  TokenRecord record;
  record.item = {1, 2, 3};
  out.add("record", encode_token_record(record).bytes());
  record.state.refused = 7;
  record.state.error = "refused by the server";
  record.state.error_time = kGoldenStart;
  out.add("record-error", encode_token_record(record).bytes());
}

void policies(Folder out) {
  for (const Policy policy : {Policy::kOpen, Policy::kAsk, Policy::kConfirm, Policy::kDeny}) {
    out.add("rule-" + std::to_string(static_cast<int>(policy)),
            encode_rule(rule_of(policy)).bytes());
  }
  out.add("kept", encode_kept({ProjectId{1, 2}, kGoldenStart}).bytes());
  out.add("folder", encode_folder({"/home/ann/work", 1, 2, kGoldenStart}).bytes());
  Grant grant;
  grant.id = 1;
  grant.verbs = 1;
  grant.collection = "default";
  grant.created = kGoldenStart;
  grant.prepared = true;
  grant.path = "/usr/bin/env";
  grant.items = {ItemId{1}};
  grant.names = {{"default", "name"}};
  out.add("grant", encode_grant(grant).bytes());
  Narrowing narrowing;
  narrowing.id = 1;
  narrowing.root = 2;
  narrowing.items = grant.items;
  narrowing.names = grant.names;
  out.add("narrowing", encode_narrowing("boot", narrowing).at(0).bytes());
  out.add("past", encode_past("boot", {{}, 1, 2, 1}).bytes());
}

/// First byte as in http2_fuzz.cpp: the sender stays for answers.
void conversations(Folder out) {
  constexpr int kOfEach = 64;
  test::Thrower thrower(1);
  for (int i = 0; i < kOfEach; ++i) {
    out.add("good-" + std::to_string(i),
            thrower.good_conversation().substr(test::kHttp2Preface.size()), std::string(1, '\2'));
    out.add("thrown-" + std::to_string(i), thrower.conversation(), std::string(1, '\6'));
  }
}

}  // namespace
}  // namespace tacit

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: make_seeds GOLDEN FOLDER\n";
    return 2;
  }
  const std::filesystem::path golden = argv[1], out = argv[2];
  try {
    if (!tacit::init_crypto()) throw std::runtime_error("no source of random numbers");
    tacit::vault_parts(tacit::Folder(out / "vault_parts"), golden);
    tacit::records(tacit::Folder(out / "record"));
    tacit::tokens(tacit::Folder(out / "token"));
    tacit::policies(tacit::Folder(out / "policy_record"));
    tacit::conversations(tacit::Folder(out / "http2"));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "make_seeds: " << error.what() << "\n";
    return 1;
  }
}
