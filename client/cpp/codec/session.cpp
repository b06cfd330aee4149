#include "client/cpp/codec/session.h"

namespace tacit::codec {

MessageBuffer status_request() { return MessageBuffer(); }
MessageBuffer lock_request() { return MessageBuffer(); }
MessageBuffer watch_session_request() { return MessageBuffer(); }

MessageBuffer create_request(std::span<const Credential> credentials, bool with_recovery_key) {
  MessageBuffer out;
  Writer writer(out);
  for (const Credential& credential : credentials) add_credential(writer, 1, credential);
  writer.add_bool(2, with_recovery_key);
  return out;
}

MessageBuffer unlock_request(const Credential& credential) {
  MessageBuffer out(credential.secret.size() + 16);
  Writer writer(out);
  add_credential(writer, 1, credential);
  return out;
}

namespace {

DaemonStatus read_status(Reader reader) {
  DaemonStatus out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.state = static_cast<VaultState>(reader.get_enum());
        break;
      case delimited(2):
        out.version = reader.get_string();
        break;
      case varint(3):
        out.pid = reader.get_int64();
        break;
      case delimited(4):
        out.vault_path = reader.get_string();
        break;
      case delimited(5):
        out.socket_path = reader.get_string();
        break;
      case varint(6):
        out.unlocked = reader.get_int64();
        break;
      case varint(7):
        out.locks = reader.get_int64();
        break;
      case varint(8):
        out.problem = static_cast<Reason>(reader.get_enum());
        break;
      case delimited(9):
        out.problem_message = reader.get_string();
        break;
      case varint(10):
        out.recovery_key_unconfirmed = get_flag(reader);
        break;
      case varint(11):
        out.uptime_ms = reader.get_int64();
        break;
      case varint(12):
        out.read_only = get_flag(reader);
        break;
      // Repeated numbers come packed or one by one.
      case varint(13):
        out.slot_kinds.push_back(static_cast<SlotKind>(reader.get_enum()));
        break;
      case delimited(13):
        for (const auto kind : reader.get_packed_enum()) {
          out.slot_kinds.push_back(static_cast<SlotKind>(kind));
        }
        break;
      case varint(14):
        out.prompter = static_cast<PrompterState>(reader.get_enum());
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

SecretBytes read_create(Reader reader) {
  SecretBytes out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out = get_secret(reader);
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

UnlockOutcome read_unlock(Reader reader) {
  UnlockOutcome out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.already_unlocked = get_flag(reader);
        break;
      case varint(2):
        out.first_use = get_flag(reader);
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

bool read_lock(Reader reader) {
  bool already_locked = false;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        already_locked = get_flag(reader);
        break;
      default:
        reader.skip();
    }
  }
  return already_locked;
}

SessionChange read_event(Reader reader) {
  SessionChange out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.state = static_cast<VaultState>(reader.get_enum());
        break;
      case delimited(2):
        out.cause = reader.get_string();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

}  // namespace

Result<DaemonStatus> status_reply(const SecretBytes& message) {
  return decode(message, read_status);
}
Result<SecretBytes> create_reply(const SecretBytes& message) {
  return decode(message, read_create);
}
Result<UnlockOutcome> unlock_reply(const SecretBytes& message) {
  return decode(message, read_unlock);
}
Result<bool> lock_reply(const SecretBytes& message) { return decode(message, read_lock); }
Result<SessionChange> session_event(const SecretBytes& message) {
  return decode(message, read_event);
}

}  // namespace tacit::codec
