#include "cli/mask_patterns.h"

#include <sodium.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "client/cpp/terminal/secret_buffer.h"
#include "tacit/json_forms.h"
#include "tacit/line_layout.h"
#include "tacit/percent_forms.h"
#include "tacit/telling_lines.h"

namespace tacit::cli {
namespace {

using Bytes = std::span<const unsigned char>;

constexpr std::size_t kMostEncoded = std::size_t{8} * 1024;  // any key in PEM
constexpr std::size_t kMostInAll = 12 * 1024 * 1024;
/// Longer ones are looked for percent-encoded as most libraries do it alone.
constexpr std::size_t kLongValue = 1024;
/// Shorter pieces of base64 stand in honest output by chance.
constexpr std::size_t kLeastBase64 = 6;

/// What of base64 (RFC 4648, 4 and 5) the value alone decides, `before` bytes of other data in
/// front of it; and with the last digit that the value decides in part, for where it ends the data.
void add_base64(std::vector<MaskForm>& forms, Bytes value, std::size_t before, int variant) {
  SecretBytes data(before + value.size());
  std::copy(value.begin(), value.end(), data.writable().begin() + static_cast<long>(before));
  const std::size_t room = sodium_base64_encoded_len(data.size(), variant);
  SecretBytes text(room);
  sodium_bin2base64(reinterpret_cast<char*>(text.writable().data()), room, data.bytes().data(),
                    data.size(), variant);
  const std::size_t from = before == 0 ? 0 : before + 1;
  const std::size_t whole_digits = data.size() * 8 / 6;
  const std::size_t digits = room - 1;  // without NUL
  for (const std::size_t end : {whole_digits, digits}) {
    if (end < from + kLeastBase64) continue;
    forms.push_back({SecretBytes::copy_of(text.bytes().subspan(from, end - from)), true});
    if (whole_digits == digits) break;
  }
}

SecretBytes hex(Bytes value, std::string_view digits) {
  SecretBuffer result;
  for (const unsigned char byte : value) {
    result.append(digits[byte >> 4]);
    result.append(digits[byte & 15]);
  }
  return result.take();
}

constexpr std::string_view kLower = "0123456789abcdef";
constexpr std::string_view kUpper = "0123456789ABCDEF";

/// Empty: it is on one line.
SecretBytes on_one_line(Bytes value) {
  JoinedLines joined = joined_lines(value, true);
  const std::size_t size = joined.text.size();
  const bool several = longest_line(joined).size < size;
  return several && size >= kLeastMasked ? std::move(joined.text) : SecretBytes();
}

void add_new(std::vector<MaskForm>& forms, MaskForm form) {
  if (form.text.empty()) return;
  const bool known = std::ranges::any_of(forms, [&](const MaskForm& other) {
    return other.over_lines == form.over_lines &&
           std::ranges::equal(other.text.bytes(), form.text.bytes());
  });
  if (!known) forms.push_back(std::move(form));
}

void add_json(std::vector<MaskForm>& forms, Bytes value) {
  for (const JsonRule& rule : kJsonRules) {
    SecretBytes text = json_escaped(value, rule, kMostInAll);
    add_new(forms, {on_one_line(text.bytes()), true});
    add_new(forms, {std::move(text)});
  }
}

void add_base64(std::vector<MaskForm>& forms, Bytes value) {
  for (const int variant :
       {sodium_base64_VARIANT_ORIGINAL_NO_PADDING, sodium_base64_VARIANT_URLSAFE_NO_PADDING}) {
    for (const std::size_t before : {0, 1, 2}) add_base64(forms, value, before, variant);
  }
}

void add_encoded(std::vector<MaskForm>& forms, Bytes value) {
  add_base64(forms, value);
  for (const std::string_view digits : {kLower, kUpper}) {
    forms.push_back({hex(value, digits), true});
    for (const PercentRule& rule : kPercentRules) {
      if (value.size() > kLongValue && !rule.common) continue;
      forms.push_back({percent_encoded(value, rule, digits)});
    }
  }
}

}  // namespace

std::vector<MaskForm> masked_forms(const SecretBytes& whole) {
  const Bytes value = without_last_line_ends(whole.bytes());
  std::vector<MaskForm> forms;
  if (value.size() < kLeastMasked) return forms;
  forms.push_back({SecretBytes::copy_of(value)});
  // As a terminal prints it (ONLCR).
  SecretBytes printed = with_crlf(value, 2 * value.size());
  if (auto joined = on_one_line(value); !joined.empty()) {
    forms.push_back({std::move(joined), true});
  }
  const std::vector<Bytes> lines = telling_lines(value);
  for (const Bytes line : lines) forms.push_back({SecretBytes::copy_of(line)});
  if (value.size() <= kMostEncoded) {
    // However the whole was indented before it was encoded.
    for (const Bytes line : lines) add_base64(forms, line);
    add_encoded(forms, value);
    if (!printed.empty()) add_encoded(forms, printed.bytes());
    add_json(forms, value);
  }
  if (!printed.empty()) forms.push_back({std::move(printed)});
  return forms;
}

Result<MaskPatterns> MaskPatterns::make(std::span<const MaskForm> forms) {
  std::size_t exact_bytes = 0;
  std::size_t over_lines_bytes = 0;
  for (const MaskForm& form : forms) {
    (form.over_lines ? over_lines_bytes : exact_bytes) += form.text.size();
  }
  if (exact_bytes + over_lines_bytes > kMostInAll) {
    return Error{Reason::kLimit,
                 "the values are more than --mask can look for (12 MiB, with their encoded forms)"};
  }
  MaskAutomaton exact(exact_bytes);
  MaskAutomaton over_lines(over_lines_bytes);
  for (const MaskForm& form : forms) {
    (form.over_lines ? over_lines : exact).insert(form.text.bytes());
  }
  exact.link();
  over_lines.link();
  return MaskPatterns(std::move(exact), std::move(over_lines));
}

MaskAutomaton::MaskAutomaton(std::size_t bytes) {
  nodes_.reserve(bytes + 1);  // never moved, so that no copy is left behind
  nodes_.emplace_back();
}

MaskAutomaton::~MaskAutomaton() { wipe(nodes_.data(), nodes_.size() * sizeof(Node)); }

MaskAutomaton::State MaskAutomaton::child(State state, unsigned char byte) const noexcept {
  if (state == kStart) return first_[byte];
  State each = nodes_[state].first_child;
  while (each != 0 && nodes_[each].byte != byte) each = nodes_[each].sibling;
  return each;
}

MaskAutomaton::State MaskAutomaton::next_of_begun(State state, unsigned char byte) const noexcept {
  for (;; state = nodes_[state].shorter) {
    if (const State found = child(state, byte); found != 0) return found;
    if (state == kStart) return kStart;
  }
}

void MaskAutomaton::insert(Bytes text) {
  State state = kStart;
  for (const unsigned char byte : text) {
    State found = child(state, byte);
    if (found == 0) {
      found = static_cast<State>(nodes_.size());
      Node& node = nodes_.emplace_back();
      node.byte = byte;
      node.open = nodes_[state].open + 1;
      node.sibling = nodes_[state].first_child;
      nodes_[state].first_child = found;
      if (state == kStart) first_[byte] = found;
    }
    state = found;
  }
  nodes_[state].matched = nodes_[state].open;
  longest_ = std::max(longest_, text.size());
}

/// Breadth first: what is shorter is linked already.
void MaskAutomaton::link() {
  std::vector<State> level{kStart};
  while (!level.empty()) {
    std::vector<State> below;
    for (const State parent : level) {
      for (State each = nodes_[parent].first_child; each != 0; each = nodes_[each].sibling) {
        Node& node = nodes_[each];
        if (parent != kStart) node.shorter = next(nodes_[parent].shorter, node.byte);
        if (node.matched == 0) node.matched = nodes_[node.shorter].matched;
        if (node.first_child == 0) node.open = nodes_[node.shorter].open;
        below.push_back(each);
      }
    }
    level = std::move(below);
  }
}

}  // namespace tacit::cli
