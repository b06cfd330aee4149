// Values and output are anybody's: in whatever pieces output comes, the same is told, none of it
// lacks or is twice, and no value stands in it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cli/masker.h"
#include "client/cpp/base/utf8.h"
#include "tacit/line_layout.h"

namespace {

using namespace tacit::cli;

void require(bool promise) {
  if (!promise) std::abort();
}

std::string masked(const MaskPatterns& patterns, std::string_view text, std::size_t piece) {
  Masker masker(patterns);
  std::string out;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    masker.feed(tacit::as_bytes(text.substr(0, piece)), out);
    // Between two bytes of a value there are so many blanks at most.
    constexpr std::size_t kMostBlanks = 128;
    require(masker.held() <= std::max(patterns.exact().longest(),
                                      patterns.over_lines().longest() * (1 + kMostBlanks)));
  }
  masker.let_go(out);
  require(masker.held() == 0);
  return out;
}

/// Without line ends and the blanks behind them.
std::string on_one_line(std::string_view text) {
  std::string out;
  bool at_line_start = false;
  for (const char c : text) {
    const bool line_end = c == '\n' || c == '\r';
    at_line_start = line_end || (at_line_start && (c == ' ' || c == '\t'));
    if (!at_line_start) out += c;
  }
  return out;
}

/// Those written `\n` and `\r` too.
bool stands_over_lines(std::string_view text, std::string_view value) {
  const tacit::JoinedLines joined = tacit::joined_lines(tacit::as_bytes(text), false);
  const auto bytes = joined.text.bytes();
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()).find(value) !=
         std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t first = std::min<std::size_t>(data[0] % 16, text.size());
  const std::size_t second = std::min<std::size_t>(data[1] % 16, text.size() - first);
  std::vector<MaskForm> forms;
  for (const auto value : {text.substr(0, first), text.substr(first, second)}) {
    for (auto& form : masked_forms(tacit::SecretBytes::copy_of(value))) {
      forms.push_back(std::move(form));
    }
  }
  const auto patterns = MaskPatterns::make(forms);
  require(patterns.ok());
  const std::string_view output = text.substr(first + second);
  const std::string whole = masked(*patterns, output, output.size() + 1);
  require(whole == masked(*patterns, output, 1));
  require(whole == masked(*patterns, output, 1 + data[0] / 16));
  for (const auto& form : forms) {
    const auto bytes = form.text.bytes();
    const std::string_view value(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    // It can be in no two stretches with a mark between them.
    if (value.find('*') != std::string_view::npos) continue;
    require(whole.find(value) == std::string::npos);
    if (form.over_lines && output.size() < 128) {
      require(on_one_line(whole).find(value) == std::string::npos);
      // Where a value ended with its backslash, the letter behind it is none of a line end here.
      const bool cut =
          whole.find("***n") != std::string::npos || whole.find("***r") != std::string::npos;
      if (!cut) require(!stands_over_lines(whole, value));
    }
  }
  return 0;
}
