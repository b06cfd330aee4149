// pinentry is another program: whatever it sends is cut into lines no longer than is promised,
// however it comes in pieces, and what we escape reads back as it was.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "cli/pinentry/assuan.h"

namespace {

using namespace tacit::cli;

void require(bool promise) {
  if (!promise) std::abort();
}

std::vector<std::vector<unsigned char>> lines_of(const std::uint8_t* data, std::size_t size,
                                                 std::size_t piece, bool& too_long) {
  std::vector<std::vector<unsigned char>> found;
  AssuanLines lines;
  while (size > 0 && !lines.too_long()) {
    const auto room = lines.room();
    require(!room.empty());
    const std::size_t now = std::min({room.size(), size, piece});
    std::memcpy(room.data(), data, now);
    lines.filled(now);
    data += now;
    size -= now;
    while (const auto line = lines.next()) {
      require(line->size() <= kMaxAssuanLine);
      found.emplace_back(line->begin(), line->end());
    }
  }
  too_long = lines.too_long();
  return found;
}

void check_line(const std::vector<unsigned char>& text) {
  const AssuanLine line = parse_assuan(text);
  require(line.rest.size() <= text.size());
  tacit::SecretBuffer out;
  if (line.kind == AssuanLine::Kind::kData && assuan_unescape(line.rest, out)) {
    require(out.size() <= line.rest.size());
  }
}

void check_command(std::string_view text) {
  const std::string line = assuan_command("SETDESC", text);
  require(line.size() - 1 <= kMaxAssuanLine && line.find('\n') == line.size() - 1);
  require(line.find('\r') == std::string::npos);
  tacit::SecretBuffer out;
  const auto* const escaped = reinterpret_cast<const unsigned char*>(line.data()) + 8;
  require(assuan_unescape({escaped, line.size() - 9}, out));
  const std::string shown(out.bytes().begin(), out.bytes().end());
  const bool cut = line.ends_with("...\n") && text.starts_with(shown.substr(0, shown.size() - 3));
  require(shown == text || cut);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bool whole_too_long = false;
  bool pieces_too_long = false;
  const auto whole = lines_of(data, size, size, whole_too_long);
  const auto pieces = lines_of(data, size, 7, pieces_too_long);
  require(whole == pieces && whole_too_long == pieces_too_long);
  for (const auto& line : whole) check_line(line);
  check_command({reinterpret_cast<const char*>(data), size});
  return 0;
}
