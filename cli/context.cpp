#include "cli/context.h"

namespace tacit::cli {

Client& Context::client() {
  if (!client_) {
    ClientOptions client_options;
    interaction_ = interaction_ || (!input_refused(options.no_input) && terminal() == nullptr);
    client_options.interaction = interaction_;
    client_.emplace(std::move(client_options));
  }
  return *client_;
}

bool Context::use_prompter() {
  if (interaction_ || input_refused(options.no_input)) return false;
  interaction_ = true;
  client_.reset();
  return true;
}

Terminal* Context::terminal() {
  if (!terminal_known_) {
    auto terminal = Terminal::open(options.no_input);
    if (terminal.ok()) {
      terminal_.emplace(std::move(*terminal));
    } else {
      how_to_be_asked_ = terminal.error().message;
    }
    terminal_known_ = true;
  }
  return terminal_ ? &*terminal_ : nullptr;
}

const std::string& Context::how_to_be_asked() {
  (void)terminal();
  return how_to_be_asked_;
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
