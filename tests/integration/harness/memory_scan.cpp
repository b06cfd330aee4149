#include "tests/integration/harness/memory_scan.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <unordered_map>

namespace tacit::test {
namespace {

constexpr std::size_t kPiece = 16;
constexpr std::size_t kWhole = 64;  ///< longer secrets are looked for by pieces

std::uint64_t first_eight(const char* bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

std::size_t slot_of(std::uint64_t value) {
  return static_cast<std::size_t>(value * 0x9E37'79B9'7F4A'7C15u >> 42);  // 22 bits
}

}  // namespace

void MemoryScan::look_for(const std::string& label, const std::string& secret) {
  if (secret.size() < 8) throw std::invalid_argument("too short to be told from chance");
  if (secret.size() <= kWhole) {
    needles_.push_back({secret, label});
    return;
  }
  for (std::size_t at = 0; at + kPiece <= secret.size(); at += kPiece) {
    needles_.push_back({secret.substr(at, kPiece), label});
  }
}

std::size_t MemoryScan::Found::total() const {
  std::size_t all = 0;
  for (const auto& [label, count] : hits) all += count;
  return all;
}

MemoryScan::Found MemoryScan::scan(pid_t pid) const {
  std::vector<bool> maybe(std::size_t{1} << 22);
  std::unordered_multimap<std::uint64_t, const Needle*> by_start;
  for (const Needle& needle : needles_) {
    const std::uint64_t start = first_eight(needle.bytes.data());
    maybe[slot_of(start)] = true;
    by_start.emplace(start, &needle);
  }

  const std::string folder = "/proc/" + std::to_string(pid);
  const int memory = open((folder + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
  if (memory < 0) throw std::system_error(errno, std::generic_category(), folder + "/mem");
  Found found;
  std::ifstream maps(folder + "/maps");
  std::vector<char> block;
  for (std::string line; std::getline(maps, line);) {
    std::istringstream words(line);
    std::uint64_t begin = 0, end = 0;
    char dash = 0;
    std::string rights;
    words >> std::hex >> begin >> dash >> end >> rights;
    if (rights.empty() || rights[0] != 'r' || line.find("[v") != std::string::npos) continue;
    // A mapping is read as one: what lies across a block's edge is found, too.
    block.resize(end - begin);
    std::size_t size = 0;
    while (size < block.size()) {
      const ssize_t got =
          pread(memory, block.data() + size, block.size() - size, static_cast<off_t>(begin + size));
      if (got <= 0) break;
      size += static_cast<std::size_t>(got);
    }
    found.bytes_read += size;
    for (std::size_t at = 0; at + sizeof(std::uint64_t) <= size; ++at) {
      const std::uint64_t start = first_eight(block.data() + at);
      if (!maybe[slot_of(start)]) continue;
      const auto [from, to] = by_start.equal_range(start);
      for (auto candidate = from; candidate != to; ++candidate) {
        const Needle& needle = *candidate->second;
        if (at + needle.bytes.size() > size ||
            std::memcmp(block.data() + at, needle.bytes.data(), needle.bytes.size()) != 0) {
          continue;
        }
        ++found.hits[needle.label];
        if (found.places.size() < 20) {
          std::ostringstream place;
          place << needle.label << " at " << std::hex << begin + at << " in " << line;
          found.places.push_back(place.str());
        }
      }
    }
  }
  close(memory);
  if (found.bytes_read == 0) throw std::runtime_error("no memory of " + folder + " was readable");
  return found;
}

}  // namespace tacit::test
