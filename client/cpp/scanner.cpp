#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <tuple>
#include <utility>

#include "tacit/scan.h"

namespace tacit {
namespace {

constexpr std::size_t kWindow = 8;
constexpr std::size_t kPlacesAtOnce = 256;
/// Beyond it a request is sent; one more part has at most the reach of a place.
constexpr std::size_t kDataAtOnce = std::size_t{448} << 10;
constexpr std::size_t kMaxReach = std::size_t{224} << 10;
constexpr std::size_t kTold = 4096;
constexpr std::uint32_t kNowhere = ~std::uint32_t{0};
constexpr int kLeastBits = 16;
constexpr int kMostBits = 24;

/// In order of offsets, each once, and without lines inside the whole value that they are of.
void put_in_order(std::vector<ScanFinding>& found) {
  std::ranges::sort(found, {}, [](const ScanFinding& one) {
    return std::tie(one.item.collection, one.item.name, one.form, one.offset, one.length);
  });
  found.erase(std::unique(found.begin(), found.end()), found.end());
  // Of one item and form: by offset, and of one offset the longest last.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto inside = [&](const ScanFinding& inner, const ScanFinding& outer) {
      return inner.form == outer.form && inner.item.name == outer.item.name &&
             inner.item.collection == outer.item.collection && inner.offset >= outer.offset &&
             inner.offset + inner.length <= outer.offset + outer.length;
    };
    while (kept != 0 && inside(found[kept - 1], found[i])) --kept;
    if (kept != 0 && inside(found[i], found[kept - 1])) continue;
    if (kept != i) found[kept] = std::move(found[i]);
    ++kept;
  }
  found.resize(kept);
  std::ranges::sort(found, {}, [](const ScanFinding& one) {
    return std::tie(one.offset, one.length, one.form, one.item.collection, one.item.name);
  });
}

}  // namespace

bool ScanFinding::operator==(const ScanFinding& other) const {
  return std::tie(offset, length, form, item.collection, item.name) ==
         std::tie(other.offset, other.length, other.form, other.item.collection, other.item.name);
}

Scanner::Scanner(Client& client, ScanSieve sieve)
    : client_(&client),
      scan_id_(sieve.scan_id),
      multiplier_(sieve.multiplier),
      fingerprints_(std::move(sieve.fingerprints)),
      reach_before_(sieve.reach_before),
      reach_after_(sieve.reach_after),
      values_(sieve.values),
      short_values_(sieve.short_values),
      guarded_values_(sieve.guarded_values) {
  std::ranges::sort(fingerprints_);
  // Sparse enough that of 256 places one gets to the second look.
  const int wanted = static_cast<int>(std::bit_width(fingerprints_.size() * 256));
  const int bits = std::clamp(wanted, kLeastBits, kMostBits);
  shift_ = 32 - bits;
  bits_.resize((std::size_t{1} << bits) / 64);
  for (const std::uint32_t fingerprint : fingerprints_) {
    const std::uint32_t bit = fingerprint >> shift_;
    bits_[bit / 64] |= std::uint64_t{1} << bit % 64;
  }
}

Result<Scanner> Scanner::begin(Client& client, std::optional<std::string_view> collection) {
  auto sieve = client.begin_scan(collection);
  if (!sieve) return sieve.error();
  if (sieve->reach_before > kMaxReach || sieve->reach_after > kMaxReach) {
    return Error{Reason::kProtocol, "the daemon's scan reaches further than a value can"};
  }
  return Scanner(client, *std::move(sieve));
}

std::uint32_t Scanner::fingerprint_at(const unsigned char* window) const {
  std::uint64_t number;
  std::memcpy(&number, window, sizeof number);
  if constexpr (std::endian::native == std::endian::big) number = __builtin_bswap64(number);
  return static_cast<std::uint32_t>(number * multiplier_ >> 32);
}

std::vector<std::size_t> Scanner::sift(std::span<const unsigned char> data) const {
  std::vector<std::size_t> places;
  if (data.size() < kWindow || fingerprints_.empty()) return places;
  const std::uint64_t* const bits = bits_.data();
  const int shift = shift_;
  for (std::size_t i = 0; i <= data.size() - kWindow; ++i) {
    const std::uint32_t fingerprint = fingerprint_at(data.data() + i);
    const std::uint32_t bit = fingerprint >> shift;
    if ((bits[bit / 64] >> bit % 64 & 1) == 0) continue;
    if (std::ranges::binary_search(fingerprints_, fingerprint)) places.push_back(i);
  }
  return places;
}

Result<std::vector<ScanFinding>> Scanner::confirm(std::span<const unsigned char> data,
                                                  std::span<const std::size_t> places) {
  std::vector<ScanFinding> found;
  std::map<std::uint32_t, std::size_t> told;
  std::size_t at_once = kPlacesAtOnce;
  std::size_t next = 0;
  while (next < places.size()) {
    const std::size_t first = next;
    std::uint64_t untold = 0;
    std::vector<ScanPart> parts;
    std::vector<std::size_t> begins;
    std::size_t bytes = 0;
    std::size_t count = 0;
    for (; next < places.size() && count < at_once && bytes < kDataAtOnce; ++next) {
      const std::size_t place = places[next];
      if (told[fingerprint_at(data.data() + place)] >= kTold) {
        ++untold;
        continue;
      }
      const std::size_t begin = place - std::min(place, reach_before_);
      const std::size_t end = std::min(data.size(), place + std::max(reach_after_, kWindow));
      // What overlaps the part before goes into it.
      if (!parts.empty() && begins.back() + parts.back().data.size() >= begin) {
        const std::size_t old_end = begins.back() + parts.back().data.size();
        const std::size_t new_end = std::max(end, old_end);
        bytes += new_end - old_end;
        parts.back().data = data.subspan(begins.back(), new_end - begins.back());
      } else {
        parts.push_back({data.subspan(begin, end - begin), {}});
        begins.push_back(begin);
        bytes += end - begin;
      }
      parts.back().places.push_back(static_cast<std::uint32_t>(place - begins.back()));
      ++count;
    }
    if (parts.empty()) {
      untold_ += untold;
      break;
    }
    auto hits = client_->confirm_scan(scan_id_, parts);
    if (!hits && hits.error().code == Reason::kLimit && count > 1) {
      // Many items have the value that stands there.
      at_once = count / 2;
      next = first;
      continue;
    }
    if (!hits) return hits.error();
    untold_ += untold;
    // In the order of the places; one may be of several items.
    std::pair<std::uint32_t, std::uint32_t> counted(kNowhere, kNowhere);
    for (ScanHit& hit : *hits) {
      const bool sane = hit.part < parts.size() && hit.offset <= parts[hit.part].data.size() &&
                        hit.length <= parts[hit.part].data.size() - hit.offset &&
                        hit.place + kWindow <= parts[hit.part].data.size();
      if (!sane) return Error{Reason::kProtocol, "the daemon found what was not sent"};
      const std::pair at(hit.part, hit.place);
      if (std::exchange(counted, at) != at) {
        ++told[fingerprint_at(parts[hit.part].data.data() + hit.place)];
      }
      found.push_back({begins[hit.part] + hit.offset, hit.length, hit.form, std::move(hit.item)});
    }
  }
  put_in_order(found);
  return found;
}

Result<std::vector<ScanFinding>> Scanner::scan(std::span<const unsigned char> data) {
  const std::vector<std::size_t> places = sift(data);
  if (places.empty()) return std::vector<ScanFinding>();
  return confirm(data, places);
}

}  // namespace tacit
