#include "tacit/reference.h"

#include <charconv>
#include <utility>

#include "client/cpp/base/utf8.h"

namespace tacit {
namespace {

// An attribute's key, as the vault bounds it.
constexpr std::size_t kMaxAttributeKey = 256;
// Three names of three bytes a byte each and the words between: more is no reference.
constexpr std::size_t kMaxReferenceBytes = 3 * (2 * kMaxNameBytes + kMaxAttributeKey) + 128;

Error invalid(std::string message) { return {Reason::kInvalidArgument, std::move(message)}; }

// Positions are shown from 1, as editors do.
std::string at_character(std::size_t offset) {
  return " at character " + std::to_string(offset + 1);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// RFC 3986, 2.1. `offset` is where `text` begins in the whole reference, for messages. `+` stays
// `+`: that is a space in HTML forms alone.
Result<std::string> percent_decode(std::string_view text, std::size_t offset) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return invalid("reference: `%` needs two hexadecimal digits after it" +
                     at_character(offset + i) + "; write `%25` for a percent sign");
    }
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return decoded;
}

Result<void> check_text(std::string_view text, std::string_view what, std::size_t limit) {
  const std::string subject(what);
  if (text.empty()) return invalid(subject + " is empty");
  if (text.size() > limit) {
    return invalid(subject + " has " + std::to_string(text.size()) + " bytes; at most " +
                   std::to_string(limit) + " are allowed");
  }
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    return invalid(subject + " has a NUL byte" + at_character(nul));
  }
  if (const auto bad = find_invalid_utf8(text); bad != std::string_view::npos) {
    return invalid(subject + " is not UTF-8: bad byte" + at_character(bad));
  }
  return {};
}

// A part of the reference, decoded and checked; errors say where the part begins.
Result<std::string> decode_part(std::string_view text, std::size_t offset, std::string_view what,
                                std::size_t limit) {
  auto decoded = percent_decode(text, offset);
  if (!decoded) return decoded.error();
  if (const auto checked = check_text(*decoded, what, limit); !checked) {
    return invalid("reference: " + checked.error().message + " (it begins" + at_character(offset) +
                   ")");
  }
  return decoded;
}

Result<std::uint64_t> parse_version(std::string_view text, std::size_t offset) {
  std::uint64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  // One spelling for each version: no sign, no leading zero.
  if (error != std::errc{} || end != text.data() + text.size() || version == 0 ||
      text.front() == '0') {
    return invalid("reference: the version must be a whole number from 1" + at_character(offset));
  }
  return version;
}

Result<void> parse_query(std::string_view query, std::size_t offset, Reference& reference) {
  bool version_seen = false;
  while (true) {
    const std::string_view pair = query.substr(0, query.find('&'));
    const std::size_t equals = pair.find('=');
    const std::string_view key = pair.substr(0, equals);
    if (equals == std::string_view::npos) {
      return invalid("reference: expected `attribute=...` or `version=...`" + at_character(offset));
    }
    const std::string_view value = pair.substr(equals + 1);
    const std::size_t value_offset = offset + equals + 1;
    if (key == "attribute" ? reference.attribute.has_value() : key == "version" && version_seen) {
      return invalid("reference: `" + std::string(key) + "` is there twice" + at_character(offset));
    }
    if (key == "attribute") {
      auto attribute = decode_part(value, value_offset, "attribute", kMaxAttributeKey);
      if (!attribute) return attribute.error();
      reference.attribute = *std::move(attribute);
    } else if (key == "version") {
      const auto version = parse_version(value, value_offset);
      if (!version) return version.error();
      reference.version = *version;
      version_seen = true;
    } else {
      return invalid("reference: unknown key" + at_character(offset) +
                     "; only `attribute` and `version` may follow `?`");
    }
    if (pair.size() == query.size()) return {};
    offset += pair.size() + 1;
    query.remove_prefix(pair.size() + 1);
  }
}

// RFC 3986 unreserved, and what a path segment may hold besides that has no meaning here.
bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~!$'()*+,;:@").find(c) != std::string_view::npos;
}

void append_encoded(std::string& out, std::string_view text, std::string_view also_plain) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_plain(c) || also_plain.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    }
  }
}

}  // namespace

Result<void> check_name(std::string_view text, std::string_view what) {
  return check_text(text, what, kMaxNameBytes);
}

Result<Reference> parse_reference(std::string_view text) {
  if (text.substr(0, kReferenceScheme.size()) != kReferenceScheme) {
    return invalid("reference: must begin with `tacit://`" + at_character(0));
  }
  if (text.size() > kMaxReferenceBytes) {
    return invalid("reference: " + std::to_string(text.size()) + " bytes long; at most " +
                   std::to_string(kMaxReferenceBytes) + " are allowed");
  }
  if (const auto mark = text.find('#'); mark != std::string_view::npos) {
    return invalid("reference: write `%23` for `#`" + at_character(mark));
  }
  const std::size_t query_mark = text.find('?');
  const std::string_view path = text.substr(0, query_mark);
  const std::size_t slash = path.find('/', kReferenceScheme.size());
  if (slash == std::string_view::npos) {
    return invalid("reference: a name must follow the collection, as in `tacit://default/name`" +
                   at_character(path.size()));
  }

  Reference reference;
  auto collection =
      decode_part(path.substr(kReferenceScheme.size(), slash - kReferenceScheme.size()),
                  kReferenceScheme.size(), "collection", kMaxNameBytes);
  if (!collection) return collection.error();
  reference.collection = *std::move(collection);
  auto name = decode_part(path.substr(slash + 1), slash + 1, "name", kMaxNameBytes);
  if (!name) return name.error();
  reference.name = *std::move(name);
  if (query_mark != std::string_view::npos) {
    const auto query = parse_query(text.substr(query_mark + 1), query_mark + 1, reference);
    if (!query) return query.error();
  }
  return reference;
}

Result<Reference> parse_name_or_reference(std::string_view text, std::string_view collection) {
  if (text.substr(0, kReferenceScheme.size()) == kReferenceScheme) return parse_reference(text);
  if (const auto checked = check_name(text, "name"); !checked) return checked.error();
  if (const auto checked = check_name(collection, "collection"); !checked) return checked.error();
  Reference reference;
  reference.collection = collection;
  reference.name = text;
  return reference;
}

std::string to_string(const Reference& reference) {
  std::string out(kReferenceScheme);
  append_encoded(out, reference.collection, "=&");
  out.push_back('/');
  append_encoded(out, reference.name, "/=&");
  char separator = '?';
  if (reference.attribute) {
    out += "?attribute=";
    append_encoded(out, *reference.attribute, "/?=");
    separator = '&';
  }
  if (reference.version != 0) {
    out.push_back(separator);
    out += "version=" + std::to_string(reference.version);
  }
  return out;
}

}  // namespace tacit
