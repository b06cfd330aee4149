// What the methods of Client share.
#pragma once
#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "client/cpp/channel/channel.h"
#include "client/cpp/codec/secrets.h"  // Interaction
#include "tacit/client.h"

namespace tacit {

/// Names or references in one call.
inline constexpr std::size_t kMaxBatch = 1000;

struct Client::Impl {
  explicit Impl(ClientOptions chosen)
      : options(std::move(chosen)),
        channel({options.socket_path, options.autostart, options.deadline, stop_fd()}) {}

  /// -1: there is no stopper.
  int stop_fd() const { return options.stopper != nullptr ? options.stopper->fd() : -1; }

  CallLimits limits() const { return {options.deadline, {}}; }
  /// For calls before which the daemon may ask the user.
  CallLimits patient_limits() const {
    return options.interaction ? limits_for_user(options.patience) : limits();
  }
  CallLimits limits_for_user(std::chrono::milliseconds patience) const {
    return {std::max(options.deadline, patience), {}};
  }
  /// For calls that derive a key.
  CallLimits slow_limits() const { return {std::max(options.deadline, kSlow), {}}; }
  /// For streams of what is there: the next message is waited for as long as for one answer.
  CallLimits stream_limits() const { return {{}, patient_limits().total}; }
  /// For streams that go on as long as something comes.
  static CallLimits progress_limits() { return {{}, kSlow}; }
  /// For watches: as long as it takes, until a signal comes.
  static CallLimits watch_limits() { return {{}, {}, true}; }
  codec::Interaction interaction() const {
    return options.interaction ? codec::Interaction::kAllow : codec::Interaction::kNever;
  }

  /// One message there and back, read by `read`.
  template <class Read>
  auto ask(std::string_view method, MessageBuffer request, const CallLimits& how_long, Read read)
      -> decltype(read(std::declval<const SecretBytes&>())) {
    auto reply = channel.unary(method, std::move(request), how_long);
    if (!reply) return reply.error();
    return read(*reply);
  }

  /// The same for calls whose reply has no field.
  Result<void> tell(std::string_view method, MessageBuffer request, const CallLimits& how_long) {
    auto reply = channel.unary(method, std::move(request), how_long);
    if (!reply) return reply.error();
    return {};
  }

  /// Hands each message, read by `read`, to `take`, which tells whether to go on. A message that
  /// cannot be read ends the call with that error.
  template <class Read, class Take>
  Result<void> follow(std::string_view method, MessageBuffer request, const CallLimits& how_long,
                      Read read, Take take, const Stopper* stopper = nullptr) {
    std::optional<Error> malformed;
    const auto sink = [&](const SecretBytes& message) {
      auto part = read(message);
      if (part) return take(std::move(*part));
      malformed = part.error();
      return false;
    };
    const auto done = channel.stream(method, std::move(request), how_long, sink,
                                     stopper != nullptr ? stopper->fd() : -1);
    if (malformed) return *std::move(malformed);
    return done;
  }

  /// All metadata of a stream of lists, sorted by `key` unless that is null.
  template <class Key>
  Result<std::vector<Metadata>> collect(std::string_view method, MessageBuffer request, Key key) {
    std::vector<Metadata> out;
    const auto done = follow(method, std::move(request), stream_limits(),
                             codec::metadata_list_reply, [&](std::vector<Metadata> part) {
                               std::ranges::move(part, std::back_inserter(out));
                               return true;
                             });
    if (!done) return done.error();
    if constexpr (!std::is_null_pointer_v<Key>) std::ranges::sort(out, {}, key);
    return out;
  }

  /// Everything that a GetBatch without items gives. `home` finds the collection that was asked,
  /// where an item is not inherited; called where it matters.
  Result<std::vector<FoundItem>> found_items(MessageBuffer request,
                                             const std::function<Result<std::string>()>& home);
  /// What is there, in their order.
  Result<std::vector<Result<Item>>> read_batch(std::span<const Reference> references,
                                               const ProjectRef* project);

  Result<Item> get_as_it_is(const codec::ItemAt& item, std::uint64_t version);

  // Renewals (renewals.cpp).
  struct Renewal {
    ItemRef item;
    bool needed = true;  ///< it has run out; else the user is not asked to log in
  };
  /// The one that what was read of an item calls for; none: it stands as it is.
  std::optional<Renewal> renewal_for(const Result<Item>& read, ItemRef asked) const;
  /// Has each of them renewed, at once; in their order, the version or why not.
  std::vector<Result<std::uint64_t>> renew(std::span<const Renewal> items, const RenewOptions& how);

  static constexpr std::chrono::milliseconds kSlow{60'000};

  ClientOptions options;
  Channel channel;
};

/// What a reference to the item points to.
Result<SecretBytes> pick(Item item, const Reference& reference);

}  // namespace tacit
