#include "tacit/client.h"

#include "client/cpp/checks.h"
#include "client/cpp/client_impl.h"
#include "client/cpp/codec/session.h"

namespace tacit {

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<DaemonStatus> Client::status() {
  return impl_->ask("/tacit.v1.Session/Status", codec::status_request(), impl_->limits(),
                    codec::status_reply);
}

Result<SecretBytes> Client::create(std::span<const Credential> credentials,
                                   bool with_recovery_key) {
  for (const Credential& credential : credentials) {
    if (auto good = check_credential(credential); !good) return good.error();
  }
  return impl_->ask("/tacit.v1.Session/Create",
                    codec::create_request(credentials, with_recovery_key), impl_->slow_limits(),
                    codec::create_reply);
}

Result<UnlockOutcome> Client::unlock(const Credential& credential) {
  if (auto good = check_credential(credential); !good) return good.error();
  return impl_->ask("/tacit.v1.Session/Unlock", codec::unlock_request(credential),
                    impl_->slow_limits(), codec::unlock_reply);
}

Result<bool> Client::lock() {
  auto already = impl_->ask("/tacit.v1.Session/Lock", codec::lock_request(), impl_->limits(),
                            codec::lock_reply);
  if (!already) return already;
  return !*already;
}

Result<void> Client::watch_session(const std::function<bool(const SessionChange&)>& on_change) {
  return impl_->follow("/tacit.v1.Session/Watch", codec::watch_session_request(),
                       Impl::watch_limits(), codec::session_event, on_change);
}

std::string_view version() noexcept { return TACIT_VERSION; }

}  // namespace tacit
