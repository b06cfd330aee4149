#include "cli/access_view.h"

#include <stdlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "cli/metadata_view.h"
#include "cli/output.h"
#include "cli/question_text.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {

std::optional<Policy> policy_from_name(std::string_view name) {
  for (const Policy policy :
       {Policy::kOpen, Policy::kAsk, Policy::kConfirm, Policy::kPinned, Policy::kDeny}) {
    if (policy_name(policy) == name) return policy;
  }
  return {};
}

std::string_view verb_name(Verb verb) {
  switch (verb) {
    case Verb::kNone:
      return "none";
    case Verb::kList:
      return "list";
    case Verb::kRead:
      return "read";
    case Verb::kWrite:
      return "write";
    case Verb::kAdmin:
      return "admin";
  }
  return "?";
}

Result<std::vector<Verb>> verbs_from_names(const std::vector<std::string>& names,
                                           std::vector<Verb> none_given) {
  if (names.empty()) return none_given;
  constexpr std::array kAll = {Verb::kRead, Verb::kWrite, Verb::kList};
  std::vector<Verb> verbs;
  for (const std::string& name : names) {
    const auto* const verb = std::ranges::find(kAll, name, verb_name);
    if (verb == kAll.end()) {
      return Error{Reason::kInvalidArgument,
                   "`" + visible(name) + "` is no verb; say read, write or list"};
    }
    if (std::ranges::find(verbs, *verb) == verbs.end()) verbs.push_back(*verb);
  }
  return verbs;
}

void add_verbs(CLI::App& app, std::vector<std::string>& verbs, const std::string& description) {
  app.add_option("--verb", verbs, description)
      ->type_name("VERB,...")
      ->delimiter(',')
      ->allow_extra_args(false);
}

void remark_on_program(const std::string& typed, const std::string& path) {
  if (typed == path) return;
  remark("`" + typed + "` is " + path + ", which is what was stored");
}

Result<std::string> program_path(const std::string& typed) {
  const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(typed.c_str(), nullptr),
                                                             &std::free);
  if (resolved != nullptr && typed.find('/') != std::string::npos)
    return std::string(resolved.get());
  const std::string why =
      typed.find('/') == std::string::npos ? "it is no path" : std::strerror(errno);
  return Error{Reason::kInvalidArgument, "cannot take `" + visible(typed) + "` for a program: " +
                                             why + "; say its path, for instance /usr/bin/git"};
}

void write_asker(JsonWriter& json, const Asker& asker) {
  json.begin_object();
  json.key("chain");
  json.begin_array();
  for (const Program& program : asker.chain) {
    json.begin_object();
    json.member("pid", program.pid);
    json.member("executable", program.executable);
    json.member("executable_known", program.executable_known);
    if (!program.script.empty()) json.member("script", program.script);
    if (program.unnamed_script) json.member("unnamed_script", true);
    if (program.interactive_shell) json.member("interactive_shell", true);
    json.end_object();
  }
  json.end_array();
  json.member("program", asker.program);
  json.member("terminal", asker.terminal);
  json.member("folder", asker.folder);
  if (!asker.unit.empty()) json.member("unit", asker.unit);
  if (!asker.agent_marker.empty()) json.member("agent_marker", asker.agent_marker);
  if (!asker.unknown_because.empty()) json.member("unknown_because", asker.unknown_because);
  json.end_object();
}

std::string asker_lines(const Asker& asker) {
  std::string text;
  if (asker.chain.empty()) return text;  // not told
  const auto line = [&](std::string_view label, const std::string& value) {
    if (!value.empty()) text += "  " + std::string(label) + ": " + value + "\n";
  };
  const Program* const program = asker.asking();
  line("program", program == nullptr ? "unknown" : program_text(*program));
  for (std::size_t i = asker.program + std::size_t{1}; i < asker.chain.size(); ++i) {
    line("called by", program_text(asker.chain[i]));
  }
  line("terminal", visible(asker.terminal));
  line("folder", visible(asker.folder));
  line("unit", visible(asker.unit));
  line("coding agent", visible(asker.agent_marker));
  line("not known for sure", visible(asker.unknown_because));
  return text;
}

}  // namespace tacit::cli
