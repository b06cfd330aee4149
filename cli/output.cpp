#include "cli/output.h"

#include <unistd.h>

#include <cstdlib>
#include <string>

#include "cli/exit_code.h"
#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

bool colour() {
  const char* no_color = std::getenv("NO_COLOR");
  return isatty(STDERR_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
}

}  // namespace

Result<void> print(std::span<const unsigned char> bytes) {
  return write_all(STDOUT_FILENO, bytes, "standard output");
}

Result<void> print(std::string_view text) { return print(as_bytes(text)); }

void complain(std::string_view message) {
  const std::string line =
      (colour() ? "\x1b[31mtacit:\x1b[0m " : "tacit: ") + visible(message) + "\n";
  (void)write_all(STDERR_FILENO, as_bytes(line), "standard error");
}

void remark(std::string_view message) {
  const std::string line = "tacit: " + visible(message) + "\n";
  (void)write_all(STDERR_FILENO, as_bytes(line), "standard error");
}

int fail(const Error& error) {
  complain(error.message.empty() ? reason_name(error.code) : std::string_view(error.message));
  return exit_code(error.code);
}

int finish(const Result<void>& printed) { return printed.ok() ? kExitOk : fail(printed.error()); }

int fail_usage(std::string_view message) {
  complain(message);
  return kExitUsage;
}

}  // namespace tacit::cli
