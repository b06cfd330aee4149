// Client::get_or_ask: the daemon's prompter first, then the terminal.
#include <mutex>

#include "client/cpp/checks.h"
#include "client/cpp/client_impl.h"
#include "client/cpp/codec/access.h"
#include "client/cpp/terminal/value.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxPrompt = 256;

/// What the user types there, as a new item without metadata. Errors: as of get_or_ask; `nobody`
/// where nobody can be asked there either.
Result<Item> typed_value(const std::string& name, const std::string& prompt,
                         std::chrono::milliseconds patience, int stop_fd, const Error& nobody) {
  // Two threads that ask at once would share the lines that are typed.
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  auto terminal = Terminal::open(false);
  if (!terminal) {
    return Error{nobody.code, nobody.message + "; or " + terminal.error().message};
  }
  terminal->forget_typed_ahead();
  terminal->wait_until(std::chrono::steady_clock::now() + patience, stop_fd);
  auto value = ask_missing_value(*terminal, name, prompt);
  if (value) return Item{{}, *std::move(value)};
  const bool late = value.error().code == Reason::kTimeout;
  return Error{late ? Reason::kUserDenied : value.error().code, value.error().message};
}

}  // namespace

Result<Item> Client::get_or_ask(std::string_view collection, std::string_view name,
                                const AskOptions& options) {
  if (auto good = check_item({collection, name}); !good) return good.error();
  if (auto good = check_text(options.prompt, "prompt"); !good) return good.error();
  if (auto good = check_length(options.prompt.size(), kMaxPrompt, "prompt"); !good) {
    return good.error();
  }
  if (options.attributes) {
    if (auto good = check_attributes(*options.attributes); !good) return good.error();
  }
  const CallLimits limits = impl_->limits_for_user(options.patience);
  auto item =
      impl_->ask("/tacit.v1.Secrets/GetOrAsk",
                 codec::get_or_ask_request({collection, name}, options), limits, codec::get_reply);
  if (impl_->renewal_for(item, {})) return get(collection, name);
  if (item || item.error().code != Reason::kNoPrompter || !options.terminal) return item;
  // It may be there, and what has to be asked is whether it may be read: no question for here.
  auto there = get(collection, name);
  if (there) return there;
  if (there.error().code != Reason::kNotFound) return item;
  const ItemRef wanted{std::string(collection), std::string(name)};
  const auto consent = ask({.verb = Verb::kWrite, .items = {wanted}});
  if (!consent || *consent) return item;  // what would be typed could not be stored
  auto value =
      typed_value(wanted.name, options.prompt, *limits.total, impl_->stop_fd(), item.error());
  if (!value) return value;
  const SetOptions new_item{
      .attributes = options.attributes, .content_type = {}, .expires = {}, .expected_version = 0};
  const auto stored = set(collection, name, value->value, new_item);
  if (!stored) {
    return stored.error().code == Reason::kAlreadyExists ? get(collection, name) : stored.error();
  }
  // Who was typed for has it, whatever guards what is stored.
  if (auto metadata = describe(collection, name, *stored)) value->metadata = *std::move(metadata);
  return value;
}

}  // namespace tacit
