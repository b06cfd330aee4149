// `tacit vault verify|backup|rotate|accept-rollback`: looking after the file.
#include <unistd.h>

#include <memory>

#include "cli/authorization.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/json.h"
#include "cli/new_keys.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/session_gate.h"

namespace tacit::cli {
namespace {

int run_verify(Context& context) {
  std::vector<VerifyProgress> findings;
  std::uint64_t rows = 0;
  const auto verified = with_session(context, [&](Client& client) {
    Progress progress("verifying");
    findings.clear();
    return client.verify([&](const VerifyProgress& step) {
      rows = std::max(rows, step.rows_done);
      progress.show(step.rows_done, step.rows_total);
      if (step.finding != Reason::kUnspecified) findings.push_back(step);
    });
  });
  if (!verified.ok()) return fail(verified.error());
  if (context.options.json) {
    JsonWriter json;
    json.begin_object();
    json.member("rows", rows);
    json.key("findings");
    json.begin_array();
    for (const VerifyProgress& finding : findings) {
      json.begin_object();
      json.member("reason", reason_name(finding.finding));
      json.member("message", finding.message);
      if (!finding.name.empty()) {
        json.member("collection", finding.collection);
        json.member("name", finding.name);
      }
      json.end_object();
    }
    json.end_array();
    json.end_object();
    if (const auto printed = print(json.take().bytes()); !printed.ok())
      return fail(printed.error());
  } else if (findings.empty()) {
    return finish(print("All " + std::to_string(rows) + " rows are as they were written.\n"));
  } else {
    for (const VerifyProgress& finding : findings) {
      complain((finding.name.empty() ? "" : finding.collection + "/" + finding.name + ": ") +
               finding.message);
    }
  }
  return findings.empty() ? kExitOk : exit_code(findings.front().finding);
}

/// `-` is standard output.
int run_backup(Context& context, const std::string& path) {
  const bool to_output = path == "-";
  if (to_output && isatty(STDOUT_FILENO) == 1) {
    return fail_usage("a backup is nothing to read on a terminal; redirect it, or name a file");
  }
  if (const auto open = ensure_unlocked(context); !open.ok()) return fail(open.error());
  ReservedFile file(path);
  if (!to_output) {
    if (const auto created = file.create(); !created.ok()) return fail(created.error());
  }
  Result<void> written;
  std::uint64_t done = 0;
  std::uint64_t expected = 0;
  Result<void> copied;
  {
    Progress progress("copying");
    copied =
        context.client().backup([&](std::span<const unsigned char> chunk, std::uint64_t total) {
          written = to_output ? print(chunk) : file.append(chunk);
          done += chunk.size();
          if (total != 0) expected = total;
          progress.show(done, expected);
          return written.ok();
        });
  }
  if (!written.ok()) return fail(written.error());
  if (!copied.ok()) return fail(copied.error());
  if (done != expected) {
    return fail({Reason::kProtocol, "the copy ended after " + std::to_string(done) + " of " +
                                        std::to_string(expected) + " bytes; try again"});
  }
  return to_output ? kExitOk : finish(file.keep());
}

struct RotateOptions {
  CredentialSource source;
  bool full = false;
  NewKeysOptions new_keys;
};

int run_rotate(Context& context, const RotateOptions& options) {
  if (!options.full && options.new_keys.given()) {
    return fail_usage("the options for slots and old files belong to --full");
  }
  const auto authorization = authorize(context, options.source);
  if (!authorization.ok()) return fail(authorization.error());
  if (options.full) {
    return finish(replace_keys(context, *authorization, {}, options.new_keys));
  }
  Progress progress("sealing anew");
  const auto rotated = context.client().rotate(
      *authorization, [&](std::uint64_t done, std::uint64_t total) { progress.show(done, total); });
  return finish(rotated);
}

int run_accept_rollback(Context& context, const CredentialSource& source) {
  auto given = open_with(context, source);
  if (!given.ok()) return fail(given.error());
  const auto status = context.client().status();
  if (!status.ok()) return fail(status.error());
  if (!status->read_only) {
    remark("there is nothing to accept: the vault is no older than what this machine knows of it");
    return kExitOk;
  }
  const auto authorization =
      *given ? Result<Credential>(std::move(**given)) : ask_authorization(context);
  if (!authorization.ok()) return fail(authorization.error());
  return finish(context.client().accept_rollback(*authorization));
}

}  // namespace

Action define_vault_verify(CLI::App&) { return run_verify; }

Action define_vault_backup(CLI::App& app) {
  auto path = std::make_shared<std::string>();
  add_path(app, "FILE", *path, "Where the copy goes, a file that must not exist; - is the output")
      ->required()
      ->type_name("");
  return [path](Context& context) { return run_backup(context, *path); };
}

Action define_vault_rotate(CLI::App& app) {
  auto options = std::make_shared<RotateOptions>();
  app.add_flag("--full", options->full, "Replace the root key, too: nothing of before opens it");
  options->new_keys.add_to(app);
  options->source.add_to(app);
  return [options](Context& context) { return run_rotate(context, *options); };
}

Action define_vault_accept_rollback(CLI::App& app) {
  auto source = std::make_shared<CredentialSource>();
  source->add_to(app);
  return [source](Context& context) { return run_accept_rollback(context, *source); };
}

}  // namespace tacit::cli
