#include "cli/environment.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "client/cpp/terminal/display_text.h"
#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::cli {
namespace {

bool is_variable_name(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  if (name.empty() || !is_letter(name.front())) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

bool sets(const char* entry, std::string_view variable) {
  return std::strncmp(entry, variable.data(), variable.size()) == 0 &&
         entry[variable.size()] == '=';
}

}  // namespace

Result<Binding> parse_binding(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals + 1 == text.size()) {
    return Error{Reason::kInvalidArgument,
                 "`-e " + visible(text) + "` names no secret; say -e VARIABLE=NAME"};
  }
  const auto variable = text.substr(0, equals);
  if (!is_variable_name(variable)) {
    return Error{Reason::kInvalidArgument,
                 "`" + visible(variable) +
                     "` is no name for a variable; use letters, digits and _, and no digit first"};
  }
  return Binding{std::string(variable), std::string(text.substr(equals + 1))};
}

Environment::Environment(char* const* inherited) {
  for (; inherited != nullptr && *inherited != nullptr; ++inherited) {
    inherited_.push_back(*inherited);
  }
}

Result<void> Environment::set(std::string_view variable, const SecretBytes& value) {
  const auto bytes = value.bytes();
  if (std::find(bytes.begin(), bytes.end(), 0) != bytes.end()) {
    return Error{Reason::kInvalidArgument,
                 "the value for " + std::string(variable) +
                     " has a NUL byte, which an environment variable cannot hold; use `tacit get` "
                     "and a pipe"};
  }
  // execve(2): MAX_ARG_STRLEN, 32 pages for each string with its NUL.
  const std::size_t most = 32 * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  if (variable.size() + 1 + bytes.size() + 1 > most) {
    return Error{Reason::kValueTooLarge,
                 "the value for " + std::string(variable) + " has " + std::to_string(bytes.size()) +
                     " bytes, and an environment variable with its name at most " +
                     std::to_string(most) + "; use `tacit get` and a pipe"};
  }
  SecretBuffer text;
  text.append(variable);
  text.append('=');
  text.append(bytes);
  text.append('\0');
  std::erase_if(inherited_, [&](const char* entry) { return sets(entry, variable); });
  std::erase_if(entries_, [&](const Entry& entry) { return entry.variable == variable; });
  entries_.push_back({std::string(variable), text.take()});
  return {};
}

std::optional<Environment::Size> Environment::largest() const {
  const auto entry =
      std::ranges::max_element(entries_, {}, [](const Entry& each) { return each.text.size(); });
  if (entry == entries_.end()) return {};
  return Size{entry->variable, entry->text.size()};
}

std::vector<char*> Environment::pointers() {
  std::vector<char*> result = inherited_;
  for (Entry& entry : entries_) {
    result.push_back(reinterpret_cast<char*>(entry.text.writable().data()));
  }
  result.push_back(nullptr);
  return result;
}

}  // namespace tacit::cli
