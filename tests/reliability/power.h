// What a disk may hold after the power went: everything that was synced, and of the rest anything.
#pragma once
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/reliability/disk.h"

namespace tacit::test {

using Random = std::mt19937_64;

/// Follows calls one by one, and at any point makes one of the many states that a crash of the
/// machine may leave. It promises no more than POSIX: a file's bytes stay once the file was synced,
/// a name (made, changed, taken away) once its folder was. What was not synced is there or lost by
/// the sector of 512 bytes, in any order, torn within one, or garbage; names likewise, each by
/// itself.
class PowerModel {
 public:
  /// Takes what lies below `root` now as all synced; `disk` watches it.
  PowerModel(const std::string& root, WatchedDisk& disk);
  void follow(const DiskCall& call);
  /// The power goes: what is left is made below `target`. Returns in words what became of the rest.
  std::string lose(const std::string& target, Random& random) const;

 private:
  using Bytes = std::vector<unsigned char>;
  struct Change {
    bool truncates = false;
    std::uint64_t offset = 0;
    Bytes data;
  };
  struct File {
    Bytes synced;
    std::vector<Change> since;
  };
  struct Entry {
    bool is_folder = false;
    std::uint64_t file = 0;
    bool operator==(const Entry&) const = default;
  };
  using Names = std::map<std::string, Entry>;
  struct NameChange {
    std::string gone;  ///< if not empty, and if it is `entry` that has this name
    std::string made;  ///< if not empty
    Entry entry;
  };
  struct Folder {
    Names synced;
    Names now;
    std::vector<NameChange> since;
  };

  static void apply(const Change& change, Bytes& bytes);
  static void apply(const NameChange& change, Names& names);
  void change_names(const std::string& folder, NameChange change);
  Bytes left_of(const File& file, int fate, Random& random) const;
  Names left_of(const Folder& folder, int fate, Random& random) const;
  void write_folder(const std::string& path, const std::string& target, int files, int names,
                    Random& random) const;

  std::map<std::uint64_t, File> files_;
  std::map<std::string, Folder> folders_;
};

}  // namespace tacit::test
