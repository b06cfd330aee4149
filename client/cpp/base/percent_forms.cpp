#include "tacit/percent_forms.h"

namespace tacit {
namespace {

bool is_alphanumeric(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

}  // namespace

SecretBytes percent_encoded(std::span<const unsigned char> value, const PercentRule& rule,
                            std::string_view digits) {
  SecretBytes text(3 * value.size());
  unsigned char* const out = text.writable().data();
  std::size_t size = 0;
  for (const unsigned char c : value) {
    if (is_alphanumeric(c) || rule.kept.find(static_cast<char>(c)) != std::string_view::npos) {
      out[size++] = c;
    } else if (c == ' ' && rule.plus) {
      out[size++] = '+';
    } else {
      out[size++] = '%';
      out[size++] = static_cast<unsigned char>(digits[c >> 4]);
      out[size++] = static_cast<unsigned char>(digits[c & 15]);
    }
  }
  text.truncate(size);
  return text;
}

}  // namespace tacit
