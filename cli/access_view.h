// Verbs, programs and askers as they are typed and printed.
#pragma once
#include <CLI/App.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/json.h"
#include "tacit/access.h"
#include "tacit/result.h"

namespace tacit::cli {

/// None: it is no policy's name.
std::optional<Policy> policy_from_name(std::string_view name);

/// `read`; `none` for Verb::kNone, `?` for one of a newer daemon.
std::string_view verb_name(Verb verb);

/// Each once, in their order; `none_given` where `names` is empty. Error kInvalidArgument: a word
/// other than read, write or list.
Result<std::vector<Verb>> verbs_from_names(const std::vector<std::string>& names,
                                           std::vector<Verb> none_given);

/// --verb read,write; may be given again.
void add_verbs(CLI::App& app, std::vector<std::string>& verbs, const std::string& description);

/// The absolute path of a program, links resolved, since that is what the daemon sees run. Error
/// kInvalidArgument: there is none.
Result<std::string> program_path(const std::string& typed);
/// Says, once it is stored, what that made of a path that is a link or not absolute.
void remark_on_program(const std::string& typed, const std::string& path);

/// An object with the members of the contract's Asker.
void write_asker(JsonWriter& json, const Asker& asker);

/// The same for people, a line each.
std::string asker_lines(const Asker& asker);

}  // namespace tacit::cli
