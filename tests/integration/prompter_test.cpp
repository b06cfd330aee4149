// The user's prompter: who may be one, what it is asked, which of its answers count.
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tacit/client.h"
#include "tests/integration/harness/daemon_test.h"
#include "tests/integration/harness/raw_connection.h"

namespace tacit::test {
namespace {

constexpr std::chrono::seconds kPatience{20};

/// A prompter by stock grpc++ that notes what it is told.
class StockPrompter {
 public:
  StockPrompter(const std::string& socket, const pb::PromptRequest& request)
      : client_(socket),
        context_(context(std::chrono::minutes(2))),
        reader_(client_.access().Prompt(context_.get(), request)),
        thread_([this] {
          for (pb::PromptEvent event; reader_->Read(&event);) put(event);
          put({});
        }) {}
  ~StockPrompter() { leave(); }
  StockPrompter(const StockPrompter&) = delete;
  StockPrompter& operator=(const StockPrompter&) = delete;

  /// The next event; one without content when the stream is over. Fails the test in vain.
  pb::PromptEvent next() {
    std::unique_lock lock(mutex_);
    if (!came_.wait_for(lock, kPatience, [this] { return !events_.empty(); })) {
      ADD_FAILURE() << "the prompter was told nothing";
      return {};
    }
    pb::PromptEvent event = events_.front();
    events_.pop_front();
    return event;
  }
  pb::Question question() {
    const pb::PromptEvent event = next();
    EXPECT_TRUE(event.has_question()) << event.ShortDebugString();
    return event.question();
  }
  bool idle() {
    const std::lock_guard lock(mutex_);
    return events_.empty();
  }
  Outcome answer(const pb::AnswerRequest& request, pb::AnswerReply* reply = nullptr) {
    pb::AnswerReply ignored;
    return client_.call(client_.access(), &pb::Access::Stub::Answer, request,
                        reply != nullptr ? *reply : ignored);
  }
  /// Cancels the stream and waits for its end.
  Outcome leave() {
    if (!thread_.joinable()) return {};
    context_->TryCancel();
    return wait();
  }
  Outcome wait() {
    thread_.join();
    return outcome_of(reader_->Finish(), *context_);
  }

 private:
  void put(const pb::PromptEvent& event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
    came_.notify_one();
  }

  StockClient client_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<pb::PromptEvent>> reader_;
  std::mutex mutex_;  ///< guards the two below
  std::condition_variable came_;
  std::deque<pb::PromptEvent> events_;
  std::thread thread_;
};

pb::AnswerRequest answer_to(const pb::Question& question, pb::Decision decision) {
  pb::AnswerRequest out;
  out.set_question_id(question.id());
  out.set_decision(decision);
  return out;
}

class Prompter : public DaemonTest {
 protected:
  void SetUp() override {
    configure("[access]\nquestion_timeout = \"20s\"\n");
    start_unlocked();
  }

  std::unique_ptr<StockPrompter> prompter(bool proven) {
    pb::PromptRequest request;
    request.set_means("test");
    if (proven) *request.mutable_credential() = key_file(key_);
    auto out = std::make_unique<StockPrompter>(home_.socket(), request);
    const pb::PromptEvent first = out->next();
    EXPECT_TRUE(first.has_registered()) << first.ShortDebugString();
    EXPECT_EQ(first.registered().proven(), proven);
    return out;
  }
  Outcome refused(const pb::PromptRequest& request) {
    StockPrompter other(home_.socket(), request);
    EXPECT_EQ(other.next().event_case(), pb::PromptEvent::EVENT_NOT_SET);
    return other.wait();
  }

  pb::AnswerRequest unlocking(const pb::Question& question, const std::string& key) {
    pb::AnswerRequest out = answer_to(question, pb::DECISION_ONCE);
    *out.mutable_credential() = key_file(key);
    return out;
  }

  std::vector<pb::AuditRecord> audit(pb::AuditVerdict verdict) {
    pb::AuditRequest request;
    request.set_verdict(verdict);
    std::vector<pb::AuditReply> replies;
    EXPECT_TRUE(succeeded(
        client_->read_all(client_->access(), &pb::Access::Stub::Audit, request, replies)));
    std::vector<pb::AuditRecord> out;
    for (const pb::AuditReply& reply : replies) {
      out.insert(out.end(), reply.records().begin(), reply.records().end());
    }
    return out;
  }
  /// `Secrets.Get a user: deny` of the last denial.
  std::string last_denial() {
    const auto denied = audit(pb::AUDIT_VERDICT_DENIED);
    if (denied.empty()) return "none";
    const pb::AuditRecord& last = denied.back();
    return last.method() + " " + last.item().name() + " " + last.rule();
  }

  /// A read in a thread of its own that may ask.
  std::future<Outcome> get_later(const std::string& name, pb::GetReply* reply = nullptr) {
    return std::async(std::launch::async, [this, name, reply] {
      const auto client = connect();
      pb::GetRequest request;
      request.mutable_item()->set_name(name);
      request.set_interaction(pb::INTERACTION_ALLOW);
      pb::GetReply ignored;
      return client->call(client->secrets(), &pb::Secrets::Stub::Get, request,
                          reply != nullptr ? *reply : ignored);
    });
  }
  static pb::GetOrAskRequest asking(const std::string& name) {
    pb::GetOrAskRequest request;
    request.mutable_item()->set_name(name);
    request.set_prompt("type it");
    auto& attribute = *request.mutable_attributes()->add_attributes();
    attribute.set_key("k");
    attribute.set_value("v");
    return request;
  }
  std::future<Outcome> get_or_ask_later(const std::string& name, pb::GetReply* reply = nullptr) {
    return std::async(std::launch::async, [this, name, reply] {
      const auto client = connect();
      pb::GetReply ignored;
      return client->call(client->secrets(), &pb::Secrets::Stub::GetOrAsk, asking(name),
                          reply != nullptr ? *reply : ignored);
    });
  }
};

// ---- Who may be one.

TEST_F(Prompter, WithAWrongPassphraseIsRefused) {
  pb::PromptRequest request;
  *request.mutable_credential() = key_file(random_bytes(32));
  EXPECT_TRUE(failed_with(refused(request), "WRONG_CREDENTIAL"));
  *request.mutable_credential() = key_file("short");
  EXPECT_TRUE(failed_with(refused(request), "INVALID_ARGUMENT"));
  ASSERT_TRUE(succeeded(client_->lock()));
  *request.mutable_credential() = key_file(random_bytes(32));
  EXPECT_TRUE(failed_with(refused(request), "WRONG_CREDENTIAL"));
  prompter(true);  // the right one is known while the vault is locked, too
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_LOCKED);
}

TEST_F(Prompter, ASecondIsRefusedUntilTheFirstHasGone) {
  auto first = prompter(true);
  const Outcome second = refused({});
  EXPECT_TRUE(failed_with(second, "POLICY_DENIED"));
  EXPECT_NE(second.message.find("another prompter"), std::string::npos) << second;
  first->leave();
  // The daemon learns of the end a moment later.
  for (int attempt = 0;; ++attempt) {
    StockPrompter next(home_.socket(), {});
    if (next.next().has_registered()) break;
    ASSERT_LT(attempt, 1000);
  }
}

TEST_F(Prompter, ComingRefusedAndGoneIsInTheLog) {
  auto first = prompter(true);
  EXPECT_TRUE(failed_with(refused({}), "POLICY_DENIED"));
  EXPECT_EQ(last_denial(), "Access.Prompt  another prompter");
  first->leave();
  pb::PromptRequest wrong;
  *wrong.mutable_credential() = key_file(random_bytes(32));
  // The daemon learns of the end a moment later.
  std::string denial;
  for (int attempt = 0; denial != "Access.Prompt  wrong credential"; ++attempt) {
    ASSERT_LT(attempt, 1000) << denial;
    (void)refused(wrong);
    denial = last_denial();
  }
  std::vector<std::string> told;
  for (const pb::AuditRecord& record : audit(pb::AUDIT_VERDICT_EVENT)) {
    if (record.method() != "Access.Prompt") continue;
    told.push_back(record.event());
    EXPECT_EQ(record.asker().chain(0).pid(), ::getpid());
  }
  EXPECT_EQ(told, (std::vector<std::string>{"a prompter registered, test, proven by a credential",
                                            "the prompter ended"}));
}

TEST_F(Prompter, EndsWithTheDaemon) {
  auto prompter = this->prompter(false);
  daemon_->signal(SIGTERM);
  EXPECT_EQ(prompter->next().event_case(), pb::PromptEvent::EVENT_NOT_SET);
  EXPECT_EQ(prompter->wait().code, grpc::StatusCode::UNAVAILABLE);
  daemon_->wait();
}

// ---- Unlocking on demand.

TEST_F(Prompter, UnlocksForAllWhoWaitByOneQuestion) {
  ASSERT_TRUE(succeeded(client_->set("a", "value")));
  auto prompter = this->prompter(false);
  ASSERT_TRUE(succeeded(client_->lock()));
  constexpr int kClients = 40;
  constexpr int kCallsEach = 25;
  grpc::CompletionQueue queue;
  struct One {
    std::unique_ptr<grpc::ClientContext> ctx = context(std::chrono::seconds(60));
    pb::GetReply reply;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<pb::GetReply>> call;
  };
  std::vector<std::unique_ptr<StockClient>> clients;
  std::vector<std::unique_ptr<One>> calls;
  pb::GetRequest request;
  request.mutable_item()->set_name("a");
  request.set_interaction(pb::INTERACTION_ALLOW);
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(connect());
    for (int j = 0; j < kCallsEach; ++j) {
      auto one = std::make_unique<One>();
      one->call = clients.back()->secrets().AsyncGet(one->ctx.get(), request, &queue);
      one->call->Finish(&one->reply, &one->status, one.get());
      calls.push_back(std::move(one));
    }
  }
  const pb::Question question = prompter->question();
  EXPECT_EQ(question.kind(), pb::QUESTION_KIND_UNLOCK);
  EXPECT_TRUE(question.needs_credential());
  EXPECT_GT(question.timeout_ms(), 0);
  EXPECT_EQ(question.asker().chain(0).pid(), ::getpid());
  ASSERT_TRUE(succeeded(prompter->answer(unlocking(question, key_))));
  for (std::size_t i = 0; i < calls.size(); ++i) {
    void* tag = nullptr;
    bool ok = false;
    ASSERT_TRUE(queue.Next(&tag, &ok));
    EXPECT_TRUE(static_cast<One*>(tag)->status.ok())
        << static_cast<One*>(tag)->status.error_message();
    EXPECT_EQ(static_cast<One*>(tag)->reply.value(), "value");
  }
  EXPECT_TRUE(prompter->idle()) << "one question for a thousand";
}

TEST_F(Prompter, LockedIsSaidAtOnceWhereNobodyIsAsked) {
  ASSERT_TRUE(succeeded(client_->lock()));
  EXPECT_TRUE(failed_with(get_later("a").get(), "LOCKED"));  // no prompter
  auto prompter = this->prompter(false);
  EXPECT_TRUE(failed_with(client_->get("a"), "LOCKED"));  // interaction: never
  EXPECT_TRUE(prompter->idle());
}

TEST_F(Prompter, AWrongPassphraseIsAskedForAgain) {
  ASSERT_TRUE(succeeded(client_->set("a", "value")));
  auto prompter = this->prompter(false);
  ASSERT_TRUE(succeeded(client_->lock()));
  auto get = get_later("a");
  const pb::Question question = prompter->question();
  pb::AnswerReply reply;
  ASSERT_TRUE(succeeded(prompter->answer(unlocking(question, random_bytes(32)), &reply)));
  EXPECT_EQ(reply.again().id(), question.id());
  EXPECT_NE(reply.again().error(), "");
  ASSERT_TRUE(succeeded(prompter->answer(answer_to(question, pb::DECISION_ONCE), &reply)));
  EXPECT_NE(reply.again().error(), "") << "a yes without a passphrase";
  ASSERT_TRUE(succeeded(prompter->answer(unlocking(question, key_), &reply)));
  EXPECT_FALSE(reply.has_again());
  EXPECT_TRUE(succeeded(get.get()));
}

TEST_F(Prompter, BackOffIsSharedWithUnlock) {
  auto prompter = this->prompter(false);
  ASSERT_TRUE(succeeded(client_->lock()));
  auto get = get_later("a");
  const pb::Question question = prompter->question();
  pb::AnswerReply reply;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(succeeded(prompter->answer(unlocking(question, random_bytes(32)), &reply)));
  }
  EXPECT_TRUE(failed_with(unlock(), "BACKOFF"));
  ASSERT_TRUE(succeeded(prompter->answer(unlocking(question, key_), &reply)));
  EXPECT_TRUE(reply.has_again()) << "the right one does not count before the time";
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_LOCKED);
  ASSERT_TRUE(succeeded(prompter->answer(answer_to(question, pb::DECISION_DENY))));
  EXPECT_TRUE(failed_with(get.get(), "USER_DENIED"));
}

TEST_F(Prompter, UnlockedByAnotherWayTheQuestionGoes) {
  ASSERT_TRUE(succeeded(client_->set("a", "value")));
  auto prompter = this->prompter(false);
  ASSERT_TRUE(succeeded(client_->lock()));
  auto get = get_later("a");
  const pb::Question question = prompter->question();
  ASSERT_TRUE(succeeded(unlock()));
  EXPECT_EQ(prompter->next().withdrawn(), question.id());
  EXPECT_TRUE(succeeded(get.get()));
}

// ---- Which answers count.

TEST_F(Prompter, ANoIsANoAndIsSaid) {
  auto prompter = this->prompter(false);
  ASSERT_TRUE(succeeded(client_->lock()));
  auto get = get_later("a");
  const pb::Question question = prompter->question();
  ASSERT_TRUE(succeeded(prompter->answer(answer_to(question, pb::DECISION_DENY))));
  const Outcome outcome = get.get();
  EXPECT_TRUE(failed_with(outcome, "USER_DENIED"));
  EXPECT_NE(outcome.message.find("stays so"), std::string::npos) << outcome;
  auto typed = get_or_ask_later("a");
  ASSERT_TRUE(succeeded(prompter->answer(answer_to(prompter->question(), pb::DECISION_DENY))));
  EXPECT_TRUE(failed_with(typed.get(), "USER_DENIED"));
}

TEST_F(Prompter, StatusTellsWhetherOneIsThereAndProven) {
  const auto told = [this] {
    pb::StatusReply status;
    EXPECT_TRUE(succeeded(client_->status(status)));
    return status.prompter();
  };
  EXPECT_EQ(told(), pb::PROMPTER_STATE_NONE);
  {
    auto prompter = this->prompter(true);
    EXPECT_EQ(told(), pb::PROMPTER_STATE_PROVEN);
    ASSERT_TRUE(succeeded(client_->lock()));
    EXPECT_EQ(told(), pb::PROMPTER_STATE_UNPROVEN);
  }
}

TEST_F(Prompter, AnswersTwiceForAnotherQuestionOrUnasked) {
  auto prompter = this->prompter(true);
  pb::GetReply reply;
  auto get = get_or_ask_later("a", &reply);
  const pb::Question question = prompter->question();
  pb::AnswerRequest yes = answer_to(question, pb::DECISION_ONCE);
  yes.set_value("first");
  pb::AnswerRequest other = yes;
  for (const std::uint64_t id : {question.id() + 1, std::uint64_t{0}, ~std::uint64_t{0}}) {
    other.set_question_id(id);
    EXPECT_TRUE(failed_with(prompter->answer(other), "NOT_FOUND"));
  }
  ASSERT_TRUE(succeeded(prompter->answer(yes)));
  yes.set_value("second");
  EXPECT_TRUE(failed_with(prompter->answer(yes), "NOT_FOUND"));
  ASSERT_TRUE(succeeded(get.get()));
  EXPECT_EQ(reply.value(), "first");
}

TEST_F(Prompter, AnotherProcessDoesNotAnswer) {
  auto prompter = this->prompter(true);
  pb::GetReply reply;
  auto get = get_or_ask_later("a", &reply);
  const pb::Question question = prompter->question();
  pb::AnswerRequest forged = answer_to(question, pb::DECISION_ONCE);
  forged.set_value("forged");
  std::string hex;
  for (const unsigned char byte : forged.SerializeAsString()) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  const Exit sent = run({TACIT_TEST_PEER, "call", home_.socket(), "/tacit.v1.Access/Answer", hex},
                        home_.environment());
  EXPECT_EQ(sent.code, 0) << sent.errors;
  pb::AnswerRequest right = answer_to(question, pb::DECISION_ONCE);
  right.set_value("typed");
  EXPECT_TRUE(succeeded(prompter->answer(right)));
  ASSERT_TRUE(succeeded(get.get()));
  EXPECT_EQ(reply.value(), "typed");
}

TEST_F(Prompter, CannotAskAndSaysSo) {
  auto prompter = this->prompter(true);
  auto get = get_or_ask_later("a");
  pb::AnswerRequest failure;
  failure.set_question_id(prompter->question().id());
  failure.set_decision(pb::DECISION_SESSION);
  failure.set_failure("pinentry died");
  failure.set_value("never");
  ASSERT_TRUE(succeeded(prompter->answer(failure)));
  const Outcome outcome = get.get();
  EXPECT_TRUE(failed_with(outcome, "USER_DENIED"));
  EXPECT_NE(outcome.message.find("pinentry died"), std::string::npos) << outcome;
  EXPECT_EQ(last_denial(), "Secrets.GetOrAsk a prompter: failed");
}

TEST_F(Prompter, DiesInMidQuestion) {
  auto prompter = this->prompter(true);
  auto one = get_or_ask_later("a");
  (void)prompter->question();
  prompter->leave();
  const Outcome outcome = one.get();
  EXPECT_TRUE(failed_with(outcome, "NO_PROMPTER"));
  EXPECT_NE(outcome.message.find("went away"), std::string::npos) << outcome;
  EXPECT_NE(outcome.message.find("`tacit prompter`"), std::string::npos) << outcome;
  EXPECT_EQ(last_denial(), "Secrets.GetOrAsk a prompter: gone");
  EXPECT_TRUE(failed_with(get_or_ask_later("a").get(), "NO_PROMPTER"));
}

TEST_F(Prompter, ARequestThatGoesAwayTakesItsQuestionWithIt) {
  auto prompter = this->prompter(true);
  const auto ctx = context();
  auto call = std::async(std::launch::async, [&] {
    pb::GetReply reply;
    return client_->secrets().GetOrAsk(ctx.get(), asking("a"), &reply).error_code();
  });
  const pb::Question question = prompter->question();
  ctx->TryCancel();
  EXPECT_EQ(call.get(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(prompter->next().withdrawn(), question.id());
  pb::AnswerRequest late = answer_to(question, pb::DECISION_ONCE);
  late.set_value("late");
  EXPECT_TRUE(failed_with(prompter->answer(late), "NOT_FOUND"));
  EXPECT_TRUE(failed_with(client_->get("a"), "NOT_FOUND"));
}

TEST_F(Prompter, ACallsDeadlineEndsItsQuestion) {
  auto prompter = this->prompter(true);
  const auto ctx = context(std::chrono::milliseconds(300));
  pb::GetReply reply;
  EXPECT_EQ(client_->secrets().GetOrAsk(ctx.get(), asking("a"), &reply).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  const pb::Question question = prompter->question();
  EXPECT_EQ(prompter->next().withdrawn(), question.id());
}

TEST_F(Prompter, ALockEndsWhatNeedsTheVault) {
  auto prompter = this->prompter(true);
  auto get = get_or_ask_later("a");
  const pb::Question question = prompter->question();
  ASSERT_TRUE(succeeded(client_->lock()));
  EXPECT_TRUE(failed_with(get.get(), "LOCKED"));
  EXPECT_EQ(prompter->next().withdrawn(), question.id());
}

class ImpatientPrompter : public Prompter {
 protected:
  void SetUp() override {
    configure("[access]\nquestion_timeout = \"1s\"\n");
    start_unlocked();
  }
};

TEST_F(ImpatientPrompter, WhoNeverAnswersRefuses) {
  auto prompter = this->prompter(true);
  auto get = get_or_ask_later("a");
  const pb::Question question = prompter->question();
  EXPECT_LE(question.timeout_ms(), 1000);
  const Outcome outcome = get.get();
  EXPECT_TRUE(failed_with(outcome, "USER_DENIED"));
  EXPECT_NE(outcome.message.find("within 1 s"), std::string::npos) << outcome;
  EXPECT_EQ(last_denial(), "Secrets.GetOrAsk a prompter: no answer");
  EXPECT_EQ(prompter->next().withdrawn(), question.id());
  pb::AnswerRequest late = answer_to(question, pb::DECISION_ONCE);
  late.set_value("late");
  EXPECT_TRUE(failed_with(prompter->answer(late), "NOT_FOUND"));
}

// ---- Values.

TEST_F(Prompter, GetOrAskStoresWhatWasTypedOnce) {
  auto prompter = this->prompter(true);
  pb::GetReply reply;
  auto get = get_or_ask_later("a", &reply);
  const pb::Question question = prompter->question();
  EXPECT_EQ(question.kind(), pb::QUESTION_KIND_VALUE);
  EXPECT_EQ(question.collection(), "default");
  ASSERT_EQ(question.names_size(), 1);
  EXPECT_EQ(question.names(0), "a");
  EXPECT_EQ(question.prompt(), "type it");
  EXPECT_FALSE(question.needs_credential());
  const std::string value("bytes \0 and \xff", 14);
  pb::AnswerRequest typed = answer_to(question, pb::DECISION_ONCE);
  typed.set_value(value);
  ASSERT_TRUE(succeeded(prompter->answer(typed)));
  ASSERT_TRUE(succeeded(get.get()));
  EXPECT_EQ(reply.value(), value);
  EXPECT_EQ(reply.metadata().version(), 1u);
  ASSERT_EQ(reply.metadata().attributes_size(), 1);
  EXPECT_EQ(reply.metadata().attributes(0).value(), "v");
  // The second time nobody is asked, with a prompter or without.
  EXPECT_TRUE(succeeded(get_or_ask_later("a", &reply).get()));
  prompter->leave();
  EXPECT_TRUE(succeeded(get_or_ask_later("a", &reply).get()));
  EXPECT_EQ(reply.value(), value);
}

TEST_F(Prompter, GetOrAskOfManyIsOneQuestion) {
  auto prompter = this->prompter(true);
  std::vector<pb::GetReply> replies(24);
  std::vector<std::future<Outcome>> gets;
  gets.reserve(replies.size());
  for (pb::GetReply& reply : replies) gets.push_back(get_or_ask_later("a", &reply));
  pb::AnswerRequest typed = answer_to(prompter->question(), pb::DECISION_ONCE);
  typed.set_value("typed");
  ASSERT_TRUE(succeeded(prompter->answer(typed)));
  for (std::future<Outcome>& get : gets) EXPECT_TRUE(succeeded(get.get()));
  for (const pb::GetReply& reply : replies) {
    EXPECT_EQ(reply.value(), "typed");
    EXPECT_EQ(reply.metadata().version(), 1u);
  }
  EXPECT_TRUE(prompter->idle());
}

TEST_F(Prompter, AnEmptyAnswerOrANoStoresNothing) {
  auto prompter = this->prompter(true);
  auto empty = get_or_ask_later("a");
  ASSERT_TRUE(succeeded(prompter->answer(answer_to(prompter->question(), pb::DECISION_ONCE))));
  EXPECT_TRUE(failed_with(empty.get(), "USER_DENIED"));
  auto no = get_or_ask_later("a");
  pb::AnswerRequest answer = answer_to(prompter->question(), pb::DECISION_DENY);
  answer.set_value("ignored");
  ASSERT_TRUE(succeeded(prompter->answer(answer)));
  EXPECT_TRUE(failed_with(no.get(), "USER_DENIED"));
  EXPECT_TRUE(failed_with(client_->get("a"), "NOT_FOUND"));
}

TEST_F(Prompter, SomebodyElseWasFaster) {
  auto prompter = this->prompter(true);
  pb::GetReply reply;
  auto get = get_or_ask_later("a", &reply);
  pb::AnswerRequest typed = answer_to(prompter->question(), pb::DECISION_ONCE);
  ASSERT_TRUE(succeeded(client_->set("a", "faster")));
  typed.set_value("slower");
  ASSERT_TRUE(succeeded(prompter->answer(typed)));
  ASSERT_TRUE(succeeded(get.get()));
  EXPECT_EQ(reply.value(), "faster");
}

TEST_F(Prompter, NobodyToAskForAValueIsSaidAtOnce) {
  EXPECT_TRUE(failed_with(get_or_ask_later("a").get(), "NO_PROMPTER"));
}

TEST_F(Prompter, UnprovenIsToldTheAskerAloneUntilItGivesTheRightCredential) {
  auto prompter = this->prompter(false);
  pb::GetReply got;
  auto get = get_or_ask_later("hidden", &got);
  const pb::Question question = prompter->question();
  EXPECT_TRUE(question.needs_credential());
  EXPECT_EQ(question.asker().chain(0).pid(), ::getpid());
  EXPECT_EQ(question.collection(), "");
  EXPECT_EQ(question.names_size(), 0);
  EXPECT_EQ(question.name_count(), 0u);
  EXPECT_EQ(question.prompt(), "");
  EXPECT_EQ(question.verb(), pb::VERB_UNSPECIFIED);
  pb::AnswerReply reply;
  pb::AnswerRequest typed = answer_to(question, pb::DECISION_ONCE);
  typed.set_value("unproven");
  ASSERT_TRUE(succeeded(prompter->answer(typed, &reply)));
  EXPECT_TRUE(reply.again().needs_credential()) << "a value alone is no proof";
  ASSERT_TRUE(succeeded(prompter->answer(unlocking(question, random_bytes(32)), &reply)));
  EXPECT_TRUE(reply.again().needs_credential());
  EXPECT_EQ(reply.again().names_size(), 0);
  ASSERT_TRUE(succeeded(prompter->answer(unlocking(question, key_), &reply)));
  EXPECT_FALSE(reply.again().needs_credential());
  ASSERT_EQ(reply.again().names_size(), 1);
  EXPECT_EQ(reply.again().names(0), "hidden");
  typed.set_value("proven");
  ASSERT_TRUE(succeeded(prompter->answer(typed)));
  ASSERT_TRUE(succeeded(get.get()));
  EXPECT_EQ(got.value(), "proven");
  // The proof stands for the next question and ends with the lock.
  auto next = get_or_ask_later("other");
  const pb::Question second = prompter->question();
  EXPECT_EQ(second.names_size(), 1);
  ASSERT_TRUE(succeeded(prompter->answer(answer_to(second, pb::DECISION_DENY))));
  EXPECT_TRUE(failed_with(next.get(), "USER_DENIED"));
  ASSERT_TRUE(succeeded(client_->lock()));
  ASSERT_TRUE(succeeded(unlock()));
  auto last = get_or_ask_later("other");
  const pb::Question third = prompter->question();
  EXPECT_TRUE(third.needs_credential());
  EXPECT_EQ(third.names_size(), 0);
  ASSERT_TRUE(succeeded(prompter->answer(answer_to(third, pb::DECISION_DENY))));
  EXPECT_TRUE(failed_with(last.get(), "USER_DENIED"));
}

TEST_F(Prompter, TextOfTheAskerIsShownOnOneLine) {
  auto prompter = this->prompter(true);
  pb::GetOrAskRequest request = asking("a\nb\u202ec");
  request.set_prompt("Password:\r\n\x1b[2J ok");
  const auto ctx = context();
  auto call = std::async(std::launch::async, [&] {
    pb::GetReply reply;
    return client_->secrets().GetOrAsk(ctx.get(), request, &reply).error_code();
  });
  const pb::Question question = prompter->question();
  for (const std::string& text : {question.prompt(), question.names(0)}) {
    for (const char* bad : {"\n", "\r", "\x1b", "\u202e"}) {
      EXPECT_EQ(text.find(bad), std::string::npos) << text;
    }
  }
  request.set_prompt(std::string(257, 'p'));
  EXPECT_TRUE(failed_with(client_->call(client_->secrets(), &pb::Secrets::Stub::GetOrAsk, request),
                          "INVALID_ARGUMENT"));
  ASSERT_TRUE(succeeded(prompter->answer(answer_to(question, pb::DECISION_DENY))));
  EXPECT_EQ(call.get(), grpc::StatusCode::PERMISSION_DENIED);
}

// ---- Consent.

class ConsentPrompter : public Prompter {
 protected:
  void guard(pb::Policy policy) {
    ASSERT_TRUE(succeeded(client_->set("a", "1")));
    ASSERT_TRUE(succeeded(client_->set("b", "2")));
    pb::SetPolicyRequest request;
    request.mutable_subject();
    auto& one = *request.add_policies();
    one.set_verb(pb::VERB_READ);
    one.set_policy(policy);
    ASSERT_TRUE(succeeded(client_->call(client_->access(), &pb::Access::Stub::SetPolicy, request)));
  }
};

TEST_F(ConsentPrompter, ForTheSession) {
  guard(pb::POLICY_ASK);
  EXPECT_TRUE(failed_with(get_later("a").get(), "NO_PROMPTER"));
  auto prompter = this->prompter(true);
  auto get = get_later("a");
  const pb::Question question = prompter->question();
  EXPECT_EQ(question.kind(), pb::QUESTION_KIND_CONSENT);
  EXPECT_EQ(question.verb(), pb::VERB_READ);
  EXPECT_EQ(question.collection(), "default");
  ASSERT_EQ(question.names_size(), 1);
  EXPECT_EQ(question.names(0), "a");
  EXPECT_FALSE(question.each_use());
  EXPECT_EQ(question.idle_ms(), 600'000);
  EXPECT_EQ(question.hard_ms(), 43'200'000);
  ASSERT_TRUE(succeeded(prompter->answer(answer_to(question, pb::DECISION_SESSION))));
  EXPECT_TRUE(succeeded(get.get()));
  EXPECT_TRUE(succeeded(get_later("b").get()));
  EXPECT_TRUE(prompter->idle());
}

TEST_F(ConsentPrompter, OnceOrNot) {
  guard(pb::POLICY_ASK);
  auto prompter = this->prompter(true);
  for (const auto& [decision, allowed] : {std::pair(pb::DECISION_ONCE, true),
                                          {pb::DECISION_DENY, false},
                                          {pb::DECISION_ONCE, true}}) {
    auto get = get_later("a");
    ASSERT_TRUE(succeeded(prompter->answer(answer_to(prompter->question(), decision))));
    const Outcome outcome = get.get();
    if (allowed) {
      EXPECT_TRUE(succeeded(outcome));
    } else {
      EXPECT_TRUE(failed_with(outcome, "USER_DENIED"));
    }
  }
}

TEST_F(ConsentPrompter, EachUse) {
  guard(pb::POLICY_CONFIRM);
  auto prompter = this->prompter(true);
  for (int use = 0; use < 2; ++use) {
    auto get = get_later("a");
    const pb::Question question = prompter->question();
    EXPECT_TRUE(question.each_use());
    EXPECT_TRUE(failed_with(prompter->answer(answer_to(question, pb::DECISION_SESSION)),
                            "INVALID_ARGUMENT"));
    ASSERT_TRUE(succeeded(prompter->answer(answer_to(question, pb::DECISION_ONCE))));
    EXPECT_TRUE(succeeded(get.get()));
  }
}

TEST_F(ConsentPrompter, ThirtyUsesAtOnceAreCountedAndLaterOnesAskAnew) {
  guard(pb::POLICY_CONFIRM);
  auto prompter = this->prompter(true);
  constexpr std::uint32_t kReads = 30;
  grpc::CompletionQueue queue;
  struct One {
    std::unique_ptr<grpc::ClientContext> ctx = context(std::chrono::seconds(60));
    pb::GetReply reply;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<pb::GetReply>> call;
  };
  std::vector<std::unique_ptr<One>> calls;
  pb::GetRequest request;
  request.mutable_item()->set_name("a");
  request.set_interaction(pb::INTERACTION_ALLOW);
  const auto read = [&] {
    auto one = std::make_unique<One>();
    one->call = client_->secrets().AsyncGet(one->ctx.get(), request, &queue);
    one->call->Finish(&one->reply, &one->status, one.get());
    calls.push_back(std::move(one));
  };
  for (std::uint32_t i = 0; i < kReads; ++i) read();
  std::uint32_t covered = 0;
  int questions = 0;
  while (covered < kReads) {
    const pb::Question question = prompter->question();
    ASSERT_GE(question.uses(), 1u);
    EXPECT_TRUE(question.each_use());
    ++questions;
    ASSERT_TRUE(succeeded(prompter->answer(answer_to(question, pb::DECISION_ONCE))));
    // Exactly so many have their answer now.
    for (std::uint32_t i = 0; i < question.uses(); ++i) {
      void* tag = nullptr;
      bool ok = false;
      ASSERT_TRUE(queue.Next(&tag, &ok));
      EXPECT_TRUE(static_cast<One*>(tag)->status.ok())
          << static_cast<One*>(tag)->status.error_message();
    }
    covered += question.uses();
  }
  EXPECT_EQ(covered, kReads);
  EXPECT_GE(questions, 2) << "what came after the first was shown is not covered by its yes";
  std::uint64_t yes = 0;
  for (const pb::AuditRecord& record : audit(pb::AUDIT_VERDICT_ALLOWED)) {
    if (record.method() != "Secrets.Get" || record.item().name() != "a") continue;
    EXPECT_EQ(record.rule(), "user: once");
    yes += record.count();
  }
  EXPECT_EQ(yes, kReads);
  // No yes is left over.
  read();
  const pb::Question last = prompter->question();
  EXPECT_EQ(last.uses(), 1u);
  ASSERT_TRUE(succeeded(prompter->answer(answer_to(last, pb::DECISION_DENY))));
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_FALSE(static_cast<One*>(tag)->status.ok());
}

TEST_F(ConsentPrompter, AnAnswerIsForItsItemsAloneInABatch) {
  guard(pb::POLICY_ASK);
  pb::SetPolicyRequest pin;
  pin.mutable_subject()->set_name("b");
  auto& one = *pin.add_policies();
  one.set_verb(pb::VERB_READ);
  one.set_policy(pb::POLICY_PINNED);
  pin.set_set_pinned(true);
  pin.add_pinned("/usr/bin/true");
  ASSERT_TRUE(succeeded(client_->call(client_->access(), &pb::Access::Stub::SetPolicy, pin)));
  auto prompter = this->prompter(true);
  pb::GetBatchRequest batch;
  batch.set_interaction(pb::INTERACTION_ALLOW);
  for (const char* name : {"a", "b", "absent"}) batch.add_items()->mutable_item()->set_name(name);
  for (const auto decision : {pb::DECISION_DENY, pb::DECISION_ONCE}) {
    std::vector<pb::GetBatchReply> replies;
    auto reading = std::async(std::launch::async, [&] {
      return client_->read_all(client_->secrets(), &pb::Secrets::Stub::GetBatch, batch, replies);
    });
    const pb::Question question = prompter->question();
    EXPECT_EQ(question.names(0), "a");
    ASSERT_TRUE(succeeded(prompter->answer(answer_to(question, decision))));
    ASSERT_TRUE(succeeded(reading.get()));
    ASSERT_EQ(replies.size(), 3u);
    EXPECT_EQ(replies[0].reason(),
              decision == pb::DECISION_DENY ? pb::REASON_USER_DENIED : pb::REASON_UNSPECIFIED);
    EXPECT_EQ(replies[1].reason(), pb::REASON_POLICY_DENIED);
    EXPECT_NE(replies[1].message().find("pinned"), std::string::npos) << replies[1].message();
  }
  std::vector<std::string> rules;
  for (const pb::AuditRecord& record : audit(pb::AUDIT_VERDICT_DENIED)) {
    if (record.method() == "Secrets.GetBatch") {
      rules.push_back(record.item().name() + " " + record.rule());
    }
  }
  EXPECT_EQ(rules, (std::vector<std::string>{"a user: deny", "b pinned", "absent user: deny",
                                             "b pinned"}));
}

TEST_F(ConsentPrompter, AYesSurvivesAKillRightAfterItsValue) {
  guard(pb::POLICY_ASK);
  auto prompter = this->prompter(true);
  auto get = get_later("a");
  ASSERT_TRUE(succeeded(prompter->answer(answer_to(prompter->question(), pb::DECISION_SESSION))));
  const Outcome read = get.get();
  daemon_->kill_hard();
  EXPECT_TRUE(succeeded(read));
  (void)prompter->next();
  prompter->wait();
  client_.reset();
  start();
  ASSERT_TRUE(succeeded(unlock()));
  bool found = false;
  for (const pb::AuditRecord& record : audit(pb::AUDIT_VERDICT_ALLOWED)) {
    found = found || (record.item().name() == "a" && record.rule() == "user: session");
  }
  EXPECT_TRUE(found);
}

TEST_F(ConsentPrompter, APrompterThatDiesIsNoNoOfTheUser) {
  guard(pb::POLICY_ASK);
  auto prompter = this->prompter(true);
  auto get = get_later("a");
  (void)prompter->question();
  prompter->leave();
  const Outcome outcome = get.get();
  EXPECT_TRUE(failed_with(outcome, "NO_PROMPTER"));
  EXPECT_NE(outcome.message.find("went away"), std::string::npos) << outcome;
  EXPECT_EQ(last_denial(), "Secrets.Get a prompter: gone");
}

TEST_F(ConsentPrompter, TheFirstOfAnUnprovenNeedsACredential) {
  guard(pb::POLICY_ASK);
  auto prompter = this->prompter(false);
  auto get = get_later("a");
  const pb::Question question = prompter->question();
  EXPECT_EQ(question.names_size(), 0);
  pb::AnswerReply reply;
  ASSERT_TRUE(succeeded(prompter->answer(answer_to(question, pb::DECISION_ONCE), &reply)));
  EXPECT_TRUE(reply.again().needs_credential());
  ASSERT_TRUE(succeeded(prompter->answer(unlocking(question, key_), &reply)));
  EXPECT_FALSE(reply.has_again());
  EXPECT_TRUE(succeeded(get.get()));
  auto next = get_later("a");
  const pb::Question second = prompter->question();
  EXPECT_FALSE(second.needs_credential());
  EXPECT_EQ(second.names_size(), 1);
  ASSERT_TRUE(succeeded(prompter->answer(answer_to(second, pb::DECISION_ONCE))));
  EXPECT_TRUE(succeeded(next.get()));
}

// ---- By libtacit.

TEST_F(Prompter, ByLibtacitUntilItIsStopped) {
  ClientOptions options;
  options.socket_path = home_.socket();
  options.autostart = false;
  Stopper stopper;
  std::promise<Question> asked;
  std::promise<void> registered;
  auto prompting = std::async(std::launch::async, [&] {
    Client client(options);
    const Credential right{Credential::Kind::kKeyFile, SecretBytes::copy_of(key_)};
    return client.prompt(
        &right, "test",
        [&](PromptEvent event) {
          if (std::holds_alternative<PrompterRegistered>(event)) registered.set_value();
          if (auto* question = std::get_if<Question>(&event)) asked.set_value(*question);
          return true;
        },
        &stopper);
  });
  registered.get_future().wait();
  auto getting = std::async(std::launch::async, [&] {
    Client client(options);
    AskOptions ask;
    ask.prompt = "p";
    ask.terminal = false;
    return client.get_or_ask("", "n", ask);
  });
  const Question question = asked.get_future().get();
  EXPECT_EQ(question.kind, QuestionKind::kValue);
  EXPECT_EQ(question.names, std::vector<std::string>{"n"});
  Client answering(options);
  Answer answer;
  answer.decision = Decision::kOnce;
  answer.value = SecretBytes::copy_of("typed");
  const auto again = answering.answer(question.id, answer);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_FALSE(again->has_value());
  const auto got = getting.get();
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(std::string(got->value.bytes().begin(), got->value.bytes().end()), "typed");
  stopper.stop();
  EXPECT_TRUE(prompting.get().ok());
  EXPECT_TRUE(stopper.stopped());
  // Nothing is to be asked where everything is open.
  const auto nothing = answering.ask({Verb::kRead, {{"", "n"}}});
  ASSERT_TRUE(nothing.ok()) << nothing.error().message;
  EXPECT_FALSE(nothing->has_value());
}

}  // namespace
}  // namespace tacit::test
