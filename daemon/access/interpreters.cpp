#include "daemon/access/interpreters.h"

#include <algorithm>
#include <array>

namespace tacit {
namespace {

// How the options of an interpreter, or of what else runs code that is not its own, are to be read
// until its script. An option that none of these name is taken for a switch without a value.
struct Interpreter {
  std::string_view names = {};           // separated by spaces
  std::string_view code_letters = {};    // brings code of its own: -c, -m, -e, -r
  std::string_view value_letters = {};   // takes a value, in the same word or the next
  std::string_view script_letters = {};  // its value is the script
  std::string_view code_words = {};      // long options, separated by spaces
  std::string_view value_words = {};     // in the next word
  std::string_view script_words = {};    // the next word is the script
  std::string_view subcommand = {};      // stands before the options
  bool needs_script_option = false;      // what is no option is code, or the name of some
  bool shell = false;                    // without any of these it takes commands from who types
};

constexpr std::array kInterpreters = std::to_array<Interpreter>({
    {.names = "sh bash rbash dash ash ksh ksh93 mksh pdksh zsh yash csh tcsh",
     .code_letters = "cs",
     .value_letters = "oO",
     .value_words = "--rcfile --init-file",
     .shell = true},
    {.names = "fish",
     .code_letters = "cC",
     .code_words = "--command --init-command",
     .shell = true},
    {.names = "python pypy",
     .code_letters = "cm",
     .value_letters = "WX",
     .value_words = "--check-hash-based-pycs"},
    {.names = "node nodejs",
     .code_letters = "epr",
     .value_letters = "C",
     .code_words = "--eval --print --require --import --loader --experimental-loader",
     .value_words = "--conditions --title --input-type"},
    {.names = "deno",
     .value_letters = "c",
     .code_words = "--preload --import",
     .value_words = "--config --import-map --lock",
     .subcommand = "run"},
    {.names = "bun", .code_letters = "epr", .code_words = "--eval --print --preload --require"},
    {.names = "perl", .code_letters = "eEMmxS", .value_letters = "I"},
    {.names = "ruby", .code_letters = "erSCXx", .value_letters = "IE"},
    {.names = "php",
     .code_letters = "rBREFS",
     .value_letters = "cdz",
     .script_letters = "f",
     .script_words = "--file"},
    {.names = "lua luajit", .code_letters = "el"},
    {.names = "tclsh wish", .value_words = "-encoding"},
    {.names = "expect", .code_letters = "c", .script_letters = "f"},
    {.names = "Rscript", .code_letters = "e"},
    {.names = "awk gawk mawk nawk original-awk",
     .code_letters = "eEi",
     .value_letters = "Fv",
     .script_letters = "f",
     .script_words = "--file",
     .needs_script_option = true},
    {.names = "java",
     .code_words = "-m --module",
     .value_words = "-cp -classpath --class-path -p --module-path --add-modules",
     .script_words = "-jar",
     .needs_script_option = true},
    {.names = "busybox toybox", .needs_script_option = true},
    // What these do is written elsewhere: in their arguments, a Makefile, a terminal's keys.
    {.names = "chronic chroot chrt doas entr env find flock gmake ionice just ltrace make nice "
              "ninja nohup nsenter parallel runuser script setarch setpriv setsid ssh-agent stdbuf "
              "strace su sudo systemd-inhibit systemd-run time timeout unbuffer unshare watch "
              "xargs xvfb-run",
     .needs_script_option = true},
});

bool lists(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

const Interpreter* interpreter_of(std::string_view executable) {
  executable.remove_prefix(executable.rfind('/') + 1);
  const auto named = [](std::string_view name) {
    const auto* const found = std::ranges::find_if(
        kInterpreters, [name](const Interpreter& i) { return lists(i.names, name); });
    return found == kInterpreters.end() ? nullptr : found;
  };
  if (const Interpreter* exact = named(executable)) return exact;
  // `python3.11`, `ruby-3.1`, `pypy3`.
  executable = executable.substr(0, executable.find_last_not_of("0123456789.-") + 1);
  return named(executable);
}

// What becomes of the words after an option.
enum class Next { kOption, kValue, kScript, kCode };

Next after_letters(const Interpreter& interpreter, std::string_view letters) {
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const char letter = letters[i];
    const bool last = i + 1 == letters.size();
    const auto among = [letter](std::string_view set) { return set.find(letter) != set.npos; };
    if (among(interpreter.code_letters)) return Next::kCode;
    // A script in the same word as its option is unusual enough to go without a name.
    if (among(interpreter.script_letters)) return last ? Next::kScript : Next::kCode;
    if (among(interpreter.value_letters)) return last ? Next::kValue : Next::kOption;
  }
  return Next::kOption;
}

Next after_option(const Interpreter& interpreter, std::string_view option) {
  const std::string_view word = option.substr(0, option.find('='));
  const bool has_value = word.size() != option.size();
  if (lists(interpreter.code_words, word)) return Next::kCode;
  if (lists(interpreter.script_words, word)) return has_value ? Next::kCode : Next::kScript;
  if (lists(interpreter.value_words, word)) return has_value ? Next::kOption : Next::kValue;
  if (option.starts_with("--")) return Next::kOption;
  return after_letters(interpreter, option.substr(1));
}

}  // namespace

ScriptArgument script_argument(std::string_view executable,
                               std::span<const std::string> arguments) {
  const Interpreter* const interpreter = interpreter_of(executable);
  if (interpreter == nullptr) return {};
  const ScriptArgument unnamed{true, {}, false};
  std::size_t at = 1;
  const auto have = [&] { return at < arguments.size(); };
  if (!interpreter->subcommand.empty()) {
    if (!have() || arguments[at] != interpreter->subcommand) return unnamed;
    ++at;
  }
  for (; have(); ++at) {
    const std::string& word = arguments[at];
    const bool option = word.size() > 1 && (word[0] == '-' || word[0] == '+');
    if (word == "-") return unnamed;
    if (word == "--") {
      ++at;
      break;
    }
    if (!option) break;
    switch (after_option(*interpreter, word)) {
      case Next::kCode:
        return unnamed;
      case Next::kOption:
        continue;
      case Next::kValue:
        ++at;
        continue;
      case Next::kScript:
        ++at;
        return have() ? ScriptArgument{true, arguments[at], false} : unnamed;
    }
  }
  if (!have()) return {true, {}, interpreter->shell && !arguments.empty()};
  if (interpreter->needs_script_option) return unnamed;
  return {true, arguments[at], false};
}

}  // namespace tacit
