#include "cli/scan/stream.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <string>
#include <tuple>

namespace tacit::cli {

Result<std::vector<ScanPlace>> StreamScan::scan(const ScanSource& source) {
  std::vector<ScanPlace> places;
  std::set<std::tuple<std::uint64_t, std::uint64_t, ScanForm, std::string, std::string>> told;
  std::uint64_t begin = 0;  // of the buffer in the data
  std::uint64_t line = 1;   // at the buffer's begin
  std::size_t size = 0;
  for (bool end = false; !end;) {
    while (size < buffer_.size()) {
      const auto got = source(std::span(buffer_).subspan(size));
      if (!got.ok()) return got.error();
      end = *got == 0;
      if (end) break;
      size += *got;
    }
    const std::span<const unsigned char> data(buffer_.data(), size);
    const auto found = scanner_.scan(data);
    if (!found.ok()) return found.error();
    std::size_t counted = 0;
    const auto count_to = [&](std::size_t to) {
      line += static_cast<std::uint64_t>(
          std::count(data.begin() + static_cast<std::ptrdiff_t>(counted),
                     data.begin() + static_cast<std::ptrdiff_t>(to), '\n'));
      counted = to;
    };
    const std::uint64_t line_before = line;
    for (const ScanFinding& each : *found) {
      const std::uint64_t offset = begin + each.offset;
      if (!told.emplace(offset, each.length, each.form, each.item.collection, each.item.name)
               .second) {
        continue;
      }
      count_to(each.offset);
      places.push_back({offset, line, each.length, each.form, each.item});
    }
    if (end) break;
    // What may be the beginning of a value that goes on stays.
    const std::size_t done = size - overlap_;
    counted = 0;
    line = line_before;
    count_to(done);
    std::memmove(buffer_.data(), buffer_.data() + done, overlap_);
    begin += done;
    size = overlap_;
  }
  return places;
}

}  // namespace tacit::cli
