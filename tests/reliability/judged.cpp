#include "tests/reliability/judged.h"

#include "daemon/base/status.h"
#include "tests/reliability/steps.h"

namespace tacit::test {
namespace {

std::string told(const std::string& what, const absl::Status& status) {
  return what + ": " + std::string(reason_name(reason_of(status))) + " " +
         std::string(status.message());
}

/// One more write, and whether it is there afterwards.
std::string go_on(VaultUser& user) {
  ItemChange change;
  change.value = SecretBytes::copy_of("probe");
  const ItemName where{"default", "probe"};
  auto status = user.vault().set(where, std::move(change)).status();
  if (status.ok()) status = user.vault().write_anchor();
  if (!status.ok()) return told("a write afterwards", status);
  user.close();
  status = user.open();
  if (!status.ok()) return told("opening once more", status);
  const auto item = user.vault().get(where);
  if (!item.ok()) return told("reading what was written afterwards", item.status());
  if (user.vault().read_only() != Reason::kUnspecified) return user.vault().read_only_message();
  return "";
}

}  // namespace

Judgement judge(VaultUser& user, const std::vector<const Contents*>& allowed) {
  Judgement out;
  absl::Status status = user.open();
  Contents found;
  if (!status.ok()) {
    if (reason_of(status) != Reason::kNoVault) {
      out.why = told("the vault did not open", status);
      return out;
    }
    found = no_vault();
  } else if (user.vault().read_only() != Reason::kUnspecified) {
    out.why = user.vault().read_only_message();
    return out;
  } else {
    auto read = user.contents();
    if (!read.ok()) {
      out.why = told("the vault was not all readable", read.status());
      return out;
    }
    found = *std::move(read);
  }
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    if (*allowed[i] == found) out.which = static_cast<int>(i);
  }
  if (out.which < 0) {
    out.why = "it is not what was acknowledged:\n" + difference(*allowed.front(), found);
    return out;
  }
  if (found == no_vault()) {
    status = user.create();
    if (!status.ok()) out.why = told("a new vault could not be made", status);
  }
  if (out.why.empty()) out.why = go_on(user);
  if (!out.why.empty()) out.which = -1;
  user.close();
  return out;
}

}  // namespace tacit::test
