#include "cli/pinentry/find_pinentry.h"

#include <cstdlib>
#include <string_view>

#include "cli/find_program.h"

namespace tacit::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Error unusable(const std::string& chosen) {
  return {Reason::kNoPrompter,
          "the pinentry that was chosen, " + chosen +
              ", is no executable file that only you or root can write; set PINENTRY to an "
              "absolute path, or unset it"};
}

}  // namespace

PinentryFacts pinentry_facts(bool terminal) {
  PinentryFacts facts;
  facts.chosen = environment("PINENTRY");
  facts.display = !environment("DISPLAY").empty() || !environment("WAYLAND_DISPLAY").empty();
  facts.terminal = terminal;
  facts.path = program_folders();
  return facts;
}

Result<std::string> find_pinentry(const PinentryFacts& facts) {
  if (!facts.chosen.empty()) {
    if (facts.chosen.find('/') == std::string::npos) {
      if (auto found = find_program(facts.chosen, facts.path)) return std::move(*found);
      return unusable(facts.chosen);
    }
    if (facts.chosen.front() == '/' && safe_to_run(facts.chosen)) return facts.chosen;
    return unusable(facts.chosen);
  }
  std::vector<std::string_view> names;
  if (facts.display) {
    names = {"pinentry-gnome3", "pinentry-qt",  "pinentry-qt5", "pinentry-gtk-2",
             "pinentry-fltk",   "pinentry-x11", "pinentry"};
  }
  if (facts.terminal) {
    names.insert(names.end(), {"pinentry-curses", "pinentry-tty", "pinentry"});
  }
  for (const std::string_view name : names) {
    if (auto found = find_program(name, facts.path)) return std::move(*found);
  }
  if (names.empty()) {
    return Error{Reason::kNoPrompter,
                 "there is neither a display nor a terminal to ask on; run this in a graphical "
                 "session or on a terminal"};
  }
  return Error{Reason::kNoPrompter,
               facts.display
                   ? "no pinentry is installed; install pinentry-gnome3, pinentry-qt or "
                     "pinentry-gtk2, or set PINENTRY to the path of one"
                   : "no pinentry for a terminal is installed; install pinentry-curses or "
                     "pinentry-tty, set PINENTRY to the path of one, or use --tty"};
}

bool may_use_terminal(std::string_view program) {
  const std::string_view name = program.substr(program.rfind('/') + 1);
  for (const std::string_view kind : {"gnome3", "qt", "gtk", "fltk", "x11", "mac"}) {
    if (name.find(kind) != std::string_view::npos) return false;
  }
  return true;
}

}  // namespace tacit::cli
