#include "client/cpp/channel/reading_methods.h"

#include <algorithm>
#include <array>

namespace tacit {

bool only_reads(std::string_view method) noexcept {
  constexpr std::string_view kPackage = "/tacit.v1.";
  constexpr std::array<std::string_view, 24> kReading = {
      "Access/Audit",     "Access/Explain",     "Access/GetPolicy", "Access/ListGrants",
      "Access/Prompt",    "Access/VerifyAudit", "Admin/ListSlots",  "Admin/Verify",
      "Collections/List", "Projects/List",      "Projects/Resolve", "Renewal/List",
      "Scan/Begin",       "Scan/Confirm",       "Secrets/Describe", "Secrets/Get",
      "Secrets/GetBatch", "Secrets/History",    "Secrets/List",     "Secrets/ListCollections",
      "Secrets/Search",   "Secrets/Watch",      "Session/Status",   "Session/Watch"};
  if (!method.starts_with(kPackage)) return false;
  method.remove_prefix(kPackage.size());
  return std::ranges::find(kReading, method) != kReading.end();
}

}  // namespace tacit
