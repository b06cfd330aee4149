#include "cli/project/target.h"

#include "cli/project/names.h"

namespace tacit::cli {
namespace {

Result<std::string> folder_of(const Context& context) {
  if (!context.options.collection_given && !context.options.global) {
    auto here = require_project();
    if (!here.ok()) return here.error();
    return here->folder.path;
  }
  auto here = project_here();
  if (!here.ok()) return here.error();
  if (*here) return (*here)->folder.path;
  auto folder = find_folder(".");
  if (!folder.ok()) return folder.error();
  return folder->path;
}

}  // namespace

Result<ProjectTarget> project_target(Context& context) {
  auto folder = folder_of(context);
  if (!folder.ok()) return folder.error();
  auto collection = context.collection();
  if (!collection.ok()) return collection.error();
  if (auto valid = check_name(*collection, "collection"); !valid.ok()) return valid.error();
  return ProjectTarget{std::move(*folder), std::move(*collection)};
}

}  // namespace tacit::cli
