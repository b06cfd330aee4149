#include "client/cpp/codec/access.h"
#include "client/cpp/codec/asker.h"

namespace tacit::codec {
namespace {

VerbPolicy read_verb_policy(Reader reader) {
  VerbPolicy out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.verb = static_cast<Verb>(reader.get_enum());
        break;
      case varint(2):
        out.policy = static_cast<Policy>(reader.get_enum());
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

PolicyView read_policy(Reader reader) {
  PolicyView out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.own.push_back(read_verb_policy(reader.get_message()));
        break;
      case delimited(2):
        out.effective.push_back(read_verb_policy(reader.get_message()));
        break;
      case delimited(3):
        out.pinned.push_back(reader.get_string());
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

Explanation read_explanation(Reader reader) {
  Explanation out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.verdict = reader.get_string();
        break;
      case delimited(2):
        out.rule = reader.get_string();
        break;
      case delimited(3):
        out.asker = read_asker(reader.get_message());
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

Grant read_grant(Reader reader) {
  Grant out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.id = reader.get_uint64();
        break;
      case varint(2):
        out.denied = get_flag(reader);
        break;
      case varint(3):
        out.prepared = get_flag(reader);
        break;
      // Repeated numbers come packed or one by one.
      case varint(4):
        out.verbs.push_back(static_cast<Verb>(reader.get_enum()));
        break;
      case delimited(4):
        for (const auto verb : reader.get_packed_enum()) {
          out.verbs.push_back(static_cast<Verb>(verb));
        }
        break;
      case delimited(5):
        out.collection = reader.get_string();
        break;
      case delimited(6):
        out.items.push_back(reader.get_string());
        break;
      case delimited(7):
        out.program = reader.get_string();
        break;
      case varint(8):
        out.pid = reader.get_int64();
        break;
      case delimited(9):
        out.session = reader.get_string();
        break;
      case varint(10):
        out.created = reader.get_int64();
        break;
      case varint(11):
        out.expires = reader.get_int64();
        break;
      case varint(12):
        out.idle_expires = reader.get_int64();
        break;
      case varint(13):
        out.uses_left = reader.get_uint64();
        break;
      case varint(14):
        out.unlimited_uses = get_flag(reader);
        break;
      case varint(15):
        out.narrowing = get_flag(reader);
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

AuditRecord read_record(Reader reader) {
  AuditRecord out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.sequence = reader.get_uint64();
        break;
      case varint(2):
        out.time = reader.get_int64();
        break;
      case delimited(3):
        out.asker = read_asker(reader.get_message());
        break;
      case varint(4):
        out.verb = static_cast<Verb>(reader.get_enum());
        break;
      case delimited(5):
        out.method = reader.get_string();
        break;
      case delimited(6): {
        ItemName item = read_item(reader.get_message());
        out.item = {std::move(item.collection), std::move(item.name)};
        break;
      }
      case varint(7):
        out.verdict = static_cast<AuditVerdict>(reader.get_enum());
        break;
      case delimited(8):
        out.rule = reader.get_string();
        break;
      case varint(9):
        out.count = reader.get_uint64();
        break;
      case varint(10):
        out.last_time = reader.get_int64();
        break;
      case delimited(11):
        out.event = reader.get_string();
        break;
      case delimited(12):
        out.change = reader.get_string();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

AuditChain read_chain(Reader reader) {
  AuditChain out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.first_sequence = reader.get_uint64();
        break;
      case varint(2):
        out.last_sequence = reader.get_uint64();
        break;
      case varint(3):
        out.gap = reader.get_uint64();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

}  // namespace

Result<PolicyView> get_policy_reply(const SecretBytes& message) {
  return decode(message, read_policy);
}
Result<Explanation> explain_reply(const SecretBytes& message) {
  return decode(message, read_explanation);
}
Result<std::vector<Grant>> list_grants_reply(const SecretBytes& message) {
  return decode(message, read_list<read_grant>);
}
Result<std::uint64_t> add_grant_reply(const SecretBytes& message) {
  return decode(message, read_number);
}
Result<std::uint32_t> revoke_grants_reply(const SecretBytes& message) {
  return decode(message,
                [](Reader reader) { return static_cast<std::uint32_t>(read_number(reader)); });
}
Result<std::vector<AuditRecord>> audit_reply(const SecretBytes& message) {
  return decode(message, read_list<read_record>);
}
Result<AuditChain> verify_audit_reply(const SecretBytes& message) {
  return decode(message, read_chain);
}

}  // namespace tacit::codec
