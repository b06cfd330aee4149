#include "daemon/rpc/audit_convert.h"

#include "daemon/rpc/convert.h"

namespace tacit {
namespace {

void fill_asker(const Asker& from, v1::Asker& to) {
  for (const Program& program : from.chain) {
    v1::Program& added = *to.add_chain();
    added.set_pid(program.pid);
    added.set_executable(program.executable);
    added.set_executable_known(program.file_known);
    added.set_script(program.script);
    added.set_unnamed_script(program.unnamed_script);
  }
  to.set_program(static_cast<std::uint32_t>(from.program));
  to.set_terminal(from.terminal);
  to.set_folder(from.folder);
  to.set_unit(from.unit);
  to.set_agent_marker(from.agent_marker);
  to.set_unknown_because(from.unknown_because);
}

}  // namespace

void fill(std::uint64_t sequence, const AuditRecord& from, v1::AuditRecord& to) {
  to.set_sequence(sequence);
  to.set_unix_ms(from.time);
  to.set_last_unix_ms(from.last_time);
  to.set_count(from.count);
  to.set_verb(static_cast<v1::Verb>(from.verb));
  to.set_verdict(static_cast<v1::AuditVerdict>(from.verdict));
  to.set_method(from.method);
  to.set_rule(from.rule);
  to.set_event(from.event);
  to.set_change(from.change);
  if (from.item) fill(*from.item, *to.mutable_item());
  if (from.asker) fill_asker(*from.asker, *to.mutable_asker());
}

}  // namespace tacit
