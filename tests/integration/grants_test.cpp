// Prepared grants and a new boot: what is bound to a process ends with it, what is bound to a
// program does not.
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

using Access = pb::Access::Stub;

class PreparedGrants : public DaemonTest {
 protected:
  void SetUp() override {
    if (const std::string why = why_no_mounts(); !why.empty()) GTEST_SKIP() << why;
    start_unlocked();
    ASSERT_TRUE(succeeded(client_->set("mail", "v")));
    pb::SetPolicyRequest ask;
    pb::VerbPolicy& reading = *ask.add_policies();
    reading.set_verb(pb::VERB_READ);
    reading.set_policy(pb::POLICY_ASK);
    ASSERT_TRUE(succeeded(client_->call(client_->access(), &Access::SetPolicy, ask)));
    ASSERT_TRUE(failed_with(client_->get("mail"), "NO_PROMPTER"));
  }
  pb::AddGrantRequest reading_mail() const {
    pb::AddGrantRequest request;
    *request.mutable_authorization() = key_file(key_);
    request.add_verbs(pb::VERB_READ);
    request.add_items("mail");
    request.set_lifetime_ms(600'000);
    return request;
  }
  void add(const pb::AddGrantRequest& request) {
    pb::AddGrantReply added;
    ASSERT_TRUE(succeeded(client_->call(client_->access(), &Access::AddGrant, request, added)));
  }
  /// A daemon for which the machine was started anew.
  void restart_on_another_boot() {
    const std::string id = home_.path() / "boot-id";
    write_file(id, "01234567-89ab-4cde-8f01-23456789abcd\n");
    DaemonOptions another_boot;
    another_boot.launcher = with_mounts("mount --bind " + id + " /proc/sys/kernel/random/boot_id");
    restart(another_boot);
    ASSERT_TRUE(succeeded(unlock()));
  }
  std::vector<pb::Grant> grants() {
    std::vector<pb::ListGrantsReply> replies;
    EXPECT_TRUE(succeeded(client_->read_all(client_->access(), &Access::ListGrants,
                                            pb::ListGrantsRequest{}, replies)));
    std::vector<pb::Grant> all;
    for (const pb::ListGrantsReply& reply : replies) {
      all.insert(all.end(), reply.grants().begin(), reply.grants().end());
    }
    return all;
  }
};

TEST_F(PreparedGrants, OfAProcessEndsWithTheBoot) {
  pb::AddGrantRequest tree = reading_mail();
  tree.set_pid(::getpid());
  add(tree);
  EXPECT_TRUE(succeeded(client_->get("mail")));
  restart();
  ASSERT_TRUE(succeeded(unlock()));
  EXPECT_TRUE(succeeded(client_->get("mail"))) << "the same process, on the same boot";
  restart_on_another_boot();
  EXPECT_TRUE(failed_with(client_->get("mail"), "NO_PROMPTER"));
  EXPECT_TRUE(grants().empty());
}

TEST_F(PreparedGrants, OfAProgramOutlivesTheBootWithItsUses) {
  pb::AddGrantRequest program = reading_mail();
  program.set_program(std::filesystem::read_symlink("/proc/self/exe"));
  program.set_uses(3);
  add(program);
  EXPECT_TRUE(succeeded(client_->get("mail")));
  restart_on_another_boot();
  ASSERT_EQ(grants().size(), 1u);
  EXPECT_EQ(grants()[0].uses_left(), 2u);
  EXPECT_TRUE(succeeded(client_->get("mail")));
  EXPECT_TRUE(succeeded(client_->get("mail")));
  EXPECT_TRUE(failed_with(client_->get("mail"), "NO_PROMPTER"));
}

}  // namespace
}  // namespace tacit::test
