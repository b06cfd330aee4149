#include "cli/keyring/item.h"

#include <tuple>

namespace tacit::cli {
namespace {

void append_escaped(std::string& name, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char one : text) {
    const auto byte = static_cast<unsigned char>(one);
    const bool control = byte < 0x20 || byte == 0x7f;
    if (control || one == '%' || one == '(' || one == ')') {
      name += '%';
      name += kHex[byte >> 4U];
      name += kHex[byte & 0xfU];
    } else {
      name += one;
    }
  }
}

}  // namespace

std::string keyring_item_name(std::string_view service, std::string_view username) {
  std::string name;
  append_escaped(name, service);
  name += " (";
  append_escaped(name, username);
  name += ')';
  return name;
}

Attributes keyring_attributes(std::string_view service, std::string_view username) {
  return {{kServiceAttribute, std::string(service)}, {kUsernameAttribute, std::string(username)}};
}

const Metadata* newest_keyring_item(std::span<const Metadata> found, std::string_view service) {
  const Metadata* newest = nullptr;
  for (const Metadata& item : found) {
    const auto username = item.attributes.find(kUsernameAttribute);
    if (username == item.attributes.end() ||
        item.name != keyring_item_name(service, username->second)) {
      continue;
    }
    if (newest == nullptr ||
        std::tie(newest->modified, newest->name) < std::tie(item.modified, item.name)) {
      newest = &item;
    }
  }
  return newest;
}

}  // namespace tacit::cli
