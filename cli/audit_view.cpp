#include "cli/audit_view.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "cli/access_view.h"
#include "cli/time_text.h"
#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

constexpr std::size_t kItemWidth = 28;
constexpr std::size_t kProgramWidth = 34;

std::string_view verdict_name(AuditVerdict verdict) {
  switch (verdict) {
    case AuditVerdict::kAllowed:
      return "allowed";
    case AuditVerdict::kDenied:
      return "denied";
    case AuditVerdict::kEvent:
      return "event";
  }
  return "?";
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// Filled with spaces to `width` characters and one more.
std::string column(std::string text, std::size_t width) {
  const std::span<const unsigned char> bytes = as_bytes(text);
  std::size_t characters = 0;
  for (std::size_t at = 0; at < bytes.size(); ++characters) {
    at += std::max<std::size_t>(utf8_sequence(bytes.subspan(at)), 1);
  }
  if (characters < width) text.append(width - characters, ' ');
  return text + "  ";
}

/// `python3.11 job.py (pid 12, pts/3, agent)`.
std::string program_text(const Asker& asker) {
  const Program* program = asker.asking();
  if (program == nullptr) return "tacitd";
  std::string text(last_part(program->executable));
  if (text.empty()) text = "unknown program";
  if (!program->script.empty()) text += " " + std::string(last_part(program->script));
  text += " (pid " + std::to_string(program->pid);
  std::string_view terminal = asker.terminal;
  if (terminal.starts_with("/dev/")) terminal.remove_prefix(5);
  if (!terminal.empty()) text += ", " + std::string(terminal);
  if (terminal.empty() && !asker.unit.empty()) text += ", " + asker.unit;
  if (!asker.agent_marker.empty()) text += ", agent";
  return text + ")";
}

std::string item_text(const AuditRecord& record) {
  if (record.item.collection.empty()) return "-";
  if (record.item.name.empty()) return "collection " + record.item.collection;
  return record.item.collection + "/" + record.item.name;
}

/// `Access.SetPolicy: read: ask -> open`
std::string method_text(const AuditRecord& record) {
  return record.change.empty() ? record.method : record.method + ": " + record.change;
}

void write_chain(JsonWriter& json, const Asker& asker) {
  json.begin_array();
  for (const Program& program : asker.chain) {
    json.begin_object();
    json.member("pid", program.pid);
    json.member("executable", program.executable);
    json.member("executable_known", program.executable_known);
    if (!program.script.empty()) json.member("script", program.script);
    if (program.unnamed_script) json.member("unnamed_script", true);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string audit_line(const AuditRecord& record) {
  std::string line =
      column(local_time(record.time), 0) + column(std::string(verdict_name(record.verdict)), 7);
  const std::string program = visible(program_text(record.asker));
  if (record.verdict == AuditVerdict::kEvent) {
    line += visible(record.event);
    if (!record.item.collection.empty()) line += "  " + visible(item_text(record));
    if (!record.asker.chain.empty()) line += "  " + program;
    if (!record.change.empty()) line += "  " + visible(method_text(record));
    return line + "\n";
  }
  line += column(std::string(verb_name(record.verb)), 5);
  line += column(visible(item_text(record)), kItemWidth);
  line += column(program, kProgramWidth);
  line += visible(record.rule);
  // What a read or write is says its verb.
  if (record.verb == Verb::kAdmin || record.verb == Verb::kNone || !record.change.empty()) {
    line += "  " + visible(method_text(record));
  }
  if (record.count > 1) line += "  x" + std::to_string(record.count);
  return line + "\n";
}

SecretBytes audit_json(const AuditRecord& record) {
  JsonWriter json;
  json.begin_object();
  json.member("sequence", record.sequence);
  json.member("time", rfc3339(record.time));
  json.member("last_time", rfc3339(record.last_time));
  json.member("count", record.count);
  json.member("verdict", verdict_name(record.verdict));
  json.member("verb", verb_name(record.verb));
  if (!record.method.empty()) json.member("method", record.method);
  if (!record.item.collection.empty()) json.member("collection", record.item.collection);
  if (!record.item.name.empty()) json.member("name", record.item.name);
  if (!record.rule.empty()) json.member("rule", record.rule);
  if (!record.event.empty()) json.member("event", record.event);
  if (!record.change.empty()) json.member("change", record.change);
  if (!record.asker.chain.empty()) {
    json.key("programs");
    write_chain(json, record.asker);
    json.member("asking", record.asker.program);
    if (!record.asker.terminal.empty()) json.member("terminal", record.asker.terminal);
    if (!record.asker.folder.empty()) json.member("folder", record.asker.folder);
    if (!record.asker.unit.empty()) json.member("unit", record.asker.unit);
    if (!record.asker.agent_marker.empty()) json.member("agent", record.asker.agent_marker);
    if (!record.asker.unknown_because.empty()) {
      json.member("unknown_because", record.asker.unknown_because);
    }
  }
  json.end_object();
  return json.take();
}

}  // namespace tacit::cli
