#include "client/cpp/channel/message_reader.h"

#include <algorithm>
#include <utility>

#include "client/cpp/base/registers.h"

namespace tacit {

void MessageReader::feed(std::span<const unsigned char> data) {
  while (problem_ == Problem::kNone) {
    if (prefix_size_ < kMessagePrefix) {
      const std::size_t count = std::min(data.size(), kMessagePrefix - prefix_size_);
      std::copy_n(data.begin(), count, prefix_.begin() + static_cast<std::ptrdiff_t>(prefix_size_));
      prefix_size_ += count;
      data = data.subspan(count);
      if (prefix_size_ < kMessagePrefix) return;
      begin_message();
      if (problem_ != Problem::kNone) return;
    }
    const std::size_t count = std::min(data.size(), current_.size() - filled_);
    std::copy_n(data.begin(), count,
                current_.writable().begin() + static_cast<std::ptrdiff_t>(filled_));
    forget_vector_registers();
    filled_ += count;
    data = data.subspan(count);
    if (filled_ < current_.size()) return;
    complete_.push_back(std::move(current_));
    prefix_size_ = 0;
    if (data.empty()) return;
  }
}

void MessageReader::begin_message() {
  const std::size_t length = std::size_t{prefix_[1]} << 24 | std::size_t{prefix_[2]} << 16 |
                             std::size_t{prefix_[3]} << 8 | prefix_[4];
  if (prefix_[0] != 0) {
    problem_ = Problem::kCompressed;  // never offered by us
  } else if (length > kMaxMessageBytes) {
    problem_ = Problem::kTooLong;
  } else {
    current_ = SecretBytes(length);
    filled_ = 0;
  }
}

SecretBytes MessageReader::take() {
  SecretBytes message = std::move(complete_.front());
  complete_.pop_front();
  return message;
}

}  // namespace tacit
