// Messages of session.proto: requests written, replies read.
#pragma once
#include <span>

#include "client/cpp/codec/common.h"

namespace tacit::codec {

MessageBuffer status_request();
MessageBuffer create_request(std::span<const Credential> credentials, bool with_recovery_key);
MessageBuffer unlock_request(const Credential& credential);
MessageBuffer lock_request();
MessageBuffer watch_session_request();

Result<DaemonStatus> status_reply(const SecretBytes& message);
/// The recovery key.
Result<SecretBytes> create_reply(const SecretBytes& message);
Result<UnlockOutcome> unlock_reply(const SecretBytes& message);
/// Whether it was locked already.
Result<bool> lock_reply(const SecretBytes& message);
Result<SessionChange> session_event(const SecretBytes& message);

}  // namespace tacit::codec
