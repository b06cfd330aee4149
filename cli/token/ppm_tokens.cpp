#include "cli/token/ppm_tokens.h"

#include "client/toml/toml.h"
#include "client/toml/toml_guard.h"

namespace tacit::cli {
namespace {

Error wrong(const std::string& path, std::size_t line, const std::string& what) {
  return {Reason::kInvalidArgument, path + ":" + std::to_string(line) + ": " + what};
}

/// toml++ keeps text in ordinary memory: wiped once it was taken.
void wipe_texts(toml::node& node) {
  if (auto* text = node.as_string()) wipe(text->get().data(), text->get().size());
  if (auto* array = node.as_array()) {
    for (toml::node& one : *array) wipe_texts(one);
  }
  if (auto* table = node.as_table()) {
    for (auto&& [key, one] : *table) wipe_texts(one);
  }
}

Result<std::vector<PpmToken>> take(const toml::table& all, const std::string& path) {
  std::vector<PpmToken> out;
  for (const std::string_view name : {"connections", "connection"}) {
    const toml::array* entries = all[name].as_array();
    if (entries == nullptr) continue;
    for (const toml::node& entry : *entries) {
      const toml::table* table = entry.as_table();
      const auto* address = table == nullptr ? nullptr : (*table)["address"].as_string();
      const auto* token = table == nullptr ? nullptr : (*table)["token"].as_string();
      if (address == nullptr || token == nullptr || token->get().empty()) {
        return wrong(path, entry.source().begin.line, "a connection needs `address` and `token`");
      }
      out.push_back({address->get(), SecretBytes::copy_of(token->get())});
    }
  }
  return out;
}

}  // namespace

Result<std::vector<PpmToken>> parse_ppm_tokens(std::string_view text, const std::string& path) {
  if (const auto fault = find_toml_fault(text)) return wrong(path, fault->line, fault->message);
  try {
    toml::table all = toml::parse(text);
    auto out = take(all, path);
    wipe_texts(all);
    return out;
  } catch (const toml::parse_error& error) {
    return wrong(path, error.source().begin.line, "it is no TOML");
  } catch (const TomlAssertion&) {
    return wrong(path, 1, "it is no TOML");
  }
}

}  // namespace tacit::cli
