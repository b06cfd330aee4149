#include "cli/options.h"

#include "cli/utf8.h"

namespace tacit::cli {

CLI::Option* add_name(CLI::App& app, std::string& name, const std::string& label,
                      const std::string& description) {
  return app.add_option(label, name, description)->required()->type_name("");
}

void add_expected_version(CLI::App& app, std::optional<std::uint64_t>& version) {
  app.add_option("--expected-version", version, "Only if this is still the newest version")
      ->type_name("N");
}

Result<Attributes> parse_attributes(const std::vector<std::string>& texts) {
  Attributes attributes;
  for (const std::string& text : texts) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{Reason::kInvalidArgument,
                   "`--attribute " + printable(text) + "` is no attribute; say KEY=VALUE"};
    }
    const std::string key = text.substr(0, equals);
    if (!attributes.emplace(key, text.substr(equals + 1)).second) {
      return Error{Reason::kInvalidArgument,
                   "the attribute `" + printable(key) + "` is given twice; an item has each once"};
    }
  }
  return attributes;
}

Result<Reference> whole_item(Result<Reference> reference) {
  if (reference.ok() && (reference->attribute || reference->version != 0)) {
    return Error{Reason::kInvalidArgument,
                 "this verb takes a whole secret: leave out `?attribute` and `?version`"};
  }
  return reference;
}

Error about(const Reference& reference, const Error& error) {
  switch (error.code) {
    case Reason::kNotFound:
    case Reason::kAlreadyExists:
    case Reason::kVersionMismatch:
    case Reason::kExpired:
    case Reason::kPolicyDenied:
    case Reason::kUserDenied:
    case Reason::kNoPrompter:
      return {error.code, "`" + reference.name + "`: " + error.message};
    default:
      return error;
  }
}

}  // namespace tacit::cli
