#include "cli/secret_template.h"

#include <algorithm>

namespace tacit::cli {
namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// Where what begins at `at` is the beginning of a reference: behind its braces and blanks.
std::size_t behind_opening(std::string_view text, std::size_t at) {
  if (text.substr(at, kOpen.size()) != kOpen) return std::string_view::npos;
  at += kOpen.size();
  while (at < text.size() && is_blank(text[at])) ++at;
  return text.substr(at, kReferenceScheme.size()) == kReferenceScheme ? at : std::string_view::npos;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  SecretTemplate parse() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\\') {
        read_backslashes();
      } else if (const auto inner = c == '{' ? behind_opening(text_, at_) : std::string_view::npos;
                 inner != std::string_view::npos) {
        add_text(at_);
        read_reference(inner);
      } else {
        ++at_;
      }
    }
    add_text(text_.size());
    return std::move(result_);
  }

 private:
  /// The text since the last piece, up to `end`.
  void add_text(std::size_t end) {
    if (end > begin_) result_.pieces.push_back({text_.substr(begin_, end - begin_), {}, false, {}});
    begin_ = end;
  }

  /// Places are asked for in order, so the text is counted once.
  TextPlace place(std::size_t at) {
    for (; counted_ < at; ++counted_) {
      const auto c = static_cast<unsigned char>(text_[counted_]);
      if (c == '\n') {
        ++place_.line;
        place_.column = 1;
      } else if ((c & 0xC0) != 0x80) {  // not a further byte of a character
        ++place_.column;
      }
    }
    return place_;
  }

  void read_backslashes() {
    const std::size_t first = at_;
    while (at_ < text_.size() && text_[at_] == '\\') ++at_;
    if (behind_opening(text_, at_) == std::string_view::npos) return;
    const std::size_t count = at_ - first;
    add_text(first + count / 2);
    begin_ = at_;
    if (count % 2 != 0) at_ += kOpen.size();
  }

  void read_reference(std::size_t inner) {
    const TextPlace where = place(at_);
    const std::size_t line_end = std::min(text_.find('\n', inner), text_.size());
    const std::size_t close = text_.substr(0, line_end).find(kClose, inner);
    if (close == std::string_view::npos) {
      result_.faults.push_back({where, "the reference has no `}}` on its line"});
      at_ = begin_ = line_end;
      return;
    }
    std::size_t end = close;
    while (is_blank(text_[end - 1])) --end;
    auto reference = parse_reference(text_.substr(inner, end - inner));
    if (reference.ok()) {
      result_.pieces.push_back({{}, std::move(*reference), true, where});
    } else {
      result_.faults.push_back({where, reference.error().message});
    }
    at_ = begin_ = close + kClose.size();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;  ///< of the text that is in no piece yet
  std::size_t counted_ = 0;
  TextPlace place_;
  SecretTemplate result_;
};

}  // namespace

SecretTemplate parse_template(std::string_view text) { return Parser(text).parse(); }

}  // namespace tacit::cli
