#include "cli/exit_code.h"

#include <gtest/gtest.h>

namespace tacit::cli {
namespace {

// The numbers are a promise to scripts: they are written out here on purpose.
TEST(ExitCode, EachReasonHasTheCodeThatIsPromised) {
  EXPECT_EQ(exit_code(Reason::kInvalidArgument), 2);
  EXPECT_EQ(exit_code(Reason::kLocked), 3);
  EXPECT_EQ(exit_code(Reason::kNotFound), 4);
  EXPECT_EQ(exit_code(Reason::kNoDaemon), 5);
  EXPECT_EQ(exit_code(Reason::kDaemonUntrusted), 5);
  EXPECT_EQ(exit_code(Reason::kWrongCredential), 6);
  for (const Reason reason :
       {Reason::kVaultDamaged, Reason::kRollback, Reason::kFork, Reason::kNotAVault}) {
    EXPECT_EQ(exit_code(reason), 7);
    EXPECT_EQ(grpc_code(reason), 15);  // exactly the DATA_LOSS ones
  }
  for (const Reason reason : {Reason::kPolicyDenied, Reason::kUserDenied, Reason::kNoPrompter,
                              Reason::kUntrustedFolder}) {
    EXPECT_EQ(exit_code(reason), 8);
  }
  EXPECT_EQ(exit_code(Reason::kNoVault), 9);
  EXPECT_EQ(exit_code(Reason::kVersionMismatch), 11);
  EXPECT_EQ(exit_code(Reason::kExpired), 12);
  for (const Reason reason : {Reason::kUnspecified, Reason::kAlreadyExists, Reason::kValueTooLarge,
                              Reason::kTimeout, Reason::kDiskFull, Reason::kCancelled}) {
    EXPECT_EQ(exit_code(reason), 1);
  }
}

}  // namespace
}  // namespace tacit::cli
