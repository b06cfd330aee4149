// tacit.v1.Renewal: tokens, which a client gets from a server, one at a time.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "daemon/rpc/core.h"
#include "daemon/rpc/server.h"
#include "daemon/tokens/renewals.h"
#include "daemon/tokens/token_value.h"
#include "tacit/v1/renewal.grpc.pb.h"

namespace tacit {

class RenewalService {
 public:
  /// `clock`'s alarm is the service's; it outlives it.
  RenewalService(Core& core, Server& server, BootClock& clock);

  /// The vault was locked, or the daemon ends: all who wait are told.
  void end_all(const absl::Status& why);
  void on_alarm() { renewals_.on_alarm(); }

 private:
  template <class Request, class Reply>
  using Unary = UnaryCall<Request, Reply>;
  using BeginCall = StreamCall<v1::BeginRenewalRequest, v1::RenewalEvent>;

  void create(Unary<v1::CreateTokenRequest, v1::CreateTokenReply>& call);
  void list(StreamCall<v1::ListTokensRequest, v1::ListTokensReply>& call);

  // renewal_begin.cpp
  struct Taking;
  void begin(BeginCall& call);
  void take_part(BeginCall& call, const ItemName& where, const std::shared_ptr<const Asker>& asker);
  absl::StatusOr<Step> next(Taking& taking, v1::RenewalEvent& event);
  struct Holder;
  absl::Status fill_lease(const RenewalLease& lease, Holder& holder, v1::RenewalLease& to);
  std::variant<std::uint64_t, RenewedTo, absl::Status> consider(const ItemId& item,
                                                                const RenewalWish& wish);

  // renewal_end.cpp
  void sending(Unary<v1::SendingRequest, v1::SendingReply>& call);
  void show_login(Unary<v1::ShowLoginRequest, v1::ShowLoginReply>& call);
  void commit(Unary<v1::CommitRenewalRequest, v1::CommitRenewalReply>& call);
  void fail(Unary<v1::FailRenewalRequest, v1::FailRenewalReply>& call);
  absl::StatusOr<std::uint64_t> store(Vault& vault, const RenewalLease& lease,
                                      v1::CommitRenewalRequest& request);
  absl::Status forget_tokens(Vault& vault, const RenewalLease& lease);

  /// Who has a lease, or had it.
  struct Holder {
    std::uint64_t lease = 0;
    ProcessKey process;
    std::shared_ptr<const Asker> asker;
    bool doubted = false;    ///< the token was in doubt before
    bool held_back = false;  ///< and its refresh token was therefore not given
    Waiting waiting = 0;     ///< for the login that is shown
    v1::LoginShown shown = v1::LOGIN_SHOWN_NOWHERE;
  };
  /// What a failure tells of the refresh token. An older doubt stays: nothing was heard of what it
  /// is about.
  static void learn(TokenState& state, v1::RenewalFailure failure, std::uint64_t version,
                    const Holder& holder);
  Holder* holder(std::uint64_t lease, const ProcessKey& process);
  void hide_login(std::uint64_t lease);
  /// The lease that the request names, if it is this process's. Errors: kNotFound, kLocked.
  template <class CallType>
  absl::StatusOr<const RenewalLease*> lease_of(CallType& call);

  Core& core_;
  Renewals renewals_;
  std::deque<Holder> holders_;
  v1::Renewal::AsyncService service_;
};

/// A token as it lies in the vault.
struct StoredToken {
  ItemMetadata metadata;
  TokenValue value;
};
/// Errors: kNotFound, kNotToken.
absl::StatusOr<StoredToken> stored_token(Vault& vault, const ItemName& where);
/// kIsToken where a token is or, with a version, was.
absl::Status refuse_token(const TokenBook& book, Vault& vault, const ItemName& where,
                          std::uint64_t version = 0);
/// It should be got anew or tried out, and can be without the user.
bool renewal_due(const TokenBook& book, const StoredToken& token, UnixMillis now);

}  // namespace tacit
