#include "tests/reliability/many_records.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "absl/strings/string_view.h"
#include "daemon/base/status.h"

namespace tacit::test {
namespace {

namespace fs = std::filesystem;

constexpr int kInWal = 12;  ///< records written last: half of them new, half of them once more

void must(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

std::string name_of_record(int record) { return "record " + std::to_string(record); }

/// What tells a user how to go on.
bool says_what_to_do(absl::string_view message) {
  for (const char* word : {"restore", "run", "update", "write", "check", "`tacit"}) {
    if (message.find(word) != absl::string_view::npos) return true;
  }
  return false;
}

bool is_typed(const absl::Status& status) {
  switch (reason_of(status)) {
    case Reason::kVaultDamaged:
    case Reason::kNotAVault:
    case Reason::kVaultTooNew:
    case Reason::kWrongCredential:
    case Reason::kIoError:
      return says_what_to_do(status.message());
    default:
      return false;
  }
}

}  // namespace

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_content(const std::string& path, const std::string& content) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool whole =
      fd >= 0 && write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size());
  if (fd >= 0) close(fd);
  if (!whole) throw std::runtime_error("cannot write " + path);
}

std::string ManyRecords::value_of(int record, int round) {
  return "value " + std::to_string(record) + " " + std::to_string(round) +
         std::string(static_cast<std::size_t>(record % 7) * 9, 'v');
}

const char* ManyRecords::name_of(File file) {
  switch (file) {
    case File::kDatabase:
      return "the database";
    case File::kWal:
      return "the WAL";
    case File::kCurrent:
      return "CURRENT";
    case File::kAnchor:
      return "the anchor";
  }
  return "";
}

ManyRecords::ManyRecords(std::string root, bool live) : user_(std::move(root)) {
  const auto set = [&](int record, int round) {
    ItemChange change;
    const std::string value = value_of(record, round);
    change.value = SecretBytes::copy_of(value);
    if (record % 20 == 0) change.attributes = Attributes{{"kind", "login"}};
    const std::string name = name_of_record(record);
    must(user_.vault().set({"default", name}, std::move(change)).status());
    ever_[name].push_back(value);
  };
  fs::create_directories(user_.root());
  must(user_.create());
  for (int i = 0; i < kRecords - kInWal / 2; ++i) set(i, 0);
  must(user_.vault().set_policy_record({1}, 0, SecretBytes::copy_of("deny")));
  std::vector<SecretBytes> audit;
  for (const char* text : {"one", "two", "three"}) audit.push_back(SecretBytes::copy_of(text));
  must(user_.vault().append_audit(audit).status());
  user_.close();
  must(user_.open());
  for (int i = kRecords - kInWal; i < kRecords; ++i) set(i, 1);
  must(user_.vault().write_anchor());
  database_ = user_.database();
  if (!live) user_.close();
  for (const File file : kFiles) {
    if (fs::exists(path_of(file))) {
      good_[file] = content_of(path_of(file));
    } else {
      good_[file].clear();
    }
  }
  user_.close();
}

std::string ManyRecords::path_of(File file) const {
  switch (file) {
    case File::kDatabase:
      return database_;
    case File::kWal:
      return database_ + "-wal";
    case File::kCurrent:
      return user_.place().dir + "/CURRENT";
    case File::kAnchor:
      return user_.place().anchor_file;
  }
  return "";
}

void ManyRecords::put(File changed, const std::string& content) {
  for (const File file : kFiles) {
    const std::string& bytes = file == changed ? content : good_.at(file);
    if (bytes.empty() && good_.at(file).empty()) {
      unlink(path_of(file).c_str());
    } else {
      write_content(path_of(file), bytes);
    }
  }
}

void ManyRecords::put_back() { put(File::kCurrent, good(File::kCurrent)); }

ManyRecords::Reading ManyRecords::read() {
  const absl::Status status = user_.open();
  Reading out;
  if (status.ok()) {
    out = read_values();
  } else if (is_typed(status)) {
    out = {Verdict::kRefused, std::string(status.message())};
  } else {
    out = {Verdict::kWrong, "refused as " + std::string(reason_name(reason_of(status))) + ": " +
                                std::string(status.message())};
  }
  user_.close();
  return out;
}

ManyRecords::Reading ManyRecords::read_values() {
  const Reason read_only = user_.vault().read_only();
  const bool old = read_only == Reason::kRollback || read_only == Reason::kFork;
  Reading out{old ? Verdict::kOld : Verdict::kRight, user_.vault().read_only_message()};
  const auto met = [&](const absl::Status& status) {
    if (!is_typed(status)) {
      out = {Verdict::kWrong,
             std::string(reason_name(reason_of(status))) + " " + std::string(status.message())};
    } else if (out.verdict != Verdict::kWrong) {
      out = {Verdict::kRefused, std::string(status.message())};
    }
  };
  std::set<std::string> listed;
  for (Vault::Cursor cursor; !cursor.done;) {
    const auto part = user_.vault().list(std::nullopt, true, cursor, 64);
    if (!part.ok()) {
      met(part.status());
      break;
    }
    for (const ItemMetadata& item : *part) listed.insert(item.where.name);
  }
  if (out.verdict == Verdict::kRight && listed.size() != ever_.size()) {
    return {Verdict::kWrong, std::to_string(listed.size()) + " records are listed"};
  }
  for (const std::string& name : listed) {
    if (!ever_.contains(name)) return {Verdict::kWrong, "a record that never was: " + name};
  }
  for (const auto& [name, values] : ever_) {
    const auto item = user_.vault().get({"default", name});
    if (!item.ok()) {
      if (old && reason_of(item.status()) == Reason::kNotFound) continue;
      met(item.status());
      continue;
    }
    const std::string value(item->value.bytes().begin(), item->value.bytes().end());
    const bool fits =
        old ? std::count(values.begin(), values.end(), value) != 0 : value == values.back();
    if (!fits) return {Verdict::kWrong, "a wrong value for " + name + ": " + value};
  }
  const absl::Status audit = user_.vault().verify_audit();
  if (!audit.ok()) met(audit);
  for (Vault::VerifyState state; !state.cursor.done && out.verdict != Verdict::kWrong;) {
    const auto findings = user_.vault().verify(state, 100);
    if (!findings.ok()) {
      met(findings.status());
      break;
    }
    for (const auto& each : *findings) met(make_error(each.reason, each.message));
  }
  return out;
}

}  // namespace tacit::test
