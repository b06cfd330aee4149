// What `tacit run` gives its command: from what is wanted to values.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cli/run/change_watch.h"
#include "cli/run/wanted.h"
#include "tacit/projects.h"

namespace tacit::cli {

/// One thing that the command is given.
struct Setting {
  GivenAs as = GivenAs::kVariable;
  std::string variable;
  SecretBytes value;
  bool secret = false;  ///< from the vault, and no plain value of an env file
  std::string item;     ///< the name of the secret; of env files empty
};

/// A project as the daemon knows it.
struct Place {
  std::optional<ProjectRef> project;
  std::string collection;  ///< that `wanted.collection` stands for; of the project what it told
};

/// Asks the daemon about the project, if there is one. Errors: kUntrustedFolder, saying where its
/// secrets are given and what to do; kNotFound, no such project or profile.
Result<Place> find_place(Context& context, const Wanted& wanted);

/// How the values are read, and whom to tell what is not there. Without `context` only the daemon
/// is asked, and nobody else.
struct Reading {
  Context* context = nullptr;
  Client* client = nullptr;
  std::function<void(const std::string&)> complain;
};

/// In the order in which they count: each variable once. Each secret that cannot be read is told,
/// and an error follows. Errors also: two of them for one variable, a name that no variable can
/// have. `skipped`: of a whole collection those whose names are no variables'.
Result<std::vector<Setting>> read_settings(const Reading& reading, const Wanted& wanted,
                                           const Place& place, const RunOptions& options,
                                           std::vector<std::string>* skipped);

/// The names of those that are not the same.
std::vector<std::string> changed(const std::vector<Setting>& before,
                                 const std::vector<Setting>& now);

/// The names of the secrets that were given before and are not there now.
std::vector<std::string> gone_from(const std::vector<Setting>& before,
                                   const std::vector<Setting>& now);

/// What `--watch` has to look at; a collection's parents, too.
std::vector<Watched> to_watch(Client& client, const Wanted& wanted, const Place& place);

}  // namespace tacit::cli
