#include "cli/context.h"

namespace tacit::cli {

Client& Context::client() {
  if (!client_) client_.emplace();
  return *client_;
}

Terminal* Context::terminal() {
  if (!terminal_known_) {
    if (auto terminal = Terminal::open(options.no_input)) terminal_.emplace(std::move(*terminal));
    terminal_known_ = true;
  }
  return terminal_ ? &*terminal_ : nullptr;
}

Result<Reference> Context::resolve(const std::string& text) const {
  return parse_name_or_reference(text, options.collection);
}

}  // namespace tacit::cli
