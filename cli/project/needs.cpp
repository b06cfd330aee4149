#include "cli/project/needs.h"

#include <sys/stat.h>

#include <algorithm>

#include "cli/input.h"
#include "cli/project_link.h"
#include "cli/session_gate.h"
#include "cli/time_text.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

constexpr std::size_t kMaxManifestBytes = 1024 * 1024;

Result<std::vector<NeededSecret>> read_manifest(const std::string& file) {
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0) {
    return Error{Reason::kNotFound,
                 "there is no " + visible(file) + ", in which a project says what it needs"};
  }
  if (!S_ISREG(facts.st_mode)) {
    return Error{Reason::kIoError, visible(file) + " is no regular file"};
  }
  struct stat link {};
  if (::lstat(file.c_str(), &link) != 0) link = facts;
  if (const auto why = why_not_believed(link, facts)) {
    return Error{Reason::kPermissions,
                 visible(file) + " " + *why + ", and is not read; it has to be your own"};
  }
  const auto content = read_file(file, kMaxManifestBytes);
  if (!content.ok()) return content.error();
  const auto bytes = content->bytes();
  return parse_manifest({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file);
}

}  // namespace

std::string_view state_name(NeedState state) {
  switch (state) {
    case NeedState::kThere:
      return "there";
    case NeedState::kMissing:
      return "missing";
    case NeedState::kExpired:
      return "expired";
  }
  return "unknown";
}

Result<ProjectNeeds> project_needs(Context& context) {
  auto target = project_target(context);
  if (!target.ok()) return target.error();
  ProjectNeeds all{std::move(*target), {}, {}};
  all.file = (all.target.folder == "/" ? "" : all.target.folder) + "/" + kManifestName;
  auto secrets = read_manifest(all.file);
  if (!secrets.ok()) return secrets.error();
  const auto items = with_session(
      context, [&](Client& client) { return client.list(all.target.collection, false, true); });
  if (!items.ok()) return items.error();
  const UnixMillis now = now_unix_ms();
  for (NeededSecret& secret : *secrets) {
    Need need{std::move(secret), NeedState::kMissing, 0};
    const auto item = std::ranges::find(*items, need.secret.name, &Metadata::name);
    if (item != items->end()) {
      const bool expired = item->expires != 0 && item->expires <= now;
      need.state = expired ? NeedState::kExpired : NeedState::kThere;
      need.version = item->inherited ? 0 : item->version;
    }
    all.needs.push_back(std::move(need));
  }
  return all;
}

}  // namespace tacit::cli
