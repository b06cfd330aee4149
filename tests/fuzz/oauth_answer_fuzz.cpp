// Servers answer with anything: what is taken keeps to its limits, and no complaint quotes it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "cli/token/oauth/address.h"
#include "cli/token/oauth/json_answer.h"
#include "cli/token/oauth/task.h"

namespace {

using namespace tacit::oauth;

void require(bool promise) {
  if (!promise) std::abort();
}

bool plain(std::span<const unsigned char> text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c <= 0x7e; });
}

void token(const tacit::SecretBytes& one) {
  require(one.size() <= kMostTokenBytes && plain(one.bytes()));
}

void page(const std::string& url) { require(url.empty() || parse_address(url).ok()); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const unsigned char> body(data, size);
  if (const auto tokens = parse_token_answer(body); tokens.ok()) {
    for (const auto* one : {&tokens->access_token, &tokens->refresh_token, &tokens->id_token}) {
      token(*one);
    }
    require(!tokens->access_token.empty() || !tokens->id_token.empty());
    require(!tokens->lives || tokens->lives->count() > 0);
  } else {
    require(tokens.error().code == tacit::Reason::kProtocol && tokens.error().message.size() < 200);
  }
  if (const auto device = parse_device_answer(body); device.ok()) {
    token(device->device_code);
    require(!device->device_code.empty() && !device->user_code.empty());
    require(!device->verification_uri.empty());
    page(device->verification_uri);
    page(device->verification_uri_complete);
    require(device->interval.count() >= 1 && device->lives.count() >= 1);
  }
  if (const auto error = parse_error_answer(body)) {
    require(!error->code.empty() && error->code.size() <= 64);
  }
  if (const auto found = parse_metadata(body); found.ok()) {
    page(found->issuer);
    page(found->token_endpoint);
    page(found->device_authorization_endpoint);
    page(found->revocation_endpoint);
  }
  (void)parse_task(body);
  return 0;
}
