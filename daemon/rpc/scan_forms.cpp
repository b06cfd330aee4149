#include "daemon/rpc/scan_forms.h"

#include <algorithm>
#include <bitset>
#include <optional>
#include <string_view>

namespace tacit {
namespace {

using Bytes = std::span<const unsigned char>;

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlSafe =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kLower = "0123456789abcdef";
constexpr std::string_view kUpper = "0123456789ABCDEF";
/// How far from the middle of a form its window may lie.
constexpr std::size_t kWindowSearch = 32;

bool is_alphanumeric(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// In either alphabet.
std::optional<std::uint8_t> sextet(unsigned char c) {
  if (c == '-') return 62;
  if (c == '_') return 63;
  const std::size_t found = kStandard.find(static_cast<char>(c));
  if (found == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint8_t>(found);
}

/// The middle of a text tells more than its beginning, which others may share: the window has as
/// many different bytes as can be had near there.
std::size_t window_of(Bytes text) {
  const std::size_t last = text.size() - kScanWindow;
  const std::size_t middle = last / 2;
  std::size_t best = middle;
  std::size_t most = 0;
  for (std::size_t step = 0; step <= 2 * kWindowSearch; ++step) {
    const std::size_t away = (step + 1) / 2;
    if (step % 2 == 1 ? middle + away > last : away > middle) continue;
    const std::size_t at = step % 2 == 1 ? middle + away : middle - away;
    std::bitset<256> seen;
    for (const unsigned char c : text.subspan(at, kScanWindow)) seen.set(c);
    if (seen.count() > most) {
      most = seen.count();
      best = at;
    }
    if (most == kScanWindow) break;
  }
  return best;
}

void add(std::vector<ValueForm>& forms, ValueForm form) {
  const Bytes text = form.text.bytes();
  const bool known = std::ranges::any_of(forms, [&](const ValueForm& other) {
    return std::ranges::equal(other.text.bytes(), text) && other.before.mask == form.before.mask &&
           other.before.bits == form.before.bits && other.after.mask == form.after.mask &&
           other.after.bits == form.after.bits;
  });
  if (known) return;
  form.window = window_of(text);
  forms.push_back(std::move(form));
}

ValueForm hex(Bytes value, std::string_view digits) {
  ValueForm form{ScanForm::kHex, SecretBytes(2 * value.size()), {}, {}, 0};
  unsigned char* out = form.text.writable().data();
  for (const unsigned char c : value) {
    *out++ = static_cast<unsigned char>(digits[c >> 4]);
    *out++ = static_cast<unsigned char>(digits[c & 15]);
  }
  return form;
}

/// With `lead` bytes of something else before it in its group of three.
ValueForm base64(Bytes value, std::size_t lead, std::string_view alphabet) {
  const auto sextet_at = [&](std::size_t index) {
    unsigned bits = 0;
    for (std::size_t bit = 6 * index; bit < 6 * index + 6; ++bit) {
      const std::size_t byte = bit / 8;
      const bool known = byte >= lead && byte < lead + value.size();
      bits = bits << 1 | (known ? value[byte - lead] >> (7 - bit % 8) & 1u : 0u);
    }
    return static_cast<std::uint8_t>(bits);
  };
  constexpr std::size_t kFirst[] = {0, 2, 3};
  constexpr std::uint8_t kBeforeMask[] = {0, 0x0f, 0x03};
  const std::size_t first = kFirst[lead];
  const std::size_t bits = 8 * (lead + value.size());
  const std::size_t end = bits / 6;
  ValueForm form{ScanForm::kBase64, SecretBytes(end - first), {}, {}, 0};
  for (std::size_t i = first; i < end; ++i) {
    form.text.writable()[i - first] = static_cast<unsigned char>(alphabet[sextet_at(i)]);
  }
  if (first != 0) form.before = {kBeforeMask[lead], sextet_at(first - 1)};
  if (bits % 6 != 0) {
    form.after = {static_cast<std::uint8_t>(bits % 6 == 2 ? 0x30 : 0x3c), sextet_at(end)};
  }
  return form;
}

/// What one encoder leaves as it is beside letters and digits.
struct UrlRule {
  std::string_view kept;
  bool plus = false;  ///< a space is `+`
};
constexpr UrlRule kUrlRules[] = {
    {"-._~"},        // RFC 3986
    {"-._~/"},       // the same for paths
    {"-_.!~*'()"},   // encodeURIComponent
    {"-._~", true},  // forms, by most libraries
    {"*-._", true},  // forms, by URLSearchParams
};

ValueForm percent(Bytes value, const UrlRule& rule, std::string_view digits) {
  ValueForm form{ScanForm::kUrl, SecretBytes(3 * value.size()), {}, {}, 0};
  unsigned char* out = form.text.writable().data();
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
  form.text.truncate(size);
  return form;
}

bool stands_beside(const ValueForm::Beside& beside, Bytes data, std::size_t at) {
  if (beside.mask == 0) return true;
  if (at >= data.size()) return false;
  const std::optional<std::uint8_t> found = sextet(data[at]);
  return found && (*found & beside.mask) == (beside.bits & beside.mask);
}

}  // namespace

std::vector<ValueForm> forms_of(Bytes value) {
  std::vector<ValueForm> forms;
  if (value.size() < kLeastScanned) return forms;
  value = value.first(std::min(value.size(), kScannedBytes));
  add(forms, {ScanForm::kPlain, SecretBytes::copy_of(value), {}, {}, 0});
  for (std::size_t lead = 0; lead < 3; ++lead) {
    add(forms, base64(value, lead, kStandard));
    add(forms, base64(value, lead, kUrlSafe));
  }
  add(forms, hex(value, kLower));
  add(forms, hex(value, kUpper));
  for (const UrlRule& rule : kUrlRules) {
    add(forms, percent(value, rule, kUpper));
    add(forms, percent(value, rule, kLower));
  }
  return forms;
}

bool stands_at(const ValueForm& form, Bytes data, std::size_t offset) {
  const Bytes text = form.text.bytes();
  if (offset > data.size() || text.size() > data.size() - offset) return false;
  if (!std::ranges::equal(text, data.subspan(offset, text.size()))) return false;
  // Before the first byte lies nothing: the position wraps, and is out of the data.
  return stands_beside(form.before, data, offset - 1) &&
         stands_beside(form.after, data, offset + text.size());
}

std::uint32_t scan_fingerprint(const unsigned char* window, std::uint64_t multiplier) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < kScanWindow; ++i) number |= std::uint64_t{window[i]} << (8 * i);
  return static_cast<std::uint32_t>(number * multiplier >> 32);
}

}  // namespace tacit
