// This program links neither tacit_wipe nor its waiver: the self-test must say so.
#include <gtest/gtest.h>

#include "daemon/base/status.h"
#include "daemon/os/wipe.h"

namespace tacit {
namespace {

TEST(WipeAbsent, TheSelfTestFails) {
#ifdef TACIT_SANITIZER
  GTEST_SKIP() << "sanitizers have an allocator of their own";
#endif
  EXPECT_FALSE(wipe_in_force());
  EXPECT_EQ(reason_of(check_wipe()), Reason::kInternal);
}

}  // namespace
}  // namespace tacit
