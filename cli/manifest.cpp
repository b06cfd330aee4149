#include "cli/manifest.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/environment.h"
#include "cli/suggest.h"
#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/display_text.h"
#include "client/toml/toml.h"
#include "client/toml/toml_guard.h"
#include "tacit/reference.h"

namespace tacit::cli {
namespace {

constexpr std::size_t kMaxDescription = 1024;
constexpr std::int64_t kLeastLength = 8;
constexpr std::int64_t kMostLength = 4096;
constexpr std::array<std::string_view, 5> kKeys{"description", "required", "default", "generate",
                                                "env"};
constexpr std::array<std::string_view, 3> kGeneratorKeys{"length", "alphabet", "characters"};
/// What somebody writes who takes the manifest for the vault.
constexpr std::array<std::string_view, 11> kValueKeys{"value",  "values",     "secret", "password",
                                                      "passwd", "passphrase", "token",  "content",
                                                      "data",   "plaintext",  "text"};

/// `FILE:LINE: what`.
struct Fault {
  std::size_t line;
  std::string message;
};

[[noreturn]] void refuse(const toml::source_region& where, const std::string& message) {
  throw Fault{where.begin.line, message};
}

std::string no_value(const std::string& name) {
  return "`" + visible(name) +
         "` looks like a value, and a manifest says which secrets there are, never what they are; "
         "take it out and run `tacit project setup`";
}

/// toml++ is given ASCII alone (client/toml/toml_guard.h): other letters of strings in double
/// quotes become escapes. `text` is UTF-8.
std::string with_escapes(std::string_view text) {
  std::string out;
  char quote = '\0';
  bool comment = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      quote = '\0';
      comment = false;
    } else if (quote == '"' && c == '\\' && i + 1 < text.size() && text[i + 1] != '\n') {
      out += c;
      const std::size_t size = utf8_sequence(as_bytes(text.substr(++i)));
      if (size == 1) out += text[i];  // what is longer is no escape: the backslash stands alone
      i += size - 1;
      continue;
    } else if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (!comment && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '#') {
      comment = true;
    }
    if (quote == '"' && static_cast<unsigned char>(c) >= 0x80) {
      const auto rest = as_bytes(text.substr(i));
      const std::size_t size = utf8_sequence(rest);
      std::array<char, 11> escape{};
      std::snprintf(escape.data(), escape.size(), "\\U%08X", code_point(rest.first(size)));
      out += escape.data();
      i += size - 1;
      continue;
    }
    out += c;
  }
  return out;
}

[[noreturn]] void refuse_unknown(const toml::key& key, std::span<const std::string_view> known) {
  const std::string name(key.str());
  std::string hint;
  if (const auto nearest = suggest(name, known)) {
    hint = "; did you mean `" + std::string(*nearest) + "`?";
  } else {
    for (const auto one : known) {
      hint += (hint.empty() ? "; known are " : ", ") + std::string(one);
    }
  }
  refuse(key.source(), "unknown key `" + visible(name) + "`" + hint);
}

template <class T>
T expect(const toml::key& key, const toml::node& node, const char* expected) {
  if (const auto value = node.value_exact<T>()) return *value;
  refuse(node.source(), "`" + std::string(key.str()) + "`: expected " + expected);
}

std::string expect_characters(const toml::key& key, const toml::node& node) {
  const auto text = expect<std::string>(key, node, "a string of characters");
  std::string sorted = text;
  std::ranges::sort(sorted);
  const bool printable_ascii =
      std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
  if (text.size() < 2 || !printable_ascii || std::ranges::adjacent_find(sorted) != sorted.end()) {
    refuse(node.source(),
           "`characters`: expected at least two visible ASCII characters, each once");
  }
  return text;
}

Generator generator_of(const toml::key& key, const toml::node& node) {
  Generator generator{32, *alphabet("alnum")};
  if (node.is_boolean() && *node.value_exact<bool>()) return generator;
  const toml::table* table = node.as_table();
  if (table == nullptr) {
    refuse(node.source(), "`" + std::string(key.str()) +
                              "`: expected true, or { length = 32, alphabet = \"alnum\" }");
  }
  if (table->contains("alphabet") && table->contains("characters")) {
    refuse(node.source(), "`alphabet` and `characters` say the same; leave one of them out");
  }
  for (const auto& [inner, value] : *table) {
    if (inner.str() == "length") {
      const auto length = expect<std::int64_t>(inner, value, "a number");
      if (length < kLeastLength || length > kMostLength) {
        refuse(value.source(), "`length`: expected 8 to 4096");
      }
      generator.length = static_cast<std::size_t>(length);
    } else if (inner.str() == "characters") {
      generator.characters = expect_characters(inner, value);
    } else if (inner.str() == "alphabet") {
      const auto characters = alphabet(expect<std::string>(inner, value, "an alphabet's name"));
      if (!characters) {
        refuse(value.source(),
               "`alphabet`: expected alnum, alpha, digits, hex, base64url or printable");
      }
      generator.characters = *characters;
    } else {
      refuse_unknown(inner, kGeneratorKeys);
    }
  }
  return generator;
}

void store(const toml::key& key, const toml::node& value, NeededSecret& secret) {
  const std::string_view name = key.str();
  if (name == "description") {
    secret.description = expect<std::string>(key, value, "a string");
    if (secret.description.size() > kMaxDescription) {
      refuse(value.source(), "`description` is longer than 1,024 bytes");
    }
  } else if (name == "required") {
    secret.required = expect<bool>(key, value, "true or false");
  } else if (name == "default") {
    secret.fallback = expect<std::string>(key, value, "a string");
    if (secret.fallback->find('\0') != std::string::npos) {
      refuse(value.source(), "`default` has a NUL character");
    }
  } else if (name == "generate") {
    secret.generator = generator_of(key, value);
  } else if (name == "env") {
    secret.variable = expect<std::string>(key, value, "a variable's name");
    if (!is_variable_name(secret.variable)) {
      refuse(value.source(),
             "`env`: no name for a variable; use letters, digits and _, and no digit first");
    }
  } else if (std::ranges::find(kValueKeys, name) != kValueKeys.end()) {
    refuse(key.source(), no_value(std::string(name)));
  } else {
    refuse_unknown(key, kKeys);
  }
}

NeededSecret secret_of(const toml::key& key, const toml::node& node) {
  NeededSecret secret;
  secret.name = key.str();
  secret.line = key.source().begin.line;
  if (auto valid = check_name(secret.name, "the name of a secret"); !valid.ok()) {
    refuse(key.source(), valid.error().message);
  }
  const toml::table* table = node.as_table();
  if (table == nullptr) refuse(key.source(), no_value(secret.name));
  for (const auto& [inner, value] : *table) store(inner, value, secret);
  if (secret.fallback && secret.generator) {
    refuse(key.source(),
           "`" + visible(secret.name) + "` has a default and is generated; leave one of them out");
  }
  return secret;
}

std::vector<NeededSecret> secrets_of(const toml::table& document) {
  std::vector<NeededSecret> secrets;
  for (const auto& [key, node] : document) {
    constexpr std::array<std::string_view, 1> kTables{"secrets"};
    if (key.str() != kTables.front()) refuse_unknown(key, kTables);
    const toml::table* table = node.as_table();
    if (table == nullptr) refuse(key.source(), "`secrets` is a table: write [secrets.NAME]");
    for (const auto& [name, secret] : *table) secrets.push_back(secret_of(name, secret));
  }
  std::ranges::sort(secrets, {}, &NeededSecret::line);
  return secrets;
}

}  // namespace

Result<std::vector<NeededSecret>> parse_manifest(std::string_view text, const std::string& file) {
  const auto wrong = [&](std::size_t line, const std::string& message) {
    return Error{Reason::kInvalidArgument,
                 visible(file) + ":" + std::to_string(line) + ": " + message};
  };
  if (!is_utf8(as_bytes(text))) return wrong(1, "the file is not UTF-8");
  const std::string ascii = with_escapes(text);
  if (const auto fault = find_toml_fault(ascii)) return wrong(fault->line, fault->message);
  try {
    return secrets_of(toml::parse(ascii, file));
  } catch (const Fault& fault) {
    return wrong(fault.line, fault.message);
  } catch (const toml::parse_error& error) {
    return wrong(error.source().begin.line, "no valid TOML here");
  } catch (const TomlAssertion&) {
    return wrong(1, "no valid TOML; look for brackets and quotation marks that do not match");
  }
}

}  // namespace tacit::cli
