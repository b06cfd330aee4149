// tacit.v1.Access, the part about asking the user: Prompt, Answer, Ask.
#pragma once
#include <memory>
#include <string>

#include "daemon/rpc/access_rpc.h"
#include "daemon/rpc/core.h"

namespace tacit {

class PromptService {
 public:
  PromptService(Core& core, Server& server, AccessRpc& rpc);

 private:
  using PromptCall = StreamCall<v1::PromptRequest, v1::PromptEvent>;
  using AnswerCall = UnaryCall<v1::AnswerRequest, v1::AnswerReply>;
  using AskCall = UnaryCall<v1::AskRequest, v1::AskReply>;

  void prompt(PromptCall& call);
  void answer(AnswerCall& call);
  void ask(AskCall& call);

  void register_prompter(PromptCall& call, const std::shared_ptr<const Asker>& asker, bool proven);

  void take_answer(AnswerCall& call);
  void unlock_with(AnswerCall& call, Credential credential);
  void prove_with(AnswerCall& call, Credential credential);
  /// The answer stands: told to all who wait, or kept for who will ask again.
  void settle(AnswerCall& call);
  void again(AnswerCall& call, const std::string& error);

  Core& core_;
};

}  // namespace tacit
