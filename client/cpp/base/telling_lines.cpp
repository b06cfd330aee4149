#include "tacit/telling_lines.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace tacit {
namespace {

using Bytes = std::span<const unsigned char>;

constexpr int kLeastTurns = 3;
constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
/// base64 of `openssh-key-v1`.
constexpr std::string_view kOpenSshMagic = "b3BlbnNzaC1rZXktdj";
constexpr std::array<std::string_view, 5> kPublic = {"PUBLIC", "CERTIFICATE", "CRL", "PARAMETERS",
                                                     "SIGNATURE"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool is_of_word(char c) {
  return is_digit(c) || is_letter(c) || std::string_view("+/=_-").find(c) != std::string_view::npos;
}

std::string_view without_blanks(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t begin = line.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(kBlanks) + 1 - begin);
}

bool looks_random(std::string_view line) {
  std::size_t length = 0;
  int turns = 0;
  char before = 0;
  for (const char c : line) {
    if (!is_of_word(c)) {
      length = 0;
      turns = 0;
    } else {
      ++length;
      if ((is_digit(c) && is_letter(before)) || (is_letter(c) && is_digit(before))) ++turns;
      if (length >= kLeastTellingLine && turns >= kLeastTurns) return true;
    }
    before = c;
  }
  return false;
}

enum class Block { kNone, kSecret, kOpen };

bool tells(std::string_view line, Block block) {
  if (line.size() < kLeastTellingLine || block == Block::kOpen) return false;
  if (block == Block::kNone) return looks_random(line);
  return line.find(':') == std::string_view::npos && !line.starts_with(kOpenSshMagic);
}

}  // namespace

Bytes without_last_line_ends(Bytes value) {
  while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) {
    value = value.first(value.size() - 1);
  }
  return value;
}

std::vector<Bytes> telling_lines(Bytes value) {
  std::vector<std::string_view> lines;
  const std::string_view text(reinterpret_cast<const char*>(value.data()), value.size());
  if (text.find('\n') == std::string_view::npos) return {};
  Block block = Block::kNone;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = without_blanks(text.substr(at, end - at));
    at = end + 1;
    if (line.starts_with(kBegin)) {
      const bool open = std::ranges::any_of(kPublic, [&](std::string_view word) {
        return line.find(word) != std::string_view::npos;
      });
      block = open ? Block::kOpen : Block::kSecret;
    } else if (line.starts_with(kEnd)) {
      block = Block::kNone;
    } else if (tells(line, block)) {
      lines.push_back(line);
    }
  }
  std::ranges::sort(lines);
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  std::vector<Bytes> result;
  for (const std::string_view line : lines) {
    result.emplace_back(reinterpret_cast<const unsigned char*>(line.data()), line.size());
  }
  return result;
}

}  // namespace tacit
