#include "cli/scan/git.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "cli/output.h"
#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/display_text.h"

extern char** environ;

namespace tacit::cli {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10;

Error io_error(const std::string& what, int number) {
  return {Reason::kIoError, what + ": " + std::strerror(number)};
}

}  // namespace

Result<Git> Git::start(std::vector<std::string> arguments, bool complaints_too) {
  Git git;
  git.command_ = "git " + arguments.front();
  // A repository's own settings must not start programs on the way.
  const std::vector<std::string> before{"git", "-c", "core.fsmonitor=false", "--no-pager"};
  arguments.insert(arguments.begin(), before.begin(), before.end());
  std::vector<char*> pointers;
  for (std::string& each : arguments) pointers.push_back(each.data());
  pointers.push_back(nullptr);
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0) return io_error("no pipe to git", errno);
  git.input_ = in[1];
  if (::pipe2(out.data(), O_CLOEXEC) != 0) {
    ::close(in[0]);
    return io_error("no pipe to git", errno);
  }
  git.output_ = out[0];
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  if (complaints_too) ::posix_spawn_file_actions_adddup2(&actions, out[1], STDERR_FILENO);
  const int failed = ::posix_spawnp(&git.pid_, "git", &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  if (failed == 0) return git;
  git.pid_ = -1;
  if (failed == ENOENT) return Error{Reason::kNotFound, "there is no git to be found in PATH"};
  return io_error("cannot run git", failed);
}

Git::Git(Git&& other) noexcept
    : command_(std::move(other.command_)),
      pid_(std::exchange(other.pid_, -1)),
      input_(std::exchange(other.input_, -1)),
      output_(std::exchange(other.output_, -1)),
      buffer_(std::move(other.buffer_)),
      at_(other.at_) {}

Git::~Git() {
  close_input();
  if (output_ >= 0) ::close(output_);
  if (pid_ < 0) return;
  ::kill(pid_, SIGTERM);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Result<void> Git::write(std::string_view text) { return write_all(input_, as_bytes(text), "git"); }

void Git::close_input() {
  if (input_ >= 0) ::close(std::exchange(input_, -1));
}

Result<bool> Git::fill() {
  if (at_ < buffer_.size()) return true;
  buffer_.resize(kBufferBytes);
  at_ = 0;
  ssize_t got = 0;
  do {
    got = ::read(output_, buffer_.data(), buffer_.size());
  } while (got < 0 && errno == EINTR);
  const int number = errno;
  buffer_.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0) return io_error("cannot read from `" + command_ + "`", number);
  return got > 0;
}

Result<std::optional<std::string>> Git::read_until(char end) {
  std::string text;
  for (;;) {
    const auto more = fill();
    if (!more.ok()) return more.error();
    if (!*more) {
      return text.empty() ? std::optional<std::string>() : std::optional(std::move(text));
    }
    const std::size_t found = buffer_.find(end, at_);
    if (found != std::string::npos) {
      text.append(buffer_, at_, found - at_);
      at_ = found + 1;
      return std::optional(std::move(text));
    }
    text.append(buffer_, at_);
    at_ = buffer_.size();
  }
}

Result<std::size_t> Git::read(std::span<unsigned char> room) {
  const auto more = fill();
  if (!more.ok()) return more.error();
  const std::size_t size = *more ? std::min(room.size(), buffer_.size() - at_) : 0;
  std::copy_n(buffer_.data() + at_, size, room.data());
  at_ += size;
  return size;
}

Result<void> Git::finish() {
  close_input();
  int status = 0;
  pid_t ended = -1;
  do {
    ended = ::waitpid(pid_, &status, 0);
  } while (ended < 0 && errno == EINTR);
  pid_ = -1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return Error{Reason::kIoError, "`" + command_ + "` failed"};
}

Result<void> need_repository(const std::string& who) {
  auto git = Git::start({"rev-parse", "--git-dir"}, true);
  if (!git.ok()) return git.error();
  git->close_input();
  const auto line = git->read_until('\n');
  if (!line.ok()) return line.error();
  while (true) {
    const auto more = git->read_until('\n');
    if (!more.ok()) return more.error();
    if (!*more) break;
  }
  if (git->finish().ok()) return {};
  return Error{Reason::kIoError, who +
                                     " needs a git repository, and this folder is in none (git: `" +
                                     visible(line->value_or("")) + "`)"};
}

Result<std::string> git_says(std::vector<std::string> arguments) {
  auto git = Git::start(std::move(arguments));
  if (!git.ok()) return git.error();
  git->close_input();
  const auto text = git->read_until('\0');
  if (!text.ok()) return text.error();
  if (auto done = git->finish(); !done.ok()) return done.error();
  std::string said = text->value_or("");
  if (said.ends_with('\n')) said.pop_back();
  return said;
}

}  // namespace tacit::cli
