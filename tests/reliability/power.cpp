#include "tests/reliability/power.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace tacit::test {
namespace {

namespace fs = std::filesystem;
using Kind = DiskCall::Kind;

constexpr std::size_t kSector = 512;

/// What becomes of all that was not synced.
enum Fate { kLost, kKept, kInOrder, kAnySectors, kGarbage, kFates };
const char* const kFateNames[] = {"lost", "kept", "kept up to a point", "kept here and there",
                                  "garbage"};

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }
std::string name_in(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::size_t below(std::size_t limit, Random& random) {
  return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

}  // namespace

PowerModel::PowerModel(const std::string& root, WatchedDisk& disk) {
  folders_[""];
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string path = entry.path().string().substr(root.size());
    Entry known{entry.is_directory(), 0};
    if (known.is_folder) {
      folders_[path];
    } else {
      known.file = disk.number_of(entry.path());
      std::ifstream in(entry.path(), std::ios::binary);
      files_[known.file].synced.assign(std::istreambuf_iterator<char>(in), {});
    }
    Folder& folder = folders_[folder_of(path)];
    folder.synced[name_in(path)] = folder.now[name_in(path)] = known;
  }
}

void PowerModel::apply(const Change& change, Bytes& bytes) {
  if (change.truncates) {
    bytes.resize(change.offset);
    return;
  }
  bytes.resize(std::max<std::size_t>(bytes.size(), change.offset + change.data.size()));
  std::copy(change.data.begin(), change.data.end(),
            bytes.begin() + static_cast<std::ptrdiff_t>(change.offset));
}

void PowerModel::apply(const NameChange& change, Names& names) {
  const auto gone = names.find(change.gone);
  if (!change.gone.empty() && gone != names.end() && gone->second == change.entry) {
    names.erase(gone);
  }
  if (!change.made.empty()) names[change.made] = change.entry;
}

void PowerModel::change_names(const std::string& folder, NameChange change) {
  Folder& in = folders_[folder];
  if (!change.gone.empty()) change.entry = in.now[change.gone];
  apply(change, in.now);
  in.since.push_back(std::move(change));
}

void PowerModel::follow(const DiskCall& call) {
  const std::string folder = folder_of(call.path);
  const std::string name = name_in(call.path);
  switch (call.kind) {
    case Kind::kCreate:
      files_[call.file] = {};
      change_names(folder, {"", name, {false, call.file}});
      return;
    case Kind::kWrite:
      files_[call.file].since.push_back({false, call.offset, call.data});
      return;
    case Kind::kTruncate:
      files_[call.file].since.push_back({true, call.offset, {}});
      return;
    case Kind::kSync: {
      File& file = files_[call.file];
      for (const Change& change : file.since) apply(change, file.synced);
      file.since.clear();
      return;
    }
    case Kind::kSyncFolder: {
      Folder& synced = folders_[call.path];
      synced.synced = synced.now;
      synced.since.clear();
      return;
    }
    case Kind::kRename:
      change_names(folder, {name, name_in(call.to), {}});
      return;
    case Kind::kMakeFolder:
      folders_[call.path] = {};
      change_names(folder, {"", name, {true, 0}});
      return;
    case Kind::kUnlink:
    case Kind::kRemoveFolder:
      change_names(folder, {name, "", {}});
      return;
  }
}

PowerModel::Bytes PowerModel::left_of(const File& file, int fate, Random& random) const {
  Bytes out = file.synced;
  if (fate == kLost || file.since.empty()) return out;
  const std::size_t cut = fate == kInOrder ? below(file.since.size() + 1, random) : SIZE_MAX;
  const unsigned keep = static_cast<unsigned>(random() % 101);  // of a hundred sectors
  for (std::size_t i = 0; i < file.since.size() && i <= cut; ++i) {
    const Change& change = file.since[i];
    if (change.truncates) {
      if (i != cut && (fate != kAnySectors || random() % 100 < keep)) apply(change, out);
      continue;
    }
    if (fate == kKept || (fate == kInOrder && i != cut)) {
      apply(change, out);
      continue;
    }
    if (fate == kInOrder) {  // the one that was being written: torn at any byte
      Change torn = change;
      torn.data.resize(below(change.data.size() + 1, random));
      if (!torn.data.empty()) apply(torn, out);
      continue;
    }
    for (std::size_t at = 0; at < change.data.size();) {
      // Sectors lie where the disk has them, not where the write begins.
      const std::size_t end =
          std::min(change.data.size(), at + kSector - (change.offset + at) % kSector);
      Change sector{false, change.offset + at,
                    Bytes(change.data.begin() + static_cast<std::ptrdiff_t>(at),
                          change.data.begin() + static_cast<std::ptrdiff_t>(end))};
      at = end;
      const bool kept = random() % 100 < keep;
      if (!kept && fate == kGarbage) {
        for (unsigned char& byte : sector.data) byte = static_cast<unsigned char>(random());
      }
      if (kept || fate == kGarbage) apply(sector, out);
    }
  }
  return out;
}

PowerModel::Names PowerModel::left_of(const Folder& folder, int fate, Random& random) const {
  Names out = folder.synced;
  if (fate == kLost || folder.since.empty()) return out;
  const std::size_t cut = fate == kInOrder ? below(folder.since.size() + 1, random) : SIZE_MAX;
  for (std::size_t i = 0; i < folder.since.size() && i < cut; ++i) {
    if (fate == kKept || fate == kInOrder || random() % 2 == 0) apply(folder.since[i], out);
  }
  return out;
}

void PowerModel::write_folder(const std::string& path, const std::string& target, int files,
                              int names, Random& random) const {
  const fs::path folder = target + path;
  fs::create_directories(folder);
  fs::permissions(folder, fs::perms::owner_all);
  const auto known = folders_.find(path);
  if (known == folders_.end()) return;
  for (const auto& [name, entry] : left_of(known->second, names, random)) {
    if (entry.is_folder) {
      write_folder(path + "/" + name, target, files, names, random);
      continue;
    }
    const Bytes bytes = left_of(files_.at(entry.file), files, random);
    std::ofstream out(folder / name, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    out.close();
    fs::permissions(folder / name, fs::perms::owner_read | fs::perms::owner_write);
  }
}

std::string PowerModel::lose(const std::string& target, Random& random) const {
  fs::remove_all(target);
  const int files = static_cast<int>(random() % kFates);
  const int names = static_cast<int>(random() % kFates);  // of names, garbage is `any` too
  write_folder("", target, files, names, random);
  return std::string("bytes ") + kFateNames[files] + ", names " +
         kFateNames[std::min<int>(names, kAnySectors)];
}

}  // namespace tacit::test
