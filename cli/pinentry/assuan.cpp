#include "cli/pinentry/assuan.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "client/cpp/base/utf8.h"

namespace tacit::cli {
namespace {

/// Whether `line` is `keyword` alone or followed by a blank; what follows it.
std::optional<std::span<const unsigned char>> after(std::span<const unsigned char> line,
                                                    std::string_view keyword) {
  const auto word = as_bytes(keyword);
  if (line.size() < word.size() || !std::ranges::equal(line.first(word.size()), word)) return {};
  line = line.subspan(word.size());
  if (line.empty()) return line;
  if (line.front() != ' ') return {};
  return line.subspan(1);
}

std::optional<unsigned char> hex_digit(unsigned char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned char>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<unsigned char>(c - 'A' + 10);
  if (c >= 'a' && c <= 'f') return static_cast<unsigned char>(c - 'a' + 10);
  return {};
}

std::string escape(std::span<const unsigned char> text) {
  std::string result;
  for (const unsigned char c : text) {
    if (c == '%') {
      result += "%25";
    } else if (c == '\r') {
      result += "%0D";
    } else if (c == '\n') {
      result += "%0A";
    } else {
      result += static_cast<char>(c);
    }
  }
  return result;
}

}  // namespace

AssuanLine parse_assuan(std::span<const unsigned char> line) {
  using Kind = AssuanLine::Kind;
  if (line.empty() || line.front() == '#') return {Kind::kIgnore, 0, {}};
  if (const auto rest = after(line, "OK")) return {Kind::kOk, 0, *rest};
  if (const auto rest = after(line, "S")) return {Kind::kStatus, 0, *rest};
  // `D` is followed by exactly one blank; without it there is no data in the line.
  if (const auto rest = after(line, "D")) return {Kind::kData, 0, *rest};
  if (const auto rest = after(line, "ERR")) {
    const auto* const digits = reinterpret_cast<const char*>(rest->data());
    std::uint32_t code = 0;
    const auto parsed = std::from_chars(digits, digits + rest->size(), code);
    if (parsed.ec != std::errc{}) return {Kind::kOther, 0, *rest};
    return {Kind::kError, code, *rest};
  }
  return {Kind::kOther, 0, line};
}

bool assuan_unescape(std::span<const unsigned char> escaped, SecretBuffer& out) {
  while (!escaped.empty()) {
    if (escaped.front() != '%') {
      const auto end = std::ranges::find(escaped, static_cast<unsigned char>('%'));
      const auto plain = escaped.first(static_cast<std::size_t>(end - escaped.begin()));
      out.append(plain);
      escaped = escaped.subspan(plain.size());
      continue;
    }
    if (escaped.size() < 3) return false;
    const auto high = hex_digit(escaped[1]);
    const auto low = hex_digit(escaped[2]);
    if (!high || !low) return false;
    const auto byte = static_cast<unsigned char>(*high << 4 | *low);
    out.append(std::span(&byte, 1));
    escaped = escaped.subspan(3);
  }
  return true;
}

std::string assuan_command(std::string_view verb, std::string_view text) {
  constexpr std::string_view kLeftOut = "...";
  std::string line = std::string(verb) + " ";
  const std::size_t room = kMaxAssuanLine - std::min(line.size(), kMaxAssuanLine);
  std::string fits;
  std::size_t fits_with_mark = 0;  // how much of it leaves room for the mark
  for (auto rest = as_bytes(text); !rest.empty();) {
    const std::size_t length = std::max<std::size_t>(utf8_sequence(rest), 1);
    const std::string piece = escape(rest.first(length));
    if (fits.size() + piece.size() > room) {
      fits.resize(fits_with_mark);
      return line + fits + std::string(kLeftOut) + "\n";
    }
    fits += piece;
    if (fits.size() + kLeftOut.size() <= room) fits_with_mark = fits.size();
    rest = rest.subspan(length);
  }
  return line + fits + "\n";
}

AssuanLines::AssuanLines() : block_(4 * kMaxAssuanLine) {}

std::span<unsigned char> AssuanLines::room() {
  const auto block = block_.writable();
  if (begin_ != 0) {
    std::memmove(block.data(), block.data() + begin_, end_ - begin_);
    wipe(block.data() + (end_ - begin_), begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  return too_long_ ? block.first(0) : block.subspan(end_);
}

std::optional<std::span<const unsigned char>> AssuanLines::next() noexcept {
  if (too_long_) return {};
  const auto waiting = block_.bytes().subspan(begin_, end_ - begin_);
  const auto newline = std::ranges::find(waiting, static_cast<unsigned char>('\n'));
  auto line = waiting.first(static_cast<std::size_t>(newline - waiting.begin()));
  if (newline != waiting.end()) begin_ += line.size() + 1;
  if (!line.empty() && line.back() == '\r') line = line.first(line.size() - 1);
  too_long_ = line.size() > kMaxAssuanLine;
  if (too_long_ || newline == waiting.end()) return {};
  return line;
}

}  // namespace tacit::cli
