#include "client/cpp/terminal/value.h"

#include <algorithm>

#include "client/cpp/terminal/display_text.h"

namespace tacit {

Result<SecretBytes> ask_value_twice(Terminal& terminal, std::string_view question) {
  constexpr int kTries = 3;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    auto first = terminal.ask_secret(question);
    if (!first.ok()) return first;
    if (first->empty()) break;
    auto second = terminal.ask_secret("The same again: ");
    if (!second.ok()) return second;
    if (std::ranges::equal(first->bytes(), second->bytes())) return first;
    terminal.say("These two are not the same.\n");
  }
  return Error{Reason::kUserDenied, "no value was given; nothing was stored"};
}

Result<SecretBytes> ask_missing_value(Terminal& terminal, std::string_view name,
                                      std::string_view prompt) {
  return ask_value_twice(terminal, visible(prompt.empty() ? name : prompt) + " (not shown): ");
}

}  // namespace tacit
