// `tacit doctor`: what is wrong, and the command that mends it.
#include "cli/doctor.h"

#include <unistd.h>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "cli/pinentry/find_pinentry.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

std::string_view kind_name(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::kOk:
      return "ok";
    case Finding::Kind::kNote:
      return "note";
    case Finding::Kind::kProblem:
      return "problem";
  }
  return "unknown";
}

void write(JsonWriter& json, std::string_view check, const Finding& finding) {
  json.begin_object();
  json.member("check", check);
  json.member("kind", kind_name(finding.kind));
  json.member("message", finding.message);
  if (!finding.mend.empty()) json.member("mend", finding.mend);
  json.end_object();
}

std::string as_text(std::string_view check, const Finding& finding) {
  std::string head(kind_name(finding.kind));
  head.resize(9, ' ');
  std::string text = head + std::string(check) + ": " + visible(finding.message) + "\n";
  if (!finding.mend.empty()) text += "         -> " + visible(finding.mend) + "\n";
  return text;
}

int run_doctor(Context& context) {
  DoctorFacts facts;
  facts.uid = getuid();
  facts.paths = user_paths();
  facts.places = socket_places(facts.uid);
  facts.daemon = context.client().status();
  facts.machine = machine_facts(facts.paths);
  facts.managed_socket = managed_socket(facts.uid);
  facts.pinentry = find_pinentry(pinentry_facts(context.terminal() != nullptr));
  facts.keyrings = keyrings_on_path();
  facts.python_keyring = python_keyring_choice();

  if (facts.daemon.ok() && facts.daemon->state == VaultState::kUnlocked) {
    auto tokens = context.client().tokens();
    if (tokens.ok()) facts.tokens = std::move(*tokens);
  }
  if (const auto renewer = find_renewer(); !renewer.ok()) {
    facts.renewer_trouble = renewer.error().message;
  }

  bool problem = false;
  JsonWriter json;
  std::string text;
  json.begin_array();
  for (const DoctorCheck& check : doctor_checks()) {
    for (const Finding& finding : check.run(facts)) {
      problem = problem || finding.kind == Finding::Kind::kProblem;
      write(json, check.name, finding);
      text += as_text(check.name, finding);
    }
  }
  json.end_array();
  const auto printed = context.options.json ? print(json.take().bytes()) : print(text);
  if (!printed.ok()) return fail(printed.error());
  return problem ? kExitFound : kExitOk;
}

}  // namespace

Action define_doctor(CLI::App&) { return run_doctor; }

}  // namespace tacit::cli
