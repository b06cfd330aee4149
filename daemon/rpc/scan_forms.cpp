#include "daemon/rpc/scan_forms.h"

#include <algorithm>
#include <bitset>
#include <string_view>
#include <utility>

#include "tacit/json_forms.h"
#include "tacit/line_layout.h"
#include "tacit/percent_forms.h"
#include "tacit/telling_lines.h"

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
/// An encoder's text with two windows side by side in it.
constexpr std::size_t kLeastWrapped = 2 * kScanWindow;
/// How much line ends and indentation may add: a quarter, and for shorter texts as much again.
constexpr std::size_t kDoubled = std::size_t{16} << 10;
constexpr std::size_t kSomeBlanks = 64;
/// The longest text of a form is a percent-encoded one.
constexpr std::size_t kLongestText = 3 * kScannedBytes;
/// So many telling lines are looked for in base64: those of a block stand together there, and one
/// that is found tells of the value.
constexpr std::size_t kLinesInBase64 = 8;

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
    return std::ranges::equal(other.text.bytes(), text) && other.over_lines == form.over_lines &&
           other.before.mask == form.before.mask && other.before.bits == form.before.bits &&
           other.after.mask == form.after.mask && other.after.bits == form.after.bits;
  });
  if (known) return;
  forms.push_back(std::move(form));
}

/// Looked for as it is.
void add_exact(std::vector<ValueForm>& forms, ValueForm form) {
  form.windows = {window_of(form.text.bytes())};
  add(forms, std::move(form));
}

/// An encoder's text, which another program may have wrapped.
void add_wrapped(std::vector<ValueForm>& forms, ValueForm form) {
  const Bytes text = form.text.bytes();
  if (text.size() < kLeastWrapped) return add_exact(forms, std::move(form));
  const std::size_t first = window_of(text.first(text.size() - kScanWindow));
  form.over_lines = true;
  form.windows = {first, first + kScanWindow};
  add(forms, std::move(form));
}

/// A text of several lines, in whatever layout.
void add_lines(std::vector<ValueForm>& forms, Bytes text) {
  JoinedLines joined = joined_lines(text, true);
  const Stretch line = longest_line(joined);
  if (line.size < kScanWindow || line.size == joined.text.size()) return;
  const std::size_t window = window_of(joined.text.bytes().subspan(line.begin, line.size));
  add(forms, {ScanForm::kPlain, std::move(joined.text), true, {}, {}, {line.begin + window}});
}

ValueForm hex(Bytes value, std::string_view digits) {
  ValueForm form{ScanForm::kHex, SecretBytes(2 * value.size())};
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
  ValueForm form{ScanForm::kBase64, SecretBytes(end - first)};
  for (std::size_t i = first; i < end; ++i) {
    form.text.writable()[i - first] = static_cast<unsigned char>(alphabet[sextet_at(i)]);
  }
  if (first != 0) form.before = {kBeforeMask[lead], sextet_at(first - 1)};
  if (bits % 6 != 0) {
    form.after = {static_cast<std::uint8_t>(bits % 6 == 2 ? 0x30 : 0x3c), sextet_at(end)};
  }
  return form;
}

bool stands_beside(const ValueForm::Beside& beside, Bytes data, std::size_t at) {
  if (beside.mask == 0) return true;
  if (at >= data.size()) return false;
  const std::optional<std::uint8_t> found = sextet(data[at]);
  return found && (*found & beside.mask) == (beside.bits & beside.mask);
}

void add_base64(std::vector<ValueForm>& forms, Bytes value) {
  for (std::size_t lead = 0; lead < 3; ++lead) {
    add_wrapped(forms, base64(value, lead, kStandard));
    add_wrapped(forms, base64(value, lead, kUrlSafe));
  }
}

void add_encoded(std::vector<ValueForm>& forms, Bytes value) {
  add_base64(forms, value);
  add_wrapped(forms, hex(value, kLower));
  add_wrapped(forms, hex(value, kUpper));
  for (const PercentRule& rule : kPercentRules) {
    add_exact(forms, {ScanForm::kUrl, percent_encoded(value, rule, kUpper)});
    add_exact(forms, {ScanForm::kUrl, percent_encoded(value, rule, kLower)});
  }
}

std::optional<ScanExtent> stands_unwrapped(const ValueForm& form, std::size_t window, Bytes data,
                                           std::size_t place) {
  const Bytes text = form.text.bytes();
  if (place > data.size() || place < window || text.size() > data.size() - (place - window)) {
    return {};
  }
  const std::size_t offset = place - window;
  if (!std::ranges::equal(text, data.subspan(offset, text.size()))) return {};
  // Before the first byte lies nothing: the position wraps, and is out of the data.
  if (!stands_beside(form.before, data, offset - 1)) return {};
  if (!stands_beside(form.after, data, offset + text.size())) return {};
  return ScanExtent{offset, text.size()};
}

/// Without the characters beside it.
ScanReach reach_of_text(const ValueForm& form, std::size_t window) {
  const auto with_layout = [&](std::size_t bytes) {
    if (!form.over_lines) return bytes;
    return bytes + std::min(bytes, kDoubled) + bytes / 4 + kSomeBlanks;
  };
  return {with_layout(window), with_layout(form.text.size() - window)};
}

}  // namespace

std::vector<ValueForm> forms_of(Bytes value) {
  std::vector<ValueForm> forms;
  value = without_last_line_ends(value);
  if (value.size() < kLeastScanned) return forms;
  value = value.first(std::min(value.size(), kScannedBytes));
  add_exact(forms, {ScanForm::kPlain, SecretBytes::copy_of(value)});
  add_lines(forms, value);
  for (const JsonRule& rule : kJsonRules) {
    SecretBytes text = json_escaped(value, rule, kLongestText / 2);
    if (text.empty()) continue;
    add_lines(forms, text.bytes());
    add_exact(forms, {ScanForm::kPlain, std::move(text)});
  }
  add_encoded(forms, value);
  if (const SecretBytes text = with_crlf(value, kScannedBytes); !text.empty()) {
    add_encoded(forms, text.bytes());
  }
  const std::vector<Bytes> lines = telling_lines(value);
  // However the whole was indented before it was encoded.
  for (std::size_t i = 0; i < std::min(lines.size(), kLinesInBase64); ++i) {
    add_base64(forms, lines[i]);
  }
  for (const Bytes line : lines) {
    ValueForm form{ScanForm::kPlain, SecretBytes::copy_of(line)};
    form.windows = {window_of(line)};
    forms.push_back(std::move(form));  // there are many, and each comes once
  }
  return forms;
}

ScanReach reach_of(const ValueForm& form, std::size_t window) {
  const ScanReach text = reach_of_text(form, window);
  return {text.before + 1, text.after + 1};
}

std::optional<ScanExtent> stands_at(const ValueForm& form, std::size_t window, Bytes data,
                                    std::size_t place) {
  const Bytes text = form.text.bytes();
  // Also of what may be wrapped: its first letter behind a backslash would be taken for a line end.
  const std::optional<ScanExtent> as_it_is = stands_unwrapped(form, window, data, place);
  if (as_it_is || !form.over_lines) return as_it_is;
  const ScanReach reach = reach_of(form, window);
  const std::size_t begin = place - std::min(place, reach.before);
  const std::size_t end = std::min(data.size(), place + reach.after);
  if (end <= place) return {};
  const JoinedLines near = joined_lines(data.subspan(begin, end - begin), false);
  const Bytes joined = near.text.bytes();
  const auto found = std::ranges::lower_bound(near.places, place - begin);
  if (found == near.places.end() || *found != place - begin) return {};
  const auto at = static_cast<std::size_t>(found - near.places.begin());
  if (at < window || text.size() > joined.size() - (at - window)) return {};
  const std::size_t first = at - window;
  const std::size_t behind = first + text.size();
  if (!std::ranges::equal(text, joined.subspan(first, text.size()))) return {};
  if (!stands_beside(form.before, joined, first - 1)) return {};
  if (!stands_beside(form.after, joined, behind)) return {};
  const std::size_t offset = begin + near.places[first];
  return ScanExtent{offset, begin + near.places[behind - 1] + 1 - offset};
}

std::uint32_t scan_fingerprint(const unsigned char* window, std::uint64_t multiplier) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < kScanWindow; ++i) number |= std::uint64_t{window[i]} << (8 * i);
  return static_cast<std::uint32_t>(number * multiplier >> 32);
}

}  // namespace tacit
