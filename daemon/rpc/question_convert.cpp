#include "daemon/rpc/question_convert.h"

#include <algorithm>

#include "daemon/access/shown.h"

namespace tacit {
namespace {

constexpr std::size_t kNamesTold = 20;
constexpr std::size_t kNameBytes = 1024;
constexpr std::size_t kPathBytes = 4096;

v1::Verb to_proto(Verb verb) { return static_cast<v1::Verb>(static_cast<int>(verb)); }

}  // namespace

void fill(const Asker& from, v1::Asker& to) {
  for (const Program& program : from.chain) {
    v1::Program& added = *to.add_chain();
    added.set_pid(program.pid);
    added.set_executable(shown(program.executable, kPathBytes));
    added.set_executable_known(program.file_known);
    added.set_script(shown(program.script, kPathBytes));
    added.set_unnamed_script(program.unnamed_script);
    added.set_interactive_shell(program.interactive_shell);
  }
  to.set_program(static_cast<std::uint32_t>(from.program));
  to.set_terminal(shown(from.terminal));
  to.set_folder(shown(from.folder, kPathBytes));
  to.set_unit(shown(from.unit));
  to.set_agent_marker(shown(from.agent_marker));
  to.set_unknown_because(shown(from.unknown_because));
}

void fill(const AskedQuestion& from, v1::Question& to) {
  const Question& question = from.question;
  to.set_id(from.id);
  to.set_kind(static_cast<v1::QuestionKind>(question.kind));
  fill(*question.asker, *to.mutable_asker());
  to.set_needs_credential(from.needs_credential);
  to.set_each_use(question.each_use);
  to.set_uses(static_cast<std::uint32_t>(from.uses));
  to.set_idle_ms(from.idle.count());
  to.set_hard_ms(from.hard.count());
  to.set_error(shown(from.error));
  to.set_timeout_ms(from.timeout.count());
  to.set_verification_uri(shown(question.login.uri, kPathBytes));
  to.set_verification_uri_complete(shown(question.login.complete_uri, kPathBytes));
  to.set_user_code(shown(question.login.code));
  if (from.asker_alone) return;
  to.set_verb(to_proto(question.verb));
  to.set_collection(shown(question.collection, kNameBytes));
  const std::size_t told = std::min(question.names.size(), kNamesTold);
  for (std::size_t i = 0; i < told; ++i) to.add_names(shown(question.names[i], kNameBytes));
  to.set_name_count(static_cast<std::uint32_t>(question.names.size()));
  to.set_prompt(shown(question.prompt));
  to.set_lifetime_ms(std::min(question.lifetime, from.hard).count());
  to.set_change(shown(question.change, kNameBytes));
}

void fill(const PromptMessage& from, v1::PromptEvent& to) {
  if (const auto* asked = std::get_if<AskedQuestion>(&from)) fill(*asked, *to.mutable_question());
  if (const auto* gone = std::get_if<WithdrawnQuestion>(&from)) to.set_withdrawn(gone->id);
  if (const auto* notice = std::get_if<PromptNotice>(&from)) {
    to.set_notice(shown(notice->text, kNameBytes));
  }
}

}  // namespace tacit
