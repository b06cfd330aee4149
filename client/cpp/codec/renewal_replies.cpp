#include "client/cpp/codec/renewal.h"

namespace tacit::codec {
namespace {

std::chrono::milliseconds get_span(Reader& reader) {
  return std::chrono::milliseconds(reader.get_int64());
}

TokenExchange read_exchange(Reader reader) {
  TokenExchange out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.endpoint = reader.get_string();
        break;
      case delimited(2):
        out.subject_token = reader.get_string();
        break;
      case delimited(3):
        out.requested_token_type = reader.get_string();
        break;
      case delimited(4):
        out.scopes.push_back(reader.get_string());
        break;
      case delimited(5):
        out.parameters.push_back(read_attribute(reader.get_message()));
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

ItemRef read_item_ref(Reader reader) {
  ItemName item = read_item(reader);
  return {std::move(item.collection), std::move(item.name)};
}

TokenRecipe read_recipe(Reader reader) {
  TokenRecipe out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.issuer = reader.get_string();
        break;
      case delimited(2):
        out.device_authorization_endpoint = reader.get_string();
        break;
      case delimited(3):
        out.token_endpoint = reader.get_string();
        break;
      case delimited(4):
        out.revocation_endpoint = reader.get_string();
        break;
      case delimited(5):
        out.client_id = reader.get_string();
        break;
      case delimited(6):
        out.client_secret = read_item_ref(reader.get_message());
        break;
      case varint(7):
        out.client_authentication = static_cast<ClientAuthentication>(reader.get_enum());
        break;
      case delimited(8):
        out.scopes.push_back(reader.get_string());
        break;
      case varint(9):
        out.pkce = get_flag(reader);
        break;
      case delimited(10):
        out.parameters.push_back(read_attribute(reader.get_message()));
        break;
      case delimited(11):
        out.exchange = read_exchange(reader.get_message());
        break;
      case delimited(12):
        out.subject_token_file = reader.get_string();
        break;
      case delimited(13):
        out.check_url = reader.get_string();
        break;
      case delimited(14):
        out.check_username = reader.get_string();
        break;
      case varint(15):
        out.margin = get_span(reader);
        break;
      case delimited(16):
        out.ca_file = reader.get_string();
        break;
      case varint(17):
        out.dialect = static_cast<TokenDialect>(reader.get_enum());
        break;
      case delimited(18):
        out.address = reader.get_string();
        break;
      case delimited(19):
        out.username = reader.get_string();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

TokenInfo read_token(Reader reader) {
  TokenInfo out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.item = read_item_ref(reader.get_message());
        break;
      case varint(2):
        out.version = reader.get_uint64();
        break;
      case delimited(3):
        out.recipe = read_recipe(reader.get_message());
        break;
      case varint(4):
        out.has_token = get_flag(reader);
        break;
      case varint(5):
        out.obtained = reader.get_int64();
        break;
      case varint(6):
        out.expires = reader.get_int64();
        break;
      case varint(7):
        out.expired = get_flag(reader);
        break;
      case varint(8):
        out.renewal_due = get_flag(reader);
        break;
      case varint(9):
        out.renewable = get_flag(reader);
        break;
      case varint(10):
        out.in_doubt = get_flag(reader);
        break;
      case delimited(11):
        out.last_error = reader.get_string();
        break;
      case varint(12):
        out.last_error_time = reader.get_int64();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

RenewalLease read_lease(Reader reader) {
  RenewalLease out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.id = reader.get_uint64();
        break;
      case delimited(2):
        out.recipe = read_recipe(reader.get_message());
        break;
      case delimited(3):
        out.refresh_token = get_secret(reader);
        break;
      case delimited(4):
        out.access_token = get_secret(reader);
        break;
      case varint(5):
        out.valid = get_flag(reader);
        break;
      case varint(6):
        out.time = get_span(reader);
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

RenewalEvent read_event(Reader reader) {
  RenewalEvent out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out = read_lease(reader.get_message());
        break;
      case delimited(2):
        out = Renewed{read_number(reader.get_message())};
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

}  // namespace

Result<std::uint64_t> token_version_reply(const SecretBytes& message) {
  return decode(message, read_number);
}
Result<std::vector<TokenInfo>> list_tokens_reply(const SecretBytes& message) {
  return decode(message, read_list<read_token>);
}
Result<RenewalEvent> renewal_event(const SecretBytes& message) {
  return decode(message, read_event);
}
Result<LoginShown> show_login_reply(const SecretBytes& message) {
  return decode(message,
                [](Reader reader) { return static_cast<LoginShown>(read_number(reader)); });
}

}  // namespace tacit::codec
