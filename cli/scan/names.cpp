#include "cli/scan/names.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <tuple>

namespace tacit::cli {
namespace {

constexpr char kBetween = '\0';  // in no name

/// All of them, one after the other.
class Names {
 public:
  explicit Names(const std::vector<std::string>& paths) : paths_(paths) {
    begins_.reserve(paths.size());
    std::uint64_t at = 0;
    for (const std::string& path : paths) {
      begins_.push_back(at);
      at += path.size() + 1;
    }
  }

  std::size_t read(std::span<unsigned char> room) {
    std::size_t size = 0;
    while (size < room.size() && next_ < paths_.size()) {
      const std::string& path = paths_[next_];
      const std::size_t some = std::min(room.size() - size, path.size() - in_path_);
      std::copy_n(path.begin() + static_cast<std::ptrdiff_t>(in_path_), some, &room[size]);
      size += some;
      in_path_ += some;
      if (in_path_ < path.size() || size == room.size()) continue;
      room[size++] = static_cast<unsigned char>(kBetween);
      ++next_;
      in_path_ = 0;
    }
    return size;
  }

  std::size_t index_of(std::uint64_t offset) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(begins_, offset) - begins_.begin()) -
           1;
  }
  std::uint64_t begin_of(std::size_t index) const { return begins_[index]; }

 private:
  const std::vector<std::string>& paths_;
  std::vector<std::uint64_t> begins_;
  std::size_t next_ = 0;
  std::size_t in_path_ = 0;
};

}  // namespace

void ShownNames::hide(const NamePlace& found) {
  const auto from = static_cast<std::size_t>(found.place.offset);
  hidden_[found.path].emplace_back(from, from + static_cast<std::size_t>(found.place.length));
}

std::string ShownNames::operator()(const std::string& path) const {
  if (hidden_.empty()) return path;
  std::vector<bool> hidden(path.size());
  for (std::size_t end = 0; end < path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    const auto found = hidden_.find(path.substr(0, end));
    if (found == hidden_.end()) continue;
    for (const auto& [from, to] : found->second) {
      std::fill(hidden.begin() + static_cast<std::ptrdiff_t>(from),
                hidden.begin() + static_cast<std::ptrdiff_t>(to), true);
    }
  }
  std::string shown;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!hidden[i]) {
      shown += path[i];
    } else if (i == 0 || !hidden[i - 1]) {
      shown += "***";
    }
  }
  return shown;
}

Result<std::vector<NamePlace>> scan_names(StreamScan& stream,
                                          const std::vector<std::string>& paths) {
  Names names(paths);
  const auto places = stream.scan(
      [&](std::span<unsigned char> room) -> Result<std::size_t> { return names.read(room); });
  if (!places.ok()) return places.error();
  std::vector<NamePlace> found;
  std::set<std::tuple<std::string, std::uint64_t, std::uint64_t, std::string, std::string>> told;
  for (const ScanPlace& place : *places) {
    const std::size_t index = names.index_of(place.offset);
    const std::string& path = paths[index];
    NamePlace one{{}, place};
    one.place.offset -= names.begin_of(index);
    one.place.line = 0;
    const std::uint64_t end = one.place.offset + one.place.length;
    if (end > path.size()) continue;  // over two names
    one.path = path.substr(0, path.find('/', static_cast<std::size_t>(end)));
    const bool fresh = told.emplace(one.path, one.place.offset, one.place.length,
                                    place.item.collection, place.item.name)
                           .second;
    if (fresh) found.push_back(std::move(one));
  }
  return found;
}

}  // namespace tacit::cli
