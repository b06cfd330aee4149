#include "cli/env_file.h"

#include <algorithm>
#include <utility>

#include "cli/environment.h"
#include "client/cpp/terminal/display_text.h"
#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::cli {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

class Parser {
 public:
  Parser(std::string_view content, std::string_view file) : rest_(content), file_(file) {}

  Result<std::vector<EnvFileEntry>> parse() {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
    while (!rest_.empty()) {
      if (auto line = read_line(); !line.ok()) return line.error();
    }
    return std::move(entries_);
  }

 private:
  Error wrong(std::size_t line, std::string_view what) const {
    return {Reason::kInvalidArgument,
            visible(file_) + ":" + std::to_string(line) + ": " + std::string(what)};
  }
  bool at(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool at_end_of_line() const { return rest_.empty() || rest_.front() == '\n'; }
  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }
  void skip_line() {
    rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
    if (!rest_.empty()) rest_.remove_prefix(1);
    ++line_;
  }

  std::string_view take_word() {
    std::size_t size = 0;
    while (size < rest_.size() && !is_blank(rest_[size]) && rest_[size] != '=' &&
           rest_[size] != '\n') {
      ++size;
    }
    const auto word = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return word;
  }

  Result<void> read_line() {
    skip_blanks();
    if (at_end_of_line() || at('#')) {
      skip_line();
      return {};
    }
    std::string_view name = take_word();
    skip_blanks();
    if (name == "export" && !at('=')) {
      name = take_word();
      skip_blanks();
    }
    // What stands there may be a value that lost its name, so it is not repeated.
    if (!at('=') || !is_variable_name(name)) {
      return wrong(line_, "neither NAME=VALUE nor a comment; a name has letters, digits and _");
    }
    rest_.remove_prefix(1);
    const bool blank = !rest_.empty() && is_blank(rest_.front());
    skip_blanks();
    const std::size_t begin = line_;
    auto value = at('\'') || at('"') ? quoted() : unquoted(blank);
    if (!value.ok()) return value.error();
    skip_line();
    return add(name, std::move(*value), begin);
  }

  Result<SecretBytes> quoted() {
    const std::size_t begin = line_;
    const char quote = rest_.front();
    rest_.remove_prefix(1);
    SecretBuffer value;
    for (; !at(quote); rest_.remove_prefix(1)) {
      if (rest_.empty()) return wrong(begin, "the quote that begins here does not end");
      if (at('\0')) return wrong(line_, "a NUL byte, which no environment can hold");
      if (at('\n')) ++line_;
      if (quote == '"' && at('\\') && rest_.size() > 1) {
        if (const char escaped = unescaped(rest_[1]); escaped != '\0') {
          value.append(escaped);
          rest_.remove_prefix(1);
          continue;
        }
      }
      value.append(rest_.front());
    }
    rest_.remove_prefix(1);
    const bool blank = !rest_.empty() && is_blank(rest_.front());
    skip_blanks();
    if (!at_end_of_line() && !(blank && at('#'))) {
      return wrong(line_, "text behind the quotes; a comment needs a blank and #");
    }
    return value.take();
  }

  /// NUL: it stands for nothing else than itself and its backslash.
  static char unescaped(char c) {
    switch (c) {
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case '"':
      case '\\':
      case '$':
        return c;
      default:
        return '\0';
    }
  }

  /// `blank`: before it, so that # begins a comment at once.
  Result<SecretBytes> unquoted(bool blank) {
    std::string_view text = rest_.substr(0, rest_.find('\n'));
    if (text.find('\0') != std::string_view::npos) {
      return wrong(line_, "a NUL byte, which no environment can hold");
    }
    if (blank && text.starts_with('#')) text = {};
    for (std::size_t i = 1; i < text.size(); ++i) {
      if (text[i] == '#' && is_blank(text[i - 1])) text = text.substr(0, i);
    }
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return SecretBytes::copy_of(text);
  }

  Result<void> add(std::string_view name, SecretBytes value, std::size_t line) {
    EnvFileEntry entry{std::string(name), {}, {}, line};
    const auto bytes = value.bytes();
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.starts_with(kReferenceScheme)) {
      auto reference = parse_reference(text);
      if (!reference.ok()) return wrong(line, reference.error().message);
      entry.reference = std::move(*reference);
    } else {
      entry.value = std::move(value);
    }
    std::erase_if(entries_, [&](const EnvFileEntry& each) { return each.variable == name; });
    entries_.push_back(std::move(entry));
    return {};
  }

  std::string_view rest_;
  std::string_view file_;
  std::size_t line_ = 1;
  std::vector<EnvFileEntry> entries_;
};

}  // namespace

Result<std::vector<EnvFileEntry>> parse_env_file(std::string_view content, std::string_view file) {
  return Parser(content, file).parse();
}

}  // namespace tacit::cli
