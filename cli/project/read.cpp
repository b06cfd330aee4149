#include "cli/project/read.h"

#include "cli/project/names.h"

namespace tacit::cli {
namespace {

bool stands_for_good(Reason reason) {
  return reason == Reason::kUserDenied || reason == Reason::kPolicyDenied;
}

}  // namespace

std::optional<Result<SecretBytes>> read_in_project(Context& context, Reference reference) {
  const GlobalOptions& options = context.options;
  if (options.collection_given || options.global) return {};
  const auto here = project_here();
  if (!here.ok() || !*here) return {};
  ProjectRef project = (*here)->reference();
  project.profile = options.profile;
  reference.collection.clear();
  auto values = context.client().get_batch({&reference, 1}, &project);
  if (!values.ok() || values->size() != 1) return {};
  auto& value = values->front();
  if (!value.ok() && !stands_for_good(value.error().code)) return {};
  return std::move(value);
}

}  // namespace tacit::cli
