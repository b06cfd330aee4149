// Policies, grants and decoys through a real daemon.
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tacit/v1/access.grpc.pb.h"
#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

using Access = pb::Access::Stub;
using Secrets = pb::Secrets::Stub;

class PolicyTest : public DaemonTest {
 protected:
  void SetUp() override {
    start_unlocked();
    access_ = pb::Access::NewStub(client_->channel());
  }
  pb::SetPolicyRequest reading(const std::string& name, pb::Policy policy) {
    pb::SetPolicyRequest request;
    if (!name.empty()) request.mutable_subject()->set_name(name);
    pb::VerbPolicy& one = *request.add_policies();
    one.set_verb(pb::VERB_READ);
    one.set_policy(policy);
    return request;
  }
  Outcome apply(const pb::SetPolicyRequest& request) {
    return client_->call(*access_, &Access::SetPolicy, request);
  }
  Outcome apply_with_key(pb::SetPolicyRequest request) {
    *request.mutable_authorization() = key_file(key_);
    return apply(request);
  }
  Outcome get_version(const std::string& name, std::uint64_t version) {
    pb::GetRequest request;
    request.mutable_item()->set_name(name);
    request.set_version(version);
    return client_->call(client_->secrets(), &Secrets::Get, request);
  }
  pb::Policy told(const std::string& name) {
    pb::DescribeRequest request;
    request.mutable_item()->set_name(name);
    pb::DescribeReply reply;
    EXPECT_TRUE(succeeded(client_->call(client_->secrets(), &Secrets::Describe, request, reply)));
    return reply.metadata().policy();
  }
  pb::ExplainReply explained(const std::string& name) {
    pb::ExplainRequest request;
    request.mutable_subject()->set_name(name);
    request.set_verb(pb::VERB_READ);
    pb::ExplainReply reply;
    EXPECT_TRUE(succeeded(client_->call(*access_, &Access::Explain, request, reply)));
    return reply;
  }
  std::vector<pb::Grant> grants() {
    std::vector<pb::ListGrantsReply> replies;
    EXPECT_TRUE(succeeded(
        client_->read_all(*access_, &Access::ListGrants, pb::ListGrantsRequest{}, replies)));
    std::vector<pb::Grant> all;
    for (const pb::ListGrantsReply& reply : replies) {
      all.insert(all.end(), reply.grants().begin(), reply.grants().end());
    }
    return all;
  }
  /// Replies under way at a lock get more time than a busy machine needs.
  void be_patient() {
    DaemonOptions options;
    options.arguments = {"--limit", "grace=20000"};
    restart(options);
    access_ = pb::Access::NewStub(client_->channel());
    ASSERT_TRUE(succeeded(unlock()));
  }
  /// Items of 400 kB, one of them a decoy, and the request for all of them.
  pb::GetBatchRequest big_batch(int items, int decoy) {
    pb::GetBatchRequest batch;
    for (int i = 0; i < items; ++i) {
      const std::string name = "n" + std::to_string(i);
      EXPECT_TRUE(succeeded(client_->set(name, std::string(400'000, 'x'))));
      batch.add_items()->mutable_item()->set_name(name);
    }
    pb::SetPolicyRequest mark;
    mark.mutable_subject()->set_name("n" + std::to_string(decoy));
    mark.set_tripwire(true);
    EXPECT_TRUE(succeeded(apply_with_key(mark)));
    return batch;
  }
  pb::AddGrantRequest for_this_process(const std::vector<std::string>& items) {
    pb::AddGrantRequest request;
    *request.mutable_authorization() = key_file(key_);
    request.add_verbs(pb::VERB_READ);
    for (const std::string& item : items) request.add_items(item);
    request.set_pid(::getpid());
    request.set_lifetime_ms(60'000);
    return request;
  }

  std::unique_ptr<Access> access_;
};

TEST_F(PolicyTest, TighteningNeedsNoCredentialLooseningDoes) {
  ASSERT_TRUE(succeeded(client_->set("mail", "v")));
  ASSERT_TRUE(succeeded(apply(reading("mail", pb::POLICY_CONFIRM))));
  EXPECT_TRUE(failed_with(client_->get("mail"), "NO_PROMPTER"));
  EXPECT_EQ(told("mail"), pb::POLICY_CONFIRM);
  EXPECT_TRUE(failed_with(apply(reading("mail", pb::POLICY_ASK)), "WRONG_CREDENTIAL"));
  pb::SetPolicyRequest wrong = reading("mail", pb::POLICY_OPEN);
  *wrong.mutable_authorization() = key_file(random_bytes(32));
  EXPECT_TRUE(failed_with(apply(wrong), "WRONG_CREDENTIAL"));
  EXPECT_TRUE(failed_with(client_->get("mail"), "NO_PROMPTER"));
  ASSERT_TRUE(succeeded(apply(reading("mail", pb::POLICY_DENY))));
  EXPECT_TRUE(failed_with(client_->get("mail"), "POLICY_DENIED"));
  ASSERT_TRUE(succeeded(apply_with_key(reading("mail", pb::POLICY_OPEN))));
  EXPECT_TRUE(succeeded(client_->get("mail")));
}

TEST_F(PolicyTest, PoliciesOutliveLockRestartMoveAndDeletion) {
  ASSERT_TRUE(succeeded(client_->set("mail", "one")));
  ASSERT_TRUE(succeeded(apply(reading("", pb::POLICY_DENY))));
  pb::RenameRequest rename;
  rename.mutable_item()->set_name("mail");
  rename.mutable_new_item()->set_collection("elsewhere");
  rename.mutable_new_item()->set_name("mail");
  ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &Secrets::Rename, rename)));
  pb::GetRequest moved;
  *moved.mutable_item() = rename.new_item();
  EXPECT_TRUE(
      failed_with(client_->call(client_->secrets(), &Secrets::Get, moved), "POLICY_DENIED"));
  restart();
  access_ = pb::Access::NewStub(client_->channel());
  ASSERT_TRUE(succeeded(unlock()));
  EXPECT_TRUE(
      failed_with(client_->call(client_->secrets(), &Secrets::Get, moved), "POLICY_DENIED"));
  ASSERT_TRUE(succeeded(client_->set("new", "v")));
  EXPECT_TRUE(failed_with(client_->get("new"), "POLICY_DENIED")) << "its collection is closed";
}

TEST_F(PolicyTest, OlderVersionsStayGuardedAndComeBackGuarded) {
  ASSERT_TRUE(succeeded(client_->set("mail", "one")));
  ASSERT_TRUE(succeeded(apply(reading("mail", pb::POLICY_DENY))));
  ASSERT_TRUE(succeeded(client_->set("mail", "two")));
  ASSERT_TRUE(succeeded(apply_with_key(reading("mail", pb::POLICY_OPEN))));
  EXPECT_TRUE(succeeded(client_->get("mail")));
  EXPECT_TRUE(failed_with(get_version("mail", 1), "POLICY_DENIED"));
  pb::RestoreRequest restore;
  restore.mutable_item()->set_name("mail");
  restore.set_version(1);
  ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &Secrets::Restore, restore)));
  EXPECT_TRUE(failed_with(client_->get("mail"), "POLICY_DENIED"));
}

TEST_F(PolicyTest, PinnedProgramsMayAndOthersMayNot) {
  ASSERT_TRUE(succeeded(client_->set("mail", "v")));
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  pb::SetPolicyRequest request = reading("mail", pb::POLICY_PINNED);
  request.set_set_pinned(true);
  EXPECT_TRUE(failed_with(apply(request), "INVALID_ARGUMENT"));
  request.add_pinned("/usr/bin/true");
  ASSERT_TRUE(succeeded(apply(request)));
  EXPECT_TRUE(failed_with(client_->get("mail"), "POLICY_DENIED"));
  request.add_pinned(self);
  EXPECT_TRUE(failed_with(apply(request), "WRONG_CREDENTIAL"));
  ASSERT_TRUE(succeeded(apply_with_key(request)));
  EXPECT_TRUE(succeeded(client_->get("mail")));
}

TEST_F(PolicyTest, ExplainSaysWhatWouldBeDecidedAndWhy) {
  ASSERT_TRUE(succeeded(client_->set("mail", "v")));
  EXPECT_EQ(explained("mail").verdict(), "allow");
  ASSERT_TRUE(succeeded(apply(reading("mail", pb::POLICY_CONFIRM))));
  EXPECT_EQ(explained("mail").verdict(), "confirm");
  EXPECT_NE(explained("mail").rule().find("item's policy"), std::string::npos);
  ASSERT_TRUE(succeeded(apply(reading("", pb::POLICY_DENY))));
  EXPECT_EQ(explained("mail").verdict(), "deny");
  EXPECT_NE(explained("mail").rule().find("collection's policy"), std::string::npos);
}

TEST_F(PolicyTest, ExplainTellsWhomItJudged) {
  ASSERT_TRUE(succeeded(client_->set("mail", "v")));
  const pb::ExplainReply reply = explained("mail");
  ASSERT_GT(reply.asker().chain_size(), 0);
  EXPECT_EQ(reply.asker().chain(0).pid(), ::getpid());
  EXPECT_EQ(reply.asker().chain(0).executable(),
            std::filesystem::read_symlink("/proc/self/exe").string());
  pb::ExplainRequest request;
  request.mutable_subject()->set_name("mail");
  request.set_verb(pb::VERB_READ);
  request.set_pid(daemon_->pid());
  pb::ExplainReply other;
  ASSERT_TRUE(succeeded(client_->call(*access_, &Access::Explain, request, other)));
  EXPECT_EQ(other.asker().chain(0).pid(), daemon_->pid());
}

TEST_F(PolicyTest, WhatMayNotBeListedHasNoPolicyToShow) {
  const auto policy_of = [this](const std::string& name) {
    pb::GetPolicyRequest request;
    request.mutable_subject()->set_name(name);
    return client_->call(*access_, &Access::GetPolicy, request);
  };
  const auto deny_lists = [this](const std::string& name) {
    pb::SetPolicyRequest request = reading(name, pb::POLICY_DENY);
    request.mutable_policies(0)->set_verb(pb::VERB_LIST);
    return apply(request);
  };
  ASSERT_TRUE(succeeded(client_->set("mail", "v")));
  ASSERT_TRUE(succeeded(client_->set("bank", "v")));
  EXPECT_TRUE(succeeded(policy_of("mail")));
  ASSERT_TRUE(succeeded(deny_lists("mail")));
  EXPECT_TRUE(succeeded(policy_of("bank")));
  const Outcome hidden = policy_of("mail"), absent = policy_of("absent");
  EXPECT_TRUE(failed_with(hidden, "NOT_FOUND"));
  EXPECT_EQ(hidden.reason, absent.reason);
  EXPECT_EQ(hidden.message, absent.message);
  ASSERT_TRUE(succeeded(deny_lists("")));
  const Outcome in_hidden = policy_of("bank"), absent_in_hidden = policy_of("absent");
  EXPECT_TRUE(failed_with(in_hidden, "POLICY_DENIED"));
  EXPECT_EQ(in_hidden.reason, absent_in_hidden.reason);
  EXPECT_EQ(in_hidden.message, absent_in_hidden.message);
  EXPECT_EQ(policy_of("mail").message, absent_in_hidden.message);
}

TEST_F(PolicyTest, APreparedGrantLetsAnUnattendedJobReadSoOften) {
  ASSERT_TRUE(succeeded(client_->set("mail", "v")));
  ASSERT_TRUE(succeeded(client_->set("bank", "v")));
  ASSERT_TRUE(succeeded(apply(reading("", pb::POLICY_ASK))));
  pb::AddGrantRequest add = for_this_process({"mail"});
  add.set_uses(2);
  pb::AddGrantReply added;
  ASSERT_TRUE(succeeded(client_->call(*access_, &Access::AddGrant, add, added)));
  EXPECT_TRUE(succeeded(client_->get("mail")));
  EXPECT_TRUE(failed_with(client_->get("bank"), "NO_PROMPTER"));
  ASSERT_EQ(grants().size(), 1u);
  EXPECT_EQ(grants()[0].uses_left(), 1u);
  restart();
  access_ = pb::Access::NewStub(client_->channel());
  ASSERT_TRUE(succeeded(unlock()));
  EXPECT_TRUE(succeeded(client_->get("mail")));
  EXPECT_TRUE(failed_with(client_->get("mail"), "NO_PROMPTER"));
}

TEST_F(PolicyTest, ARevokedGrantIsNone) {
  ASSERT_TRUE(succeeded(client_->set("mail", "v")));
  ASSERT_TRUE(succeeded(apply(reading("", pb::POLICY_CONFIRM))));
  pb::AddGrantRequest unnamed = for_this_process({});
  pb::AddGrantReply added;
  ASSERT_TRUE(succeeded(client_->call(*access_, &Access::AddGrant, unnamed, added)));
  EXPECT_TRUE(failed_with(client_->get("mail"), "NO_PROMPTER"))
      << "confirm is satisfied by a grant that names the item alone";
  ASSERT_TRUE(
      succeeded(client_->call(*access_, &Access::AddGrant, for_this_process({"mail"}), added)));
  EXPECT_TRUE(succeeded(client_->get("mail")));
  pb::RevokeGrantsRequest revoke;
  revoke.add_ids(added.id());
  pb::RevokeGrantsReply revoked;
  ASSERT_TRUE(succeeded(client_->call(*access_, &Access::RevokeGrants, revoke, revoked)));
  EXPECT_EQ(revoked.revoked(), 1u);
  EXPECT_TRUE(failed_with(client_->get("mail"), "NO_PROMPTER"));
  pb::AddGrantRequest without = for_this_process({"mail"});
  without.clear_authorization();
  EXPECT_FALSE(client_->call(*access_, &Access::AddGrant, without).ok());
}

TEST_F(PolicyTest, ABatchServesWhatItMayAndTellsOfTheRest) {
  ASSERT_TRUE(succeeded(client_->set("mail", "v")));
  ASSERT_TRUE(succeeded(client_->set("bank", "v")));
  ASSERT_TRUE(succeeded(apply(reading("bank", pb::POLICY_DENY))));
  pb::GetBatchRequest batch;
  batch.add_items()->mutable_item()->set_name("bank");
  batch.add_items()->mutable_item()->set_name("mail");
  std::vector<pb::GetBatchReply> replies;
  ASSERT_TRUE(succeeded(client_->read_all(client_->secrets(), &Secrets::GetBatch, batch, replies)));
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_EQ(replies[0].reason(), pb::REASON_POLICY_DENIED);
  EXPECT_FALSE(replies[0].has_item());
  EXPECT_EQ(replies[1].item().value(), "v");
}

TEST_F(PolicyTest, ADecoyIsGivenAndLocksTheVault) {
  ASSERT_TRUE(succeeded(client_->set("wallet", "decoy")));
  ASSERT_TRUE(succeeded(apply(reading("wallet", pb::POLICY_CONFIRM))));
  pb::SetPolicyRequest mark;
  mark.mutable_subject()->set_name("wallet");
  mark.set_tripwire(true);
  EXPECT_TRUE(failed_with(apply(mark), "WRONG_CREDENTIAL"));
  ASSERT_TRUE(succeeded(apply_with_key(mark)));
  EXPECT_EQ(told("wallet"), pb::POLICY_CONFIRM);
  EXPECT_EQ(explained("wallet").verdict(), "confirm") << "nothing tells that it is one";
  std::string value;
  ASSERT_TRUE(succeeded(client_->get("wallet", &value)));
  EXPECT_EQ(value, "decoy");
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_LOCKED);
}

TEST_F(PolicyTest, ADecoyInABatchLooksLikeAnyOtherItemOfIt) {
  be_patient();
  constexpr int kItems = 40;
  pb::GetBatchRequest batch;
  for (int i = 0; i < kItems; ++i) {
    const std::string name = "n" + std::to_string(i);
    ASSERT_TRUE(succeeded(client_->set(name, "value " + std::to_string(i))));
    batch.add_items()->mutable_item()->set_name(name);
  }
  batch.add_items()->mutable_item()->set_name("absent");
  ASSERT_TRUE(succeeded(apply(reading("n30", pb::POLICY_DENY))));
  std::vector<pb::GetBatchReply> before;
  ASSERT_TRUE(succeeded(client_->read_all(client_->secrets(), &Secrets::GetBatch, batch, before)));
  ASSERT_EQ(before.size(), std::size_t{kItems + 1});
  const auto mark = [&](const std::string& name, bool decoy) {
    pb::SetPolicyRequest request;
    request.mutable_subject()->set_name(name);
    request.set_tripwire(decoy);
    ASSERT_TRUE(succeeded(apply_with_key(request)));
  };
  for (const char* name : {"n0", "n17", "n39"}) {
    mark(name, true);
    std::vector<pb::GetBatchReply> replies;
    EXPECT_TRUE(
        succeeded(client_->read_all(client_->secrets(), &Secrets::GetBatch, batch, replies)));
    ASSERT_EQ(replies.size(), before.size()) << name;
    for (std::size_t i = 0; i < replies.size(); ++i) {
      EXPECT_EQ(replies[i].SerializeAsString(), before[i].SerializeAsString()) << name << ' ' << i;
    }
    EXPECT_EQ(client_->state(), pb::VAULT_STATE_LOCKED) << name;
    EXPECT_TRUE(failed_with(
        client_->read_all(client_->secrets(), &Secrets::GetBatch, batch, replies), "LOCKED"));
    ASSERT_TRUE(succeeded(client_->lock())) << "nothing is held back for it";
    ASSERT_TRUE(succeeded(unlock()));
    mark(name, false);
  }
}

TEST_F(PolicyTest, WhatIsTooMuchToReadAheadEndsWithTheLock) {
  be_patient();
  constexpr int kItems = 12;
  const pb::GetBatchRequest batch = big_batch(kItems, 2);
  std::vector<pb::GetBatchReply> replies;
  EXPECT_TRUE(failed_with(client_->read_all(client_->secrets(), &Secrets::GetBatch, batch, replies),
                          "LOCKED"));
  EXPECT_GT(replies.size(), 4u) << "not at the decoy";
  EXPECT_LT(replies.size(), std::size_t{kItems});
}

TEST_F(PolicyTest, WhoDoesNotTakeADecoysBatchHoldsNothingUp) {
  const pb::GetBatchRequest batch = big_batch(4, 0);
  StockClient watcher(home_.socket());
  StockClient slow(home_.socket(), {{GRPC_ARG_HTTP2_BDP_PROBE, 0}});
  const auto watching = context();
  const auto states = watcher.session().Watch(watching.get(), pb::WatchSessionRequest());
  pb::SessionEvent event;
  ASSERT_TRUE(states->Read(&event));
  ASSERT_EQ(event.state(), pb::VAULT_STATE_UNLOCKED);
  const auto stalled = context();
  const auto replies = slow.secrets().GetBatch(stalled.get(), batch);
  ASSERT_TRUE(states->Read(&event)) << "nobody reads the batch";
  EXPECT_EQ(event.state(), pb::VAULT_STATE_LOCKED);
  EXPECT_TRUE(succeeded(watcher.lock())) << "it waits for what is under way, and no longer";
  std::vector<pb::GetBatchReply> taken;
  for (pb::GetBatchReply reply; replies->Read(&reply);) taken.push_back(reply);
  EXPECT_FALSE(outcome_of(replies->Finish(), *stalled).ok()) << "it was cut";
  EXPECT_LT(taken.size(), 4u);
}

TEST_F(PolicyTest, TheDefaultGuardsWhatHasNoPolicyOfItsOwn) {
  ASSERT_TRUE(succeeded(client_->set("mail", "v")));
  configure("[access]\ndefault_policy = \"ask\"\n");
  restart();
  ASSERT_TRUE(succeeded(unlock()));
  EXPECT_TRUE(failed_with(client_->get("mail"), "NO_PROMPTER"));
}

}  // namespace
}  // namespace tacit::test
