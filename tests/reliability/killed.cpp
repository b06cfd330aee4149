#include "tests/reliability/killed.h"

#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iterator>
#include <stdexcept>

namespace tacit::test {
namespace {

struct Call {
  int number;
  const char* name;
};
/// Every call by which data, names or lengths on a disk change, or are made to stay.
const Call kWriting[] = {
    {SCMP_SYS(write), "write"},
    {SCMP_SYS(writev), "writev"},
    {SCMP_SYS(pwrite64), "pwrite"},
    {SCMP_SYS(pwritev), "pwritev"},
    {SCMP_SYS(pwritev2), "pwritev2"},
    {SCMP_SYS(sendfile), "sendfile"},
    {SCMP_SYS(copy_file_range), "copy_file_range"},
    {SCMP_SYS(fsync), "fsync"},
    {SCMP_SYS(fdatasync), "fdatasync"},
    {SCMP_SYS(sync_file_range), "sync_file_range"},
    {SCMP_SYS(ftruncate), "ftruncate"},
    {SCMP_SYS(truncate), "truncate"},
    {SCMP_SYS(fallocate), "fallocate"},
    {SCMP_SYS(rename), "rename"},
    {SCMP_SYS(renameat), "renameat"},
    {SCMP_SYS(renameat2), "renameat2"},
    {SCMP_SYS(unlink), "unlink"},
    {SCMP_SYS(unlinkat), "unlinkat"},
    {SCMP_SYS(mkdir), "mkdir"},
    {SCMP_SYS(mkdirat), "mkdirat"},
    {SCMP_SYS(rmdir), "rmdir"},
    {SCMP_SYS(link), "link"},
    {SCMP_SYS(linkat), "linkat"},
    {SCMP_SYS(creat), "creat"},
};
constexpr int kCreatingOpen = std::size(kWriting);

/// From here on the tracer hears of each of them.
bool tell_tracer() {
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (filter == nullptr) return false;
  bool fine = true;
  for (int i = 0; i < kCreatingOpen; ++i) {
    fine = fine && seccomp_rule_add(filter, SCMP_ACT_TRACE(i), kWriting[i].number, 0) == 0;
  }
  for (const unsigned flag : {O_CREAT, O_TRUNC}) {
    fine = fine && seccomp_rule_add(filter, SCMP_ACT_TRACE(kCreatingOpen), SCMP_SYS(openat), 1,
                                    SCMP_A2(SCMP_CMP_MASKED_EQ, flag, flag)) == 0;
    fine = fine && seccomp_rule_add(filter, SCMP_ACT_TRACE(kCreatingOpen), SCMP_SYS(open), 1,
                                    SCMP_A1(SCMP_CMP_MASKED_EQ, flag, flag)) == 0;
  }
  fine = fine && seccomp_load(filter) == 0;
  seccomp_release(filter);
  return fine;
}

}  // namespace

Ended run_and_kill(int n, const std::function<bool()>& prepare, const std::function<void()>& body) {
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) {
    if (!prepare()) _exit(3);
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    raise(SIGSTOP);
    if (!tell_tracer()) _exit(4);
    body();
    _exit(0);
  }
  Ended out;
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFSTOPPED(status)) return out;  // `prepare` failed
  ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL);
  for (;;) {
    ptrace(PTRACE_CONT, child, nullptr, nullptr);
    if (waitpid(child, &status, 0) != child) throw std::runtime_error("waitpid");
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      out.finished = WIFEXITED(status) && WEXITSTATUS(status) == 0;
      return out;
    }
    if (status >> 8 != (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) continue;
    unsigned long which = 0;
    ptrace(PTRACE_GETEVENTMSG, child, nullptr, &which);
    out.last_call = which < kCreatingOpen ? kWriting[which].name : "open";
    ++out.by_name[out.last_call];
    if (++out.calls != n) continue;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    out.killed = true;
    return out;
  }
}

SharedNumber::SharedNumber()
    : number_(static_cast<volatile int*>(
          mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
  if (number_ == MAP_FAILED) throw std::runtime_error("mmap");
  *number_ = 0;
}
SharedNumber::~SharedNumber() { munmap(const_cast<int*>(number_), sizeof(int)); }

}  // namespace tacit::test
