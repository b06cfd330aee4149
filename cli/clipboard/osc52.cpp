#include <sodium.h>

#include "cli/clipboard/clipboard.h"
#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::cli {
namespace {

SecretBytes base64(std::span<const unsigned char> value) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  SecretBytes text(sodium_base64_encoded_len(value.size(), kVariant));
  ::sodium_bin2base64(reinterpret_cast<char*>(text.writable().data()), text.size(), value.data(),
                      value.size(), kVariant);
  text.truncate(text.size() - 1);  // its NUL
  return text;
}

}  // namespace

SecretBytes osc52(std::span<const unsigned char> value, bool in_tmux) {
  const SecretBytes text = base64(value);
  SecretBuffer all;
  // tmux takes the first where `set-clipboard` is on, and passes the second on to the terminal it
  // is in where `allow-passthrough` is; every escape in that is doubled.
  all.append(std::string_view("\x1b]52;c;"));
  all.append(text.bytes());
  all.append(std::string_view("\x07"));
  if (in_tmux) {
    all.append(std::string_view("\x1bPtmux;\x1b\x1b]52;c;"));
    all.append(text.bytes());
    all.append(std::string_view("\x07\x1b\\"));
  }
  return all.take();
}

}  // namespace tacit::cli
