// `tacit audit`: who got what, and whether the log is whole.
#include <memory>
#include <optional>
#include <string>

#include "cli/audit_view.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "cli/time_text.h"

namespace tacit::cli {
namespace {

// What is printed at once when nobody waits for the next line.
constexpr std::size_t kBatchBytes = 32 * 1024;

struct Options {
  std::string item;
  std::string program;
  std::string verdict;
  std::string since;
  std::uint64_t last = 0;
  bool follow = false;
  bool verify = false;
};

int run_verify(Context& context) {
  const auto chain = with_session(context, [](Client& client) { return client.verify_audit(); });
  if (!chain.ok()) return fail(chain.error());
  if (context.options.json) {
    JsonWriter json;
    json.begin_object();
    json.member("first", chain->first_sequence);
    json.member("last", chain->last_sequence);
    json.member("gap", chain->gap);
    json.end_object();
    return finish(print(json.take().bytes()));
  }
  std::string text = chain->last_sequence == 0
                         ? "The log is empty.\n"
                         : "Records " + std::to_string(chain->first_sequence) + " to " +
                               std::to_string(chain->last_sequence) +
                               " are all there, as they were written.\n";
  if (chain->gap != 0) {
    text += std::to_string(chain->gap) +
            " decisions are in no record: the log could not be written, or more came while the "
            "vault was locked than are kept.\n";
  }
  return finish(print(text));
}

Result<AuditFilter> filter_from(Context& context, const Options& options) {
  AuditFilter filter;
  if (!options.item.empty()) {
    const auto reference = whole_item(context.resolve(options.item));
    if (!reference.ok()) return reference.error();
    filter.collection = reference->collection;
    filter.name = reference->name;
  } else if (context.options.collection != kDefaultCollection) {
    filter.collection = context.options.collection;
  }
  filter.program = options.program;
  if (options.verdict == "allowed") filter.verdict = AuditVerdict::kAllowed;
  if (options.verdict == "denied") filter.verdict = AuditVerdict::kDenied;
  if (options.verdict == "event") filter.verdict = AuditVerdict::kEvent;
  if (!options.since.empty()) {
    const auto since = parse_since(options.since, now_unix_ms());
    if (!since.ok()) return since.error();
    filter.since = *since;
  }
  filter.last = options.last;
  return filter;
}

int run_audit(Context& context, const Options& options) {
  if (options.verify) return run_verify(context);
  const auto filter = filter_from(context, options);
  if (!filter.ok()) return fail(filter.error());
  if (const auto open = ensure_unlocked(context); !open.ok()) return fail(open.error());
  std::string waiting;
  Result<void> printed;
  const auto flush = [&] {
    if (!waiting.empty()) printed = print(waiting);
    waiting.clear();
    return printed.ok();
  };
  const auto read = context.client().audit(*filter, options.follow, [&](const AuditRecord& record) {
    if (context.options.json) {
      const SecretBytes line = audit_json(record);
      waiting.append(line.bytes().begin(), line.bytes().end());
    } else {
      waiting += audit_line(record);
    }
    return (!options.follow && waiting.size() < kBatchBytes) || flush();
  });
  flush();
  if (!printed.ok()) return fail(printed.error());
  return read.ok() ? kExitOk : fail(read.error());
}

}  // namespace

Action define_audit(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("--item", options->item, "Only decisions about this secret")->type_name("NAME");
  app.add_option("--program", options->program,
                 "Only of programs or scripts whose path has this part")
      ->type_name("TEXT");
  app.add_option("--verdict", options->verdict, "Only these")
      ->type_name("allowed|denied|event")
      ->check(CLI::IsMember({"allowed", "denied", "event"}));
  app.add_option("--since", options->since, "Only since then: 1h, 7d, 2027-01-31")
      ->type_name("TIME");
  app.add_option("--last", options->last, "Only the newest so many")
      ->type_name("N")
      ->check(whole_number(1));
  app.add_flag("--follow", options->follow, "Stay and print what comes, until interrupted");
  auto* verify = app.add_flag(
      "--verify", options->verify,
      "Check that no record was changed, dropped or put elsewhere; exits 7 if one was");
  for (const char* filter : {"--item", "--program", "--verdict", "--since", "--last", "--follow"}) {
    verify->excludes(app.get_option(filter));
  }
  return [options](Context& context) { return run_audit(context, *options); };
}

}  // namespace tacit::cli
