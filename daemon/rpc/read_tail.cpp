#include "daemon/rpc/read_tail.h"

#include <dlfcn.h>
#include <grpc/slice.h>
#include <grpc/slice_buffer.h>

#include "daemon/base/status.h"
#include "daemon/rpc/hand_over.h"

namespace {

/// gRPC reads a connection on one thread after another, and orders them by its own lock.
class OneAfterAnother {
 public:
  explicit OneAfterAnother(void* object) : object_(object) { tacit::take_over(object_); }
  ~OneAfterAnother() { tacit::hand_over(object_); }
  OneAfterAnother(const OneAfterAnother&) = delete;
  OneAfterAnother& operator=(const OneAfterAnother&) = delete;

 private:
  void* const object_;
};

}  // namespace

// gRPC calls it in one place alone, after a read. `garbage` gets nothing, and the next read
// begins with a block of its own. Default visibility, or the library would find its own.
extern "C" __attribute__((visibility("default"))) void grpc_slice_buffer_trim_end(
    grpc_slice_buffer* buffer, size_t n, grpc_slice_buffer* /*garbage*/) {
  const OneAfterAnother turn(buffer);
  while (n > 0 && buffer->count > 0) {
    grpc_slice& last = buffer->slices[buffer->count - 1];
    const size_t size = GRPC_SLICE_LENGTH(last);
    if (size > n) {
      grpc_slice kept = grpc_slice_split_head(&last, size - n);
      grpc_slice_unref(last);
      last = kept;
      buffer->length -= n;
      return;
    }
    grpc_slice_unref(last);
    --buffer->count;
    buffer->length -= size;
    n -= size;
  }
}

namespace tacit {

absl::Status check_read_tail() {
  const void* const found = ::dlsym(RTLD_DEFAULT, "grpc_slice_buffer_trim_end");
  if (found == reinterpret_cast<const void*>(&grpc_slice_buffer_trim_end)) return absl::OkStatus();
  return make_error(Reason::kInternal,
                    "gRPC would keep requests in memory: the function that prevents it is not "
                    "linked in front of libgrpc's");
}

}  // namespace tacit
