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
  auto reference = resolve_one_of_many(text);
  if (reference.ok() && options.collection_given && reference->collection != options.collection) {
    return Error{Reason::kInvalidArgument, "-c says the collection `" + options.collection +
                                               "`, the reference `" + reference->collection +
                                               "`; leave one of them out"};
  }
  return reference;
}

Result<Reference> Context::resolve_one_of_many(const std::string& text) const {
  return parse_name_or_reference(text, options.collection);
}

}  // namespace tacit::cli
