#include "daemon/os/locked_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>

#include "daemon/base/status.h"
#include "tests/unit/os/child.h"

namespace tacit {
namespace {

#ifndef TACIT_SANITIZER

TEST(LockedMemory, CountsWhatIsLocked) {
  constexpr std::size_t kSize = 64 * 1024;
  const auto before = locked_memory_bytes();
  ASSERT_TRUE(before.ok()) << before.status();
  void* memory = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  ASSERT_EQ(mlock(memory, kSize), 0);
  EXPECT_EQ(*locked_memory_bytes(), *before + kSize);
  EXPECT_TRUE(check_locked(kSize).ok());
  EXPECT_EQ(reason_of(check_locked(*before + kSize + 1)), Reason::kLimit);
  munmap(memory, kSize);
  EXPECT_EQ(*locked_memory_bytes(), *before);
}

TEST(LockedMemory, CheckLeavesNothingLocked) {
  const auto before = locked_memory_bytes();
  EXPECT_TRUE(check_memory_lock(100'000).ok());
  EXPECT_EQ(*locked_memory_bytes(), *before);
}

TEST(LockedMemory, ALowLimitIsNamed) {
  const int result = run_in_child([] {
    if (geteuid() == 0) {
      // Root may lock without limit, unless it gives its privileges up.
      REQUIRE_IN_CHILD(setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0);
    }
    const rlimit none{4096, 4096};
    REQUIRE_IN_CHILD(setrlimit(RLIMIT_MEMLOCK, &none) == 0);
    const auto checked = check_memory_lock(1'000'000);
    REQUIRE_IN_CHILD(reason_of(checked) == Reason::kLimit);
    const std::string message(checked.message());
    REQUIRE_IN_CHILD(message.find("RLIMIT_MEMLOCK is 4096") != std::string::npos);
    return 0;
  });
  EXPECT_EQ(result, 0);
}

#else

TEST(LockedMemory, SanitizersLockNothing) { EXPECT_TRUE(check_memory_lock(100'000).ok()); }

#endif

}  // namespace
}  // namespace tacit
