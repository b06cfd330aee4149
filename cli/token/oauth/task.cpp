#include "cli/token/oauth/task.h"

#include "cli/json.h"
#include "cli/token/oauth/wiped_json.h"

namespace tacit::oauth {
namespace {

Error wrong(const std::string& what) {
  return {Reason::kInvalidArgument, "what is to be done was told wrongly: " + what};
}

Result<Mode> mode_of(std::string_view text) {
  if (text == "renew") return Mode::kRenew;
  if (text == "login") return Mode::kLogin;
  if (text == "revoke") return Mode::kRevoke;
  if (text == "discover") return Mode::kDiscover;
  return wrong("`mode` is none of renew, login, revoke and discover");
}

}  // namespace

Result<Task> parse_task(std::span<const unsigned char> line) {
  const auto top = load_object(line);
  if (!top) return wrong(top.error().message);
  Task out;
  const std::pair<const char*, std::string*> texts[] = {{"collection", &out.item.collection},
                                                        {"name", &out.item.name},
                                                        {"issuer", &out.issuer},
                                                        {"ca_file", &out.ca_file}};
  for (const auto& [name, place] : texts) {
    const auto text = text_member(top->get(), name);
    if (!text) return wrong(text.error().message);
    if (*text) *place = **text;
    if (place->find('\0') != std::string::npos) return wrong("a text holds a NUL");
  }
  const std::pair<const char*, bool*> flags[] = {{"may_ask", &out.may_ask},
                                                 {"terminal", &out.terminal},
                                                 {"browser", &out.browser},
                                                 {"force", &out.force}};
  for (const auto& [name, place] : flags) {
    const auto flag = flag_member(top->get(), name);
    if (!flag) return wrong(flag.error().message);
    *place = flag->value_or(false);
  }
  const auto mode = text_member(top->get(), "mode");
  if (!mode) return wrong(mode.error().message);
  const auto known = mode_of(mode->value_or("renew"));
  if (!known) return known.error();
  out.mode = *known;
  if (out.mode == Mode::kDiscover ? out.issuer.empty() : out.item.name.empty()) {
    return wrong(out.mode == Mode::kDiscover ? "`issuer` is missing" : "`name` is missing");
  }
  return out;
}

SecretBytes line_of(const Done& done) {
  cli::JsonWriter json;
  json.begin_object();
  json.member("ok", true);
  if (done.version != 0) json.member("version", done.version);
  if (!done.message.empty()) json.member("message", done.message);
  json.end_object();
  return json.take();
}

SecretBytes line_of(const Metadata& found) {
  cli::JsonWriter json;
  json.begin_object();
  json.member("ok", true);
  json.member("issuer", found.issuer);
  json.member("device_authorization_endpoint", found.device_authorization_endpoint);
  json.member("token_endpoint", found.token_endpoint);
  json.member("revocation_endpoint", found.revocation_endpoint);
  const std::pair<const char*, const std::vector<std::string>*> lists[] = {
      {"grant_types_supported", &found.grant_types},
      {"code_challenge_methods_supported", &found.code_challenge_methods}};
  for (const auto& [name, list] : lists) {
    std::string words;
    for (const std::string& one : *list) words += (words.empty() ? "" : " ") + one;
    json.member(name, words);
  }
  json.end_object();
  return json.take();
}

SecretBytes line_of(const Error& error) {
  cli::JsonWriter json;
  json.begin_object();
  json.member("reason", reason_name(error.code));
  json.member("message", error.message);
  json.end_object();
  return json.take();
}

}  // namespace tacit::oauth
