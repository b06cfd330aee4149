#include "cli/clipboard/clipboard.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "cli/find_program.h"
#include "cli/pinentry/child.h"
#include "cli/run/sealed_file.h"
#include "cli/tool.h"
#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/write_all.h"
#include "tacit/reference.h"

namespace tacit::cli {
namespace {

struct WayName {
  ClipboardWay way;
  std::string_view name;
};
constexpr std::array<WayName, 3> kWays{{{ClipboardWay::kWlCopy, "wl-copy"},
                                        {ClipboardWay::kXclip, "xclip"},
                                        {ClipboardWay::kOsc52, "osc52"}}};

constexpr std::chrono::seconds kPatience{10};

bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

/// Empty: usable; else what is missing.
std::string lacks_program(std::string_view name, std::string_view package, const char* display,
                          std::string& path) {
  if (!is_set(display)) return std::string("there is no ") + display;
  auto found = find_program(name, program_folders());
  if (!found) return std::string(name) + " is not installed (package " + std::string(package) + ")";
  path = std::move(*found);
  return "";
}

std::string lacks_terminal(FileDescriptor& terminal) {
  const char* const type = std::getenv("TERM");
  if (type == nullptr || std::string_view(type) == "dumb" || std::string_view(type) == "linux" ||
      *type == '\0') {
    return "TERM names no terminal that has a clipboard";
  }
  terminal = FileDescriptor(::open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC));
  return terminal ? "" : "there is no terminal";
}

Result<void> ended_well(const Result<ToolEnd>& end, const std::string& program) {
  if (!end.ok()) return end.error();
  if (end->code == 0) return {};
  return Error{Reason::kIoError, program + " failed with " + std::to_string(end->code) +
                                     "; is the display there that it was told?"};
}

/// For wl-copy, which keeps what it offers in a file: that lies in memory then. Up to 2.2.1 it
/// takes /tmp whatever is said.
std::vector<std::string> display_environment() {
  std::vector<std::string> variables = window_environment();
  if (const char* const runtime = std::getenv("XDG_RUNTIME_DIR")) {
    std::erase_if(variables, [](const auto& entry) { return entry.starts_with("TMPDIR="); });
    variables.push_back("TMPDIR=" + std::string(runtime));
  }
  return variables;
}

}  // namespace

std::string_view clipboard_way_name(ClipboardWay way) noexcept {
  return std::ranges::find(kWays, way, &WayName::way)->name;
}

std::optional<ClipboardWay> clipboard_way(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(kWays, name, &WayName::name);
  if (found == kWays.end()) return {};
  return found->way;
}

std::vector<std::string> clipboard_way_names() {
  std::vector<std::string> names;
  for (const WayName& one : kWays) names.emplace_back(one.name);
  return names;
}

Result<Clipboard> Clipboard::find(std::optional<ClipboardWay> wanted) {
  std::string missing;
  for (const auto& [way, name] : kWays) {
    if (wanted && *wanted != way) continue;
    Clipboard found(way);
    std::string lack;
    switch (way) {
      case ClipboardWay::kWlCopy:
        lack = lacks_program("wl-copy", "wl-clipboard", "WAYLAND_DISPLAY", found.writer_);
        if (lack.empty()) {
          lack = lacks_program("wl-paste", "wl-clipboard", "WAYLAND_DISPLAY", found.reader_);
        }
        break;
      case ClipboardWay::kXclip:
        lack = lacks_program("xclip", "xclip", "DISPLAY", found.writer_);
        found.reader_ = found.writer_;
        break;
      case ClipboardWay::kOsc52:
        lack = lacks_terminal(found.terminal_);
        break;
    }
    if (lack.empty()) return found;
    missing += (missing.empty() ? "" : "; ") + std::string(name) + ": " + lack;
  }
  return Error{Reason::kInvalidArgument, "no clipboard can be reached: " + missing};
}

Result<void> Clipboard::put(const SecretBytes& value) const {
  if (way_ == ClipboardWay::kOsc52) {
    constexpr std::size_t kMostBytes = 74'994;  // xterm's own limit, in base64
    const SecretBytes sequence = osc52(value.bytes(), is_set("TMUX"));
    if (value.size() / 3 * 4 > kMostBytes) {
      return Error{Reason::kValueTooLarge, "the value is longer than terminals take (56 KiB)"};
    }
    return write_all(terminal_.get(), sequence.bytes(), "the terminal");
  }
  const auto input = sealed_file(value);
  if (!input.ok()) return input.error();
  const std::vector<std::string> arguments =
      way_ == ClipboardWay::kWlCopy ? std::vector<std::string>{"--type", "text/plain;charset=utf-8"}
                                    : std::vector<std::string>{"-selection", "clipboard", "-in"};
  return ended_well(
      run_tool({writer_, arguments, display_environment(), input->get(), Tool::Output::kNone},
               kPatience),
      writer_);
}

Result<SecretBytes> Clipboard::read() const {
  const std::vector<std::string> arguments =
      way_ == ClipboardWay::kWlCopy ? std::vector<std::string>{"--no-newline"}
                                    : std::vector<std::string>{"-selection", "clipboard", "-out"};
  auto end = run_tool({reader_, arguments, display_environment(), -1, Tool::Output::kStandard},
                      kPatience, kMaxValueBytes);
  if (!end.ok()) return end.error();
  if (end->code != 0) {
    return Error{Reason::kNotFound, "the clipboard holds no text"};
  }
  return std::move(end->output);
}

Result<void> Clipboard::clear() const {
  if (way_ != ClipboardWay::kWlCopy) return put(SecretBytes());
  return ended_well(
      run_tool({writer_, {"--clear"}, display_environment(), -1, Tool::Output::kNone}, kPatience),
      writer_);
}

}  // namespace tacit::cli
