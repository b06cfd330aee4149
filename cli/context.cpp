#include "cli/context.h"

#include "cli/project/names.h"
#include "cli/project/read.h"

namespace tacit::cli {
Client& Context::client() {
  if (!client_) {
    ClientOptions client_options;
    interaction_ = interaction_ || (!input_refused(options.no_input) && terminal() == nullptr);
    client_options.interaction = interaction_;
    client_options.log_in = !input_refused(options.no_input);
    client_options.renew_tokens = renew_tokens;
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

Result<std::string> Context::collection() {
  if (!collection_) {
    auto found = collection_of_names(*this);
    if (!found.ok()) return found;
    collection_ = std::move(*found);
  }
  return *collection_;
}

Result<Reference> Context::resolve(const std::string& text) {
  auto reference = resolve_one_of_many(text);
  if (reference.ok() && options.collection_given && reference->collection != *collection_) {
    return Error{Reason::kInvalidArgument, "-c says the collection `" + *collection_ +
                                               "`, the reference `" + reference->collection +
                                               "`; leave one of them out"};
  }
  return reference;
}

Result<Reference> Context::resolve_one_of_many(const std::string& text) {
  // A reference names its collection; where it is refused, the project is no matter either.
  auto reference = parse_name_or_reference(text, kDefaultCollection);
  const bool bare = !text.starts_with(kReferenceScheme);
  if (!reference.ok() || (!bare && !options.collection_given)) return reference;
  auto found = collection();
  if (!found.ok()) return found.error();
  return parse_name_or_reference(text, *found);
}

}  // namespace tacit::cli
