#include "cli/scan/message.h"

#include <algorithm>
#include <string_view>

#include "cli/input.h"

namespace tacit::cli {
namespace {

constexpr std::size_t kMaxMessageBytes = std::size_t{16} << 20;
/// Behind git's comment character and a blank, on a line of its own.
constexpr std::string_view kScissors = " ------------------------ >8 ------------------------\n";
constexpr std::size_t kLongestComment = 8;

std::size_t end_of_message(std::string_view text) {
  for (std::size_t at = text.find(kScissors); at != std::string_view::npos;
       at = text.find(kScissors, at + 1)) {
    const std::size_t before = text.rfind('\n', at);
    const std::size_t line = before == std::string_view::npos ? 0 : before + 1;
    if (at > line && at - line <= kLongestComment) return line;
  }
  return text.size();
}

}  // namespace

Result<ScanReport> scan_message(Scanner& scanner, const std::string& path) {
  const auto content = read_file(path, kMaxMessageBytes);
  if (!content.ok()) return content.error();
  std::span<const unsigned char> left = content->bytes();
  left = left.first(end_of_message({reinterpret_cast<const char*>(left.data()), left.size()}));
  ScanReport report;
  report.of_message = true;
  report.sources = 1;
  report.bytes = left.size();
  StreamScan stream(scanner);
  const auto places = stream.scan([&](std::span<unsigned char> room) -> Result<std::size_t> {
    const std::size_t size = std::min(room.size(), left.size());
    std::copy_n(left.begin(), size, room.begin());
    left = left.subspan(size);
    return size;
  });
  if (!places.ok()) return places.error();
  for (const ScanPlace& place : *places) report.found.push_back({{path, {}, {}}, place});
  return report;
}

}  // namespace tacit::cli
