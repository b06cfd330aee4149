// Watchers: each has a bounded queue of what it has not been told yet.
#pragma once
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <utility>

namespace tacit {

/// Hands events to the streams that wait for them. Vault thread.
template <class Event>
class Hub {
 public:
  /// One watcher's queue. It leaves the hub when its stream lets go of it.
  struct Inbox {
    std::deque<Event> events;
    bool overflowed = false;  ///< events were dropped; the queue is empty then
    bool ended = false;       ///< nothing follows
    std::function<bool(const Event&)> wants;
    std::function<void()> wake;
  };

  explicit Hub(std::size_t queue_limit) : queue_limit_(queue_limit) {}

  std::shared_ptr<Inbox> join(std::function<bool(const Event&)> wants,
                              const std::function<void()>& wake) {
    auto inbox = std::make_shared<Inbox>();
    inbox->wants = std::move(wants);
    inbox->wake = wake;
    inboxes_.push_back(inbox);
    return inbox;
  }

  void tell(const Event& event) {
    each([&](Inbox& inbox) {
      if (inbox.overflowed || !inbox.wants(event)) return;
      if (inbox.events.size() >= queue_limit_) {
        inbox.events.clear();
        inbox.overflowed = true;
      } else {
        inbox.events.push_back(event);
      }
      inbox.wake();
    });
  }

  /// More has changed than is told one by one.
  void overflow_all() {
    each([](Inbox& inbox) {
      inbox.events.clear();
      inbox.overflowed = true;
      inbox.wake();
    });
  }

  /// What was not told yet is forgotten.
  void end_all() {
    each([](Inbox& inbox) {
      inbox.events.clear();
      inbox.ended = true;
      inbox.wake();
    });
    inboxes_.clear();
  }

  std::size_t size() {
    std::erase_if(inboxes_, [](const auto& inbox) { return inbox.expired(); });
    return inboxes_.size();
  }

 private:
  template <class Action>
  void each(Action action) {
    for (auto it = inboxes_.begin(); it != inboxes_.end();) {
      if (const std::shared_ptr<Inbox> inbox = it->lock()) {
        action(*inbox);
        ++it;
      } else {
        it = inboxes_.erase(it);
      }
    }
  }

  std::size_t queue_limit_;
  std::list<std::weak_ptr<Inbox>> inboxes_;
};

}  // namespace tacit
