#include "daemon/access/verbs.h"

#include <algorithm>

namespace tacit {
namespace {

constexpr MethodVerb kVerbs[] = {
    {"Session.Status", Verb::kNone},
    {"Session.Create", Verb::kNone},
    {"Session.Unlock", Verb::kNone},
    {"Session.Lock", Verb::kNone},
    {"Session.Watch", Verb::kNone},
    {"Secrets.Get", Verb::kRead},
    {"Secrets.GetOrAsk", Verb::kWrite},
    {"Secrets.GetBatch", Verb::kRead},
    {"Secrets.Describe", Verb::kList},
    {"Secrets.Set", Verb::kWrite},
    {"Secrets.Delete", Verb::kWrite},
    {"Secrets.Apply", Verb::kWrite},
    {"Secrets.List", Verb::kList},
    {"Secrets.Search", Verb::kList},
    {"Secrets.ListCollections", Verb::kList},
    {"Secrets.Rename", Verb::kWrite},
    {"Secrets.History", Verb::kList},
    {"Secrets.Restore", Verb::kWrite},
    {"Secrets.Watch", Verb::kList},
    {"Collections.Create", Verb::kWrite},
    {"Collections.Rename", Verb::kWrite},
    {"Collections.Delete", Verb::kWrite},
    {"Collections.List", Verb::kList},
    {"Collections.Inherit", Verb::kWrite},
    {"Projects.Link", Verb::kWrite},
    {"Projects.Resolve", Verb::kNone},
    {"Projects.Trust", Verb::kAdmin},
    {"Projects.List", Verb::kList},
    {"Projects.Unlink", Verb::kWrite},
    {"Projects.Clear", Verb::kWrite},
    {"Renewal.Create", Verb::kWrite},
    {"Renewal.List", Verb::kList},
    {"Renewal.Begin", Verb::kNone},
    {"Renewal.Sending", Verb::kNone},
    {"Renewal.ShowLogin", Verb::kNone},
    {"Renewal.Commit", Verb::kNone},
    {"Renewal.Fail", Verb::kNone},
    {"Scan.Begin", Verb::kRead},
    {"Scan.Confirm", Verb::kRead},
    {"Admin.ListSlots", Verb::kList},
    {"Admin.AddSlot", Verb::kAdmin},
    {"Admin.RemoveSlot", Verb::kAdmin},
    {"Admin.ChangePassphrase", Verb::kAdmin},
    {"Admin.CheckCredential", Verb::kAdmin},
    {"Admin.ConfirmRecoveryKey", Verb::kAdmin},
    {"Admin.Verify", Verb::kAdmin},
    {"Admin.Backup", Verb::kAdmin},
    {"Admin.AcceptRollback", Verb::kAdmin},
    {"Admin.Rotate", Verb::kAdmin},
    {"Replacement.ReplaceKeys", Verb::kAdmin},
    {"Replacement.Upload", Verb::kNone},
    {"Replacement.RestoreBackup", Verb::kNone},
    {"Replacement.Salvage", Verb::kNone},
    {"Replacement.ListOldFiles", Verb::kNone},
    {"Replacement.RemoveOldFile", Verb::kAdmin},
    {"Access.SetPolicy", Verb::kAdmin},
    {"Access.GetPolicy", Verb::kList},
    {"Access.Explain", Verb::kList},
    {"Access.ListGrants", Verb::kList},
    {"Access.AddGrant", Verb::kAdmin},
    {"Access.RevokeGrants", Verb::kAdmin},
    {"Access.Narrow", Verb::kRead},
    {"Access.Prompt", Verb::kNone},
    {"Access.Answer", Verb::kNone},
    {"Access.Ask", Verb::kNone},
    {"Access.Audit", Verb::kList},
    {"Access.VerifyAudit", Verb::kList},
};

}  // namespace

std::string_view verb_name(Verb verb) noexcept {
  switch (verb) {
    case Verb::kNone:
      return "none";
    case Verb::kList:
      return "list";
    case Verb::kRead:
      return "read";
    case Verb::kWrite:
      return "write";
    case Verb::kAdmin:
      return "admin";
  }
  return "none";
}

std::span<const MethodVerb> method_verbs() noexcept { return kVerbs; }

std::optional<Verb> verb_of(std::string_view method) noexcept {
  const auto* found = std::ranges::find(kVerbs, method, &MethodVerb::method);
  if (found == std::end(kVerbs)) return std::nullopt;
  return found->verb;
}

}  // namespace tacit
