// `tacit grants`, `tacit grants revoke`: what programs may do without being asked for again.
#include <memory>

#include "cli/access_view.h"
#include "cli/authorization.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/question_text.h"
#include "cli/session_gate.h"
#include "cli/time_text.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

void write(JsonWriter& json, const Grant& grant) {
  json.begin_object();
  json.member("id", grant.id);
  json.member("denied", grant.denied);
  json.member("narrowing", grant.narrowing);
  json.member("prepared", grant.prepared);
  json.key("verbs");
  json.begin_array();
  for (const Verb verb : grant.verbs) json.string(verb_name(verb));
  json.end_array();
  json.member("collection", grant.collection);
  json.key("items");
  json.begin_array();
  for (const std::string& name : grant.items) json.string(name);
  json.end_array();
  json.member("program", grant.program);
  if (grant.pid != 0) json.member("pid", grant.pid);
  json.member("session", grant.session);
  time_member(json, "created", grant.created);
  time_member(json, "expires", grant.expires);
  time_member(json, "idle_expires", grant.idle_expires);
  if (!grant.unlimited_uses) json.member("uses_left", grant.uses_left);
  json.end_object();
}

std::string who(const Grant& grant) {
  std::string text = grant.program.empty() ? "" : visible(grant.program);
  if (grant.pid != 0) {
    text += (text.empty() ? "" : ", ");
    text += "process " + std::to_string(grant.pid) +
            " and its descendants, but for those whose parent has ended";
  }
  if (text.empty()) text = "any program";
  return grant.session.empty() ? text : text + " in " + visible(grant.session);
}

std::string what(const Grant& grant) {
  std::string text;
  for (const Verb verb : grant.verbs) {
    text += (text.empty() ? "" : ", ") + std::string(verb_name(verb));
  }
  if (grant.items.empty()) {
    return text + " " +
           (grant.collection.empty() ? "everything" : "all of " + visible(grant.collection));
  }
  std::string names;
  for (const std::string& name : grant.items) names += (names.empty() ? " " : ", ") + visible(name);
  return text + names + " in " + visible(grant.collection);
}

std::string until(const Grant& grant) {
  std::string text;
  if (grant.expires != 0) text += ", until " + rfc3339(grant.expires);
  if (grant.idle_expires != 0) text += ", if not used until " + rfc3339(grant.idle_expires);
  if (!grant.unlimited_uses) {
    text += ", " + std::to_string(grant.uses_left) + (grant.uses_left == 1 ? " use" : " uses") +
            " left";
  }
  return text;
}

std::string as_text(const Grant& grant) {
  const std::string_view kind = grant.denied ? "never" : grant.narrowing ? "only" : "may";
  return std::to_string(grant.id) + "  " + who(grant) + ": " + std::string(kind) + " " +
         what(grant) + until(grant) + "\n";
}

int run_list(Context& context) {
  const auto grants = with_session(context, [](Client& client) { return client.list_grants(); });
  if (!grants.ok()) return fail(grants.error());
  if (context.options.json) {
    JsonWriter json;
    json.begin_array();
    for (const Grant& grant : *grants) write(json, grant);
    json.end_array();
    return finish(print(json.take().bytes()));
  }
  std::string text;
  for (const Grant& grant : *grants) text += as_text(grant);
  return finish(print(text));
}

struct RevokeOptions {
  std::vector<std::uint64_t> ids;
  bool all = false;
  CredentialSource source;
};

int report_revoked(const Context& context, bool all, const Result<std::uint32_t>& revoked) {
  if (!revoked.ok()) return fail(revoked.error());
  if (*revoked == 0 && !all) {
    return fail({Reason::kNotFound, "there is no such grant; `tacit grants` shows what is there"});
  }
  if (!context.options.json) return kExitOk;
  JsonWriter json;
  json.begin_object();
  json.member("revoked", *revoked);
  json.end_object();
  return finish(print(json.take().bytes()));
}

int run_revoke(Context& context, const RevokeOptions& options) {
  if (options.all != options.ids.empty()) {
    return fail_usage("which? say the numbers of `tacit grants`, or --all");
  }
  if (options.all) {
    return report_revoked(context, true, with_session(context, [](Client& client) {
                            return client.revoke_all_grants();
                          }));
  }
  const auto revoke = [&](const Credential* authorization) {
    return with_session(
        context, [&](Client& client) { return client.revoke_grants(options.ids, authorization); });
  };
  auto revoked = revoke(nullptr);
  if (!revoked.ok() && revoked.error().code == Reason::kWrongCredential) {
    const auto authorization = authorize(context, options.source);  // a denial is among them
    if (!authorization.ok()) return fail(authorization.error());
    revoked = revoke(&*authorization);
  }
  return report_revoked(context, false, revoked);
}

}  // namespace

Action define_grants(CLI::App&) { return run_list; }

Action define_grants_revoke(CLI::App& app) {
  auto options = std::make_shared<RevokeOptions>();
  app.add_option("ID", options->ids, "Their numbers in `tacit grants`")
      ->type_name("")
      ->check(whole_number(1));
  app.add_flag("--all", options->all, "All but denials and narrowings");
  options->source.add_to(app);
  return [options](Context& context) { return run_revoke(context, *options); };
}

}  // namespace tacit::cli
