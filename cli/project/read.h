// Reading a secret by its project's id.
#pragma once
#include <optional>
#include <string_view>

#include "cli/context.h"

namespace tacit::cli {

/// What the bare name of `reference` is in the project here, by one call that needs no right but to
/// read this secret: finding out the project's collection first takes the right to list it, which a
/// program that was granted one secret does not have. None: bare names are not a project's here; or
/// what stands in the way is told, and where somebody can be asked mended, by way of the
/// collection.
std::optional<Result<SecretBytes>> read_in_project(Context& context, Reference reference);

}  // namespace tacit::cli
