#include "cli/scan/hook.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "cli/input.h"
#include "cli/private_file.h"
#include "cli/scan/git.h"
#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

constexpr std::string_view kMark = "# Written by `tacit scan --install-hook`";
constexpr const char* kKept = ".before-tacit";
constexpr std::size_t kMaxHookBytes = 1024 * 1024;

/// What one of them does. Without a vault (9) there is nothing to be found; whatever else keeps the
/// scan from saying no stops the commit.
struct Script {
  std::string name;
  std::string scan;
  std::string found;
  std::string scanned;
};

Script script_of(HookKind kind) {
  if (kind == HookKind::kPreCommit) {
    return {"pre-commit", "tacit scan --staged", "a secret is staged", "what is staged"};
  }
  return {"commit-msg", "tacit scan --message \"$1\"", "a secret is in the message", "the message"};
}

std::string text_of(const Script& script) {
  return "#!/bin/sh\n" + std::string(kMark) + R"(
# No commit with a value of the vault in plain; `git commit --no-verify` goes past it.
)" + script.scan +
         R"(
code=$?
case $code in
  0 | 9) ;;
  10)
    echo ")" +
         script.name + ": " + script.found + R"(; nothing was committed" >&2
    exit 1
    ;;
  *)
    echo ")" +
         script.name + ": " + script.scanned +
         R"( could not be scanned (exit $code); nothing was committed" >&2
    exit 1
    ;;
esac
kept=$(dirname "$0")/)" +
         script.name + kKept + R"(
[ ! -x "$kept" ] || exec "$kept" "$@"
)";
}

Error io_error(const std::string& doing, const std::string& path) {
  return {Reason::kIoError, doing + " " + visible(path) + ": " + std::strerror(errno)};
}

Result<bool> is_ours(const std::string& path) {
  const auto content = read_file(path, kMaxHookBytes);
  if (!content.ok()) return content.error();
  const auto bytes = content->bytes();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.find(kMark) != std::string_view::npos;
}

}  // namespace

Result<InstalledHook> install_hook(HookKind kind) {
  const Script script = script_of(kind);
  const auto folder = git_says({"rev-parse", "--git-path", "hooks"});
  if (!folder.ok()) return folder.error();
  if (::mkdir(folder->c_str(), 0777) != 0 && errno != EEXIST) {
    return io_error("cannot make the folder", *folder);
  }
  InstalledHook hook;
  hook.path = *folder + "/" + script.name;
  struct stat facts {};
  if (::lstat(hook.path.c_str(), &facts) == 0) {
    if (::stat(hook.path.c_str(), &facts) == 0) {
      const auto ours = is_ours(hook.path);
      if (!ours.ok()) return ours.error();
      if (*ours) {
        hook.outcome = HookOutcome::kThere;
        return hook;
      }
    }
    hook.before = hook.path + kKept;
    hook.outcome = HookOutcome::kChained;
    if (::lstat(hook.before.c_str(), &facts) == 0) {
      return Error{Reason::kAlreadyExists, visible(hook.before) +
                                               " is there already, and would be lost; nothing was "
                                               "changed"};
    }
    if (::rename(hook.path.c_str(), hook.before.c_str()) != 0) {
      return io_error("cannot rename", hook.path);
    }
  }
  constexpr unsigned kExecutable = 0755;
  PrivateFile file(hook.path);
  auto written = file.write(as_bytes(text_of(script)), kExecutable);
  if (written.ok()) written = file.publish(false);
  if (written.ok()) return hook;
  if (hook.outcome == HookOutcome::kChained) ::rename(hook.before.c_str(), hook.path.c_str());
  return written.error();
}

}  // namespace tacit::cli
