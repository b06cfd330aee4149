#include "cli/run/wanted.h"

#include <algorithm>

#include "cli/environment.h"
#include "cli/input.h"
#include "cli/project/names.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

constexpr std::size_t kMostSecrets = 1000;  // of one GetBatch
constexpr std::size_t kMostFileBytes = 1024 * 1024;

Error wrong(std::string message) { return {Reason::kInvalidArgument, std::move(message)}; }

/// Which collection bare names are in, and whether there is a project.
Result<void> find_place(const Context& context, const RunOptions& options, Wanted& wanted) {
  const std::string& profile = options.profile;
  if (profile.find('/') != std::string::npos) {
    return wrong("`--profile " + visible(profile) + "` is no profile's name: no / is in one");
  }
  if (context.options.collection_given) {
    wanted.collection = context.options.collection + (profile.empty() ? "" : "/" + profile);
    return {};
  }
  if (context.options.global) {
    wanted.collection = std::string(kDefaultCollection) + (profile.empty() ? "" : "/" + profile);
    return {};
  }
  auto project = find_project_here();
  if (!project.ok()) return project.error();
  wanted.project = std::move(*project);
  wanted.profile = profile;
  if (wanted.project) return {};
  if (!profile.empty()) {
    return wrong(
        "--profile is one of a project or collection, and no project's folder is this or "
        "one above; run it there, or say -c COLLECTION");
  }
  wanted.collection = context.options.collection;
  return {};
}

Result<void> add_env_file(const std::string& path, Wanted& wanted) {
  auto content = read_file(path, kMostFileBytes);
  if (!content.ok()) return content.error();
  const auto bytes = content->bytes();
  auto entries = parse_env_file({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
  if (!entries.ok()) return entries.error();
  for (EnvFileEntry& entry : *entries) {
    // The later file comes first.
    std::erase_if(wanted.plain, [&](const auto& each) { return each.variable == entry.variable; });
    std::erase_if(wanted.secrets,
                  [&](const auto& each) { return each.variable == entry.variable; });
    if (entry.reference) {
      wanted.secrets.push_back({GivenAs::kVariable, std::move(entry.variable),
                                std::move(*entry.reference), false, true});
    } else {
      wanted.plain.push_back(std::move(entry));
    }
  }
  return {};
}

Result<void> add_binding(GivenAs as, const std::string& text, Wanted& wanted) {
  auto binding = parse_binding(text, as == GivenAs::kFile ? "--file" : "-e");
  if (!binding.ok()) return binding.error();
  for (const WantedSecret& each : wanted.secrets) {
    if (!each.of_file && each.variable == binding->variable) {
      return wrong("the variable " + binding->variable + " is given twice; name it once");
    }
  }
  auto reference = in_place(wanted, binding->reference);
  if (!reference.ok()) return wrong(binding->variable + ": " + reference.error().message);
  wanted.secrets.push_back({as, std::move(binding->variable), std::move(*reference), false, false});
  return {};
}

Result<void> add_only(const std::string& name, Wanted& wanted) {
  auto reference = in_place(wanted, name);
  if (!reference.ok()) return wrong("--only: " + reference.error().message);
  if (reference->attribute) {
    return wrong("--only takes whole secrets; say -e VARIABLE=" + visible(name));
  }
  wanted.secrets.push_back({GivenAs::kVariable, {}, std::move(*reference), true, false});
  return {};
}

}  // namespace

Result<Reference> in_place(const Wanted& wanted, const std::string& text) {
  if (!wanted.collection.empty() || text.starts_with(kReferenceScheme)) {
    return parse_name_or_reference(text, wanted.collection);
  }
  if (auto good = check_name(text, "name"); !good.ok()) return good.error();
  Reference reference;
  reference.collection.clear();
  reference.name = text;
  return reference;
}

Result<Wanted> parse_wanted(const Context& context, const RunOptions& options) {
  Wanted wanted;
  if (auto found = find_place(context, options, wanted); !found.ok()) return found.error();
  for (const std::string& path : options.env_files) {
    if (auto added = add_env_file(path, wanted); !added.ok()) return added.error();
  }
  for (const std::string& text : options.variables) {
    if (auto added = add_binding(GivenAs::kVariable, text, wanted); !added.ok()) {
      return added.error();
    }
  }
  for (const std::string& text : options.files) {
    if (auto added = add_binding(GivenAs::kFile, text, wanted); !added.ok()) return added.error();
  }
  for (const std::string& name : options.only) {
    if (auto added = add_only(name, wanted); !added.ok()) return added.error();
  }
  if (!options.input.empty()) {
    auto reference = in_place(wanted, options.input);
    if (!reference.ok()) return wrong("--stdin: " + reference.error().message);
    wanted.secrets.push_back({GivenAs::kInput, {}, std::move(*reference), false, false});
  }
  const bool named = !options.variables.empty() || !options.files.empty() ||
                     !options.only.empty() || !options.input.empty() || !options.granted.empty();
  const bool somewhere = context.options.collection_given || wanted.project;
  wanted.all = !named && somewhere;
  if (!named && !somewhere && options.env_files.empty()) {
    return wrong(
        "which secrets? name them by -e VARIABLE=NAME or --only NAME,..., say -c COLLECTION for "
        "all "
        "of one, or run this in a project's folder");
  }
  if (wanted.secrets.size() > kMostSecrets) {
    return Error{Reason::kLimit, "run takes at most 1,000 secrets"};
  }
  return wanted;
}

}  // namespace tacit::cli
