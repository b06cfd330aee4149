// A vault of 200 records, some of them in its WAL alone, as files in memory: to be changed, put on
// disk again, and read.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/reliability/folders.h"
#include "tests/reliability/vault_user.h"

namespace tacit::test {

class ManyRecords {
 public:
  static constexpr int kRecords = 200;

  /// Makes the vault below `root`. With `live`, the last writes lie in the WAL; else in one file.
  ManyRecords(std::string root, bool live);

  enum class File { kDatabase, kWal, kCurrent, kAnchor };
  static constexpr File kFiles[] = {File::kDatabase, File::kWal, File::kCurrent, File::kAnchor};
  static const char* name_of(File file);
  /// What the file holds; empty if it is not there.
  const std::string& good(File file) const { return good_.at(file); }
  /// All files as they were, but for this one.
  void put(File file, const std::string& content);
  void put_back();
  std::string path_of(File file) const;

  /// What came of opening it and reading everything.
  enum class Verdict {
    kRight,    ///< every value, and nothing else
    kRefused,  ///< a typed error, at opening or for what is damaged; the rest was right
    kOld,      ///< told to be older than it should be, and read-only; values as they once were
    kWrong,    ///< a promise is broken
  };
  struct Reading {
    Verdict verdict = Verdict::kWrong;
    std::string words;  ///< the error, or what is wrong
  };
  Reading read();
  VaultUser& user() { return user_; }

 private:
  static std::string value_of(int record, int round);
  Reading read_values();

  VaultUser user_;
  std::map<File, std::string> good_;
  /// Every value that a record ever had; the last one is what it has.
  std::map<std::string, std::vector<std::string>> ever_;
  std::string database_;
};

/// Reads and writes a file as a whole; written 0600.
std::string content_of(const std::string& path);
void write_content(const std::string& path, const std::string& content);

}  // namespace tacit::test
