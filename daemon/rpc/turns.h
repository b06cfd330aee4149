// Calls that wait, one queue a process, served in turn: who asks much delays nobody else.
#pragma once
#include <cstddef>
#include <deque>
#include <list>
#include <unordered_map>

namespace tacit {

struct TurnLimits {
  std::size_t calls_per_process;
  std::size_t bytes_per_process;
  std::size_t calls_in_all;
  std::size_t bytes_in_all;
};

/// `Key` names a queue, `Item` (cheap to copy) is what waits. One thread.
template <class Key, class Item>
class Turns {
 public:
  explicit Turns(TurnLimits limits) : limits_(limits) {}

  /// False: the queue of this key, or all together, is full. `bytes` is what the item keeps
  /// in memory.
  [[nodiscard]] bool push(const Key& key, const Item& item, std::size_t bytes) {
    if (count_ >= limits_.calls_in_all || bytes_ + bytes > limits_.bytes_in_all) return false;
    if (const auto found = queues_.find(key); found != queues_.end()) {
      const Queue& queue = *found->second;
      if (queue.entries.size() >= limits_.calls_per_process ||
          queue.bytes + bytes > limits_.bytes_per_process) {
        return false;
      }
    }
    add(key, item, bytes);
    return true;
  }

  /// For one that was admitted before and goes on: no limit.
  void push_again(const Key& key, const Item& item) { add(key, item, 0); }

  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }

  /// The first of the queue whose turn it is; that queue goes to the end of the round. Not when
  /// empty.
  Item pop() {
    Queue& queue = round_.front();
    const Entry entry = queue.entries.front();
    queue.entries.pop_front();
    queue.bytes -= entry.bytes;
    bytes_ -= entry.bytes;
    --count_;
    if (queue.entries.empty()) {
      queues_.erase(queue.key);
      round_.pop_front();
    } else {
      round_.splice(round_.end(), round_, round_.begin());
    }
    return entry.item;
  }

 private:
  struct Entry {
    Item item;
    std::size_t bytes;
  };
  struct Queue {
    Key key;
    std::deque<Entry> entries;
    std::size_t bytes = 0;
  };

  void add(const Key& key, const Item& item, std::size_t bytes) {
    auto [found, fresh] = queues_.try_emplace(key);
    if (fresh) found->second = round_.insert(round_.end(), Queue{key, {}, 0});
    found->second->entries.push_back({item, bytes});
    found->second->bytes += bytes;
    bytes_ += bytes;
    ++count_;
  }

  TurnLimits limits_;
  std::list<Queue> round_;  ///< only queues with something in them; the first is next
  std::unordered_map<Key, typename std::list<Queue>::iterator> queues_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace tacit
