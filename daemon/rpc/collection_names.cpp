#include "daemon/rpc/collection_names.h"

#include <utility>

#include "daemon/base/status.h"
#include "tacit/reference.h"

namespace tacit {

absl::StatusOr<std::string> collection_name_from(const std::string& name) {
  if (name.empty()) return std::string(kDefaultCollection);
  const Result<void> checked = check_name(name, "collection");
  if (checked) return name;
  return make_error(checked.error().code, checked.error().message);
}

absl::StatusOr<std::string> new_collection_name(const std::string& name) {
  const Result<void> checked = check_name(name, "collection");
  if (!checked) return make_error(checked.error().code, checked.error().message);
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos) return name;
  if (slash != 0 && slash + 1 != name.size() && name.find('/', slash + 1) == std::string::npos) {
    return name;
  }
  return make_error(Reason::kInvalidArgument,
                    "a collection's name holds at most one `/`, between a project's collection and "
                    "a profile: `project/profile`");
}

std::vector<std::string> above_new_name(const Vault& vault, const std::string& name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos) return {};
  std::string project = name.substr(0, slash);
  if (!vault.collection_id(project)) return {};
  std::vector<std::string> out = vault.above(project);
  out.insert(out.begin(), std::move(project));
  return out;
}

AdminChange change_of(const std::string& collection, std::string change) {
  return {{ItemName{collection, {}}}, std::move(change), Verb::kWrite};
}

}  // namespace tacit
