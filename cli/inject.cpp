// `tacit inject`: a template with the values of its references in their places.
#include <unistd.h>

#include <map>
#include <memory>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/output_file.h"
#include "cli/secret_template.h"
#include "cli/session_gate.h"
#include "client/cpp/terminal/display_text.h"
#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::cli {
namespace {

constexpr std::size_t kMaxTemplateBytes = std::size_t{16} << 20;
constexpr std::size_t kMaxReferences = 1000;  // of one GetBatch

struct Options {
  std::string input{kStandardStream};
  std::string output{kStandardStream};
  bool force = false;
};

/// Each reference once, and where each of the template's is among them.
struct Wanted {
  std::vector<Reference> references;
  std::map<std::string, std::size_t> position;
};

Wanted wanted_by(const SecretTemplate& source) {
  Wanted wanted;
  for (const TemplatePiece& piece : source.pieces) {
    if (!piece.is_reference) continue;
    const bool is_new =
        wanted.position.emplace(to_string(piece.reference), wanted.references.size()).second;
    if (is_new) wanted.references.push_back(piece.reference);
  }
  return wanted;
}

using Values = std::vector<Result<SecretBytes>>;

Result<Values> fetch(Context& context, const std::vector<Reference>& references) {
  if (references.empty()) return Values();
  return with_session(context, use_of(Verb::kRead, references),
                      [&](Client& client) -> Result<Values> {
                        auto values = client.get_batch(references);
                        if (!values.ok()) return values;
                        if (auto error = to_mend(context, *values)) return *std::move(error);
                        return values;
                      });
}

std::string at(const std::string& file, const TextPlace& place) {
  return visible(file) + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) +
         ": ";
}

/// Tells each reference that has no value. Returns the exit code of the first.
int complain_of_missing(const SecretTemplate& source, const Wanted& wanted, const Values& values,
                        const std::string& file) {
  int code = kExitOk;
  for (const TemplatePiece& piece : source.pieces) {
    if (!piece.is_reference) continue;
    const std::string name = to_string(piece.reference);
    const auto& value = values[wanted.position.at(name)];
    if (value.ok()) continue;
    complain(at(file, piece.place) + name + ": " + value.error().message);
    if (code == kExitOk) code = exit_code(value.error().code);
  }
  return code;
}

SecretBytes filled(const SecretTemplate& source, const Wanted& wanted, const Values& values) {
  SecretBuffer out;
  for (const TemplatePiece& piece : source.pieces) {
    if (piece.is_reference) {
      out.append(values[wanted.position.at(to_string(piece.reference))]->bytes());
    } else {
      out.append(piece.text);
    }
  }
  return out.take();
}

int run_inject(Context& context, const Options& options) {
  const bool from_stdin = options.input == kStandardStream;
  const std::string file = from_stdin ? "standard input" : options.input;
  if (from_stdin && isatty(STDIN_FILENO) == 1) {
    return fail_usage("there is no template; name it with -i FILE, or pipe it in");
  }
  const auto content = from_stdin ? read_all(STDIN_FILENO, kMaxTemplateBytes, file)
                                  : read_file(options.input, kMaxTemplateBytes);
  if (!content.ok()) return fail(content.error());
  const auto bytes = content->bytes();
  const SecretTemplate source =
      parse_template({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  for (const TemplateFault& fault : source.faults) complain(at(file, fault.place) + fault.message);
  const Wanted wanted = wanted_by(source);
  if (wanted.references.size() > kMaxReferences) {
    return fail({Reason::kLimit, visible(file) + " refers to more than 1,000 secrets"});
  }
  const auto values = fetch(context, wanted.references);
  if (!values.ok()) return fail(values.error());
  const int missing = complain_of_missing(source, wanted, *values, file);
  if (missing != kExitOk || !source.faults.empty()) {
    complain("nothing was written");
    return source.faults.empty() ? missing : kExitUsage;
  }
  return finish(write_output(context, options.output, options.force,
                             filled(source, wanted, *values).bytes()));
}

}  // namespace

Action define_inject(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_path(app, "-i,--in", options->input, "The template [standard input]");
  auto* output =
      add_path(app, "-o,--out", options->output, "A file for you alone (0600) [standard output]");
  app.add_flag("-f,--force", options->force, "Replace the file if it is there")->needs(output);
  return [options](Context& context) { return run_inject(context, *options); };
}

}  // namespace tacit::cli
