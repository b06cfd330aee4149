// Cuts the bytes of a reply's DATA frames into gRPC messages.
#pragma once
#include <array>
#include <deque>
#include <span>

#include "client/cpp/channel/message_buffer.h"  // kMessagePrefix, kMaxMessageBytes
#include "tacit/secret_bytes.h"

namespace tacit {

/// Every message is allocated at its told length, after that was checked.
class MessageReader {
 public:
  enum class Problem { kNone, kCompressed, kTooLong };

  /// Takes bytes in any slices. After a problem it takes no more.
  void feed(std::span<const unsigned char> data);
  Problem problem() const { return problem_; }
  /// In the middle of a message: an end here is a cut.
  bool incomplete() const { return prefix_size_ != 0; }
  bool has_message() const { return !complete_.empty(); }
  SecretBytes take();

 private:
  void begin_message();

  std::array<unsigned char, kMessagePrefix> prefix_{};
  std::size_t prefix_size_ = 0;
  SecretBytes current_;
  std::size_t filled_ = 0;
  std::deque<SecretBytes> complete_;
  Problem problem_ = Problem::kNone;
};

}  // namespace tacit
