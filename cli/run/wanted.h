// What `tacit run` is to give its command, as the options say it.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/env_file.h"
#include "cli/project_link.h"

namespace tacit::cli {

struct RunOptions {
  std::vector<std::string> variables;  ///< VAR=REF
  std::vector<std::string> files;      ///< VAR=REF
  std::string input;                   ///< REF; empty: none
  std::vector<std::string> only;
  std::vector<std::string> env_files;
  std::string profile;
  bool keep_env = false;
  bool mask = false;
  bool watch = false;
  bool ask = false;
  std::vector<std::string> granted;
  std::string ttl = "15m";
};

enum class GivenAs { kVariable, kFile, kInput };

/// One secret that is named.
struct WantedSecret {
  GivenAs as = GivenAs::kVariable;
  std::string variable;   ///< empty for kInput, and with `own_name`
  Reference reference;    ///< in the collection "" it is the project's
  bool own_name = false;  ///< the variable is that of its `env` attribute, else its name
  bool of_file = false;   ///< an env file names it: environment and other secrets come first
};

struct Wanted {
  std::vector<WantedSecret> secrets;
  std::vector<EnvFileEntry> plain;  ///< of env files, without references
  bool all = false;                 ///< of the collection or project
  std::string collection;           ///< for bare names and `all`; empty: the project's
  std::optional<ProjectLink> project;
  std::string profile;  ///< of the project
};

/// Reads the env files, and looks for a project where one is meant. Errors, kInvalidArgument, name
/// what is wrong: an option's text, a variable that is given twice, nothing to give at all; those
/// of `parse_env_file` and `find_project`; kLimit, over 1,000 secrets.
Result<Wanted> parse_wanted(const Context& context, const RunOptions& options);

/// A name as `parse_wanted` takes it: a reference, else in `wanted.collection`.
Result<Reference> in_place(const Wanted& wanted, const std::string& text);

}  // namespace tacit::cli
