#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>

#include "daemon/base/status.h"
#include "daemon/os/harden.h"

#ifndef TACIT_SANITIZER
#include <seccomp.h>
#endif

namespace tacit {

#ifdef TACIT_SANITIZER

bool syscall_filter_available() noexcept { return false; }
absl::Status install_syscall_filter() { return absl::OkStatus(); }

#else

namespace {

// A forbidden call fails instead of ending the process. The call is denied either way; but
// libraries try things out (gRPC whether IPv6 is there, glibc whether clone3 is), and a daemon
// that dies of such a probe takes the user's session with it, which anyone able to provoke one
// would have for a weapon.
constexpr std::uint32_t kDeny = SCMP_ACT_ERRNO(EPERM);

// The kernel takes clone's flags as the second argument on s390 alone.
#if defined(__s390__) || defined(__s390x__)
constexpr unsigned kCloneFlags = 1;
#else
constexpr unsigned kCloneFlags = 0;
#endif

// Other programs and processes, other processes' memory, ways round the filter (io_uring does
// system calls that no filter sees), and what only a kernel exploit would want.
constexpr int kForbidden[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(process_madvise),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(kcmp),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(keyctl),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(move_mount),
    SCMP_SYS(fsopen),
    SCMP_SYS(open_tree),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(setns),
    SCMP_SYS(unshare),
    SCMP_SYS(personality),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(acct),
    SCMP_SYS(quotactl),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(syslog),
    SCMP_SYS(vhangup),
};

class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_ALLOW), &seccomp_release) {}
  bool ready() const { return context_ != nullptr; }

  template <class... Conditions>
  void deny(std::uint32_t action, int call, Conditions... conditions) {
    const int error =
        seccomp_rule_add(context_.get(), action, call, sizeof...(conditions), conditions...);
    if (error < 0 && first_error_ == 0) first_error_ = -error;
  }
  /// 0 or an errno.
  int load() {
    if (first_error_ != 0) return first_error_;
    return -seccomp_load(context_.get());
  }

 private:
  std::unique_ptr<void, decltype(&seccomp_release)> context_;
  int first_error_ = 0;
};

}  // namespace

bool syscall_filter_available() noexcept { return true; }

absl::Status install_syscall_filter() {
  Filter filter;
  if (!filter.ready()) return make_error(Reason::kInternal, "seccomp_init failed: out of memory");
  for (const int call : kForbidden) filter.deny(kDeny, call);
  // Compared as 64 bits: a number that the kernel would cut to AF_UNIX is refused as well.
  for (const int call : {SCMP_SYS(socket), SCMP_SYS(socketpair)}) {
    filter.deny(kDeny, call, SCMP_A0_64(SCMP_CMP_NE, AF_UNIX));
  }
  filter.deny(kDeny, SCMP_SYS(clone), SCMP_CMP64(kCloneFlags, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
  // Its flags lie in memory, which a filter cannot read; on ENOSYS glibc takes clone.
  filter.deny(SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3));
  // Typing into somebody's terminal.
  filter.deny(kDeny, SCMP_SYS(ioctl), SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, 0xFFFFFFFF, TIOCSTI));

  const int error = filter.load();
  if (error == 0) return absl::OkStatus();
  const std::string why = std::generic_category().message(error);
  if (error == EINVAL || error == ENOSYS) {
    return make_error(Reason::kUnsupported, "this kernel has no system call filter: " + why);
  }
  return make_error(Reason::kInternal, "installing the system call filter failed: " + why);
}

#endif

}  // namespace tacit
