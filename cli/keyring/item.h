// Which item holds the password of a username at a service: the rule of cli/keyring/README.md,
// which the Python backend keeps too.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "tacit/client.h"

namespace tacit::cli {

inline constexpr std::string_view kKeyringCollection = "keyring";
inline constexpr const char* kServiceAttribute = "service";
inline constexpr const char* kUsernameAttribute = "username";

/// `SERVICE (USERNAME)`; no two pairs have the same.
std::string keyring_item_name(std::string_view service, std::string_view username);

/// Its two attributes.
Attributes keyring_attributes(std::string_view service, std::string_view username);

/// Of what a search for the service found, the one that is meant where no username is given: the
/// last that was changed, of those whose name is as it has to be. nullptr: none.
const Metadata* newest_keyring_item(std::span<const Metadata> found, std::string_view service);

}  // namespace tacit::cli
