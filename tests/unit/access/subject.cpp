#include "tests/unit/access/subject.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>

namespace tacit::test {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail("pipe2");
  // High, so that the child's 3 and 4 are free.
  Pipe made{UniqueFd(::fcntl(ends[0], F_DUPFD_CLOEXEC, 20)),
            UniqueFd(::fcntl(ends[1], F_DUPFD_CLOEXEC, 20))};
  ::close(ends[0]);
  ::close(ends[1]);
  return made;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> result;
  for (const std::string& word : words) result.push_back(const_cast<char*>(word.c_str()));
  result.push_back(nullptr);
  return result;
}

}  // namespace

Subject::Subject(const std::string& executable, const std::vector<std::string>& argv,
                 const SubjectOptions& options) {
  Pipe in = make_pipe();
  Pipe out = make_pipe();
  Pipe started = make_pipe();
  int terminal = -1;
  if (options.own_terminal) {
    int controller = -1;
    char name[64];
    if (::openpty(&controller, &terminal, name, nullptr, nullptr) != 0) fail("openpty");
    controller_ = UniqueFd(controller);
    ::fcntl(controller, F_SETFD, FD_CLOEXEC);
    ::fcntl(terminal, F_SETFD, FD_CLOEXEC);
    terminal_ = name;
  }
  const std::vector<char*> arguments = pointers(argv);
  const std::vector<char*> environment = pointers(options.environment);
  pid_ = ::fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) {
    if (options.own_session || options.own_terminal) ::setsid();
    if (terminal >= 0) ::ioctl(terminal, TIOCSCTTY, 0);
    // The terminal's own number may be 3 or 4.
    const bool ready = ::dup2(options.typed_into ? terminal : in.read_end.get(), 0) == 0 &&
                       ::dup2(in.read_end.get(), 3) == 3 && ::dup2(out.write_end.get(), 4) == 4 &&
                       ::dup2(4, 1) == 1 &&
                       (options.folder.empty() || ::chdir(options.folder.c_str()) == 0);
    if (ready) ::execve(executable.c_str(), arguments.data(), environment.data());
    const int error = errno;
    [[maybe_unused]] const ssize_t told = ::write(started.write_end.get(), &error, sizeof error);
    ::_exit(127);
  }
  if (terminal >= 0) ::close(terminal);
  started.write_end.reset();
  int error = 0;
  // Its end comes with the exec.
  if (::read(started.read_end.get(), &error, sizeof error) != 0) {
    kill_and_reap();
    throw std::system_error(error, std::generic_category(), executable);
  }
  in_ = std::move(in.write_end);
  out_ = std::move(out.read_end);
}

Subject::~Subject() { kill_and_reap(); }

void Subject::kill_and_reap() {
  if (pid_ <= 0) return;
  in_.reset();
  // What it left behind in its session waits for the end of its input, too.
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void Subject::write(const std::string& text) {
  ASSERT_EQ(::write(in_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

std::string Subject::read_line() {
  std::string line;
  for (;;) {
    pollfd wait{out_.get(), POLLIN, 0};
    char c = 0;
    if (::poll(&wait, 1, 30'000) != 1 || ::read(out_.get(), &c, 1) != 1) {
      ADD_FAILURE() << "the program said no line, only: " << line;
      return "0";
    }
    if (c == '\n') return line;
    line += c;
  }
}

std::vector<std::string> shell(const std::string& script) { return {"sh", "-c", script}; }

ScratchFolder::ScratchFolder() {
  char name[] = "/tmp/tacit-XXXXXX";
  if (::mkdtemp(name) == nullptr) fail("mkdtemp");
  path_ = fs::canonical(name);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string ScratchFolder::path(const std::string& name) const {
  return name.empty() ? path_.string() : (path_ / name).string();
}

std::string ScratchFolder::program(const std::string& name) const {
  fs::create_directories((path_ / name).parent_path());
  fs::copy_file("/bin/cat", path_ / name, fs::copy_options::overwrite_existing);
  return path(name);
}

std::string ScratchFolder::file(const std::string& name, const std::string& content) const {
  fs::create_directories((path_ / name).parent_path());
  std::ofstream(path_ / name) << content;
  return path(name);
}

}  // namespace tacit::test
