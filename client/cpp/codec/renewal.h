// Messages of renewal.proto: requests written, replies read.
#pragma once
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "client/cpp/codec/common.h"

namespace tacit::codec {

MessageBuffer create_token_request(const ItemAt& item, const TokenRecipe& recipe,
                                   const Attributes& attributes, bool replace,
                                   Interaction interaction);
MessageBuffer list_tokens_request(std::optional<std::string_view> collection,
                                  Interaction interaction);
MessageBuffer begin_renewal_request(const ItemAt& item, const RenewalWish& wish,
                                    Interaction interaction);
MessageBuffer sending_request(std::uint64_t lease);
MessageBuffer show_login_request(std::uint64_t lease, const LoginPlace& place);
MessageBuffer commit_renewal_request(std::uint64_t lease, const GotTokens& tokens);
MessageBuffer fail_renewal_request(std::uint64_t lease, RenewalFailure failure,
                                   std::string_view message);

/// Create and Commit: the version stored.
Result<std::uint64_t> token_version_reply(const SecretBytes& message);
Result<std::vector<TokenInfo>> list_tokens_reply(const SecretBytes& message);
/// proto: RenewedToken.
struct Renewed {
  std::uint64_t version = 0;
};
/// std::monostate: of a newer daemon, to be passed over.
using RenewalEvent = std::variant<std::monostate, RenewalLease, Renewed>;
Result<RenewalEvent> renewal_event(const SecretBytes& message);
Result<LoginShown> show_login_reply(const SecretBytes& message);

}  // namespace tacit::codec
