#include "cli/output_file.h"

#include <sys/stat.h>

#include "cli/output.h"
#include "cli/private_file.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

/// Whether what has the output's name may be replaced. kAlreadyExists: it may not.
Result<bool> may_replace(Context& context, const std::string& path, bool force) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) return force;
  const std::string shown = visible(path);
  // A device or a pipe is not replaced by a file, whatever is said.
  if (!S_ISREG(facts.st_mode) && !S_ISLNK(facts.st_mode)) {
    return Error{Reason::kInvalidArgument, shown + " is no file; say `-o -` for standard output"};
  }
  if (force) return true;
  if (Terminal* terminal = context.terminal()) {
    auto yes = terminal->confirm(shown + " exists. Overwrite it?", false);
    if (!yes.ok() || *yes) return yes;
  }
  return Error{Reason::kAlreadyExists,
               shown + " exists and was left as it is; --force replaces it"};
}

}  // namespace

Result<void> write_output(Context& context, const std::string& path, bool force,
                          std::span<const unsigned char> content) {
  if (path == kStandardStream) return print(content);
  const auto replace = may_replace(context, path, force);
  if (!replace.ok()) return replace.error();
  PrivateFile file(path);
  auto written = file.write(content);
  return written.ok() ? file.publish(*replace) : written;
}

}  // namespace tacit::cli
