// Whether secrets change, while this process does other things.
#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "client/cpp/base/file_descriptor.h"
#include "tacit/result.h"

namespace tacit::cli {

/// What of one collection counts.
struct Watched {
  std::string collection;
  std::vector<std::string> names;  ///< empty: everything
};

/// A process for each collection, since libtacit's watch waits and has no thread of its own. They
/// outlive a lock and a restart of the daemon. One thread.
class ChangeWatch {
 public:
  enum class Event : char {
    kMaybe = 'c',   ///< something changed, or was not seen for a while
    kLocked = 'l',  ///< until the next kMaybe
    kGone = 'g',    ///< the daemon; until the next kMaybe
    kRefused = 'r'  ///< for good
  };

  /// Comes back once every one of them sees changes. Errors: kPolicyDenied, it may not be watched;
  /// kLocked; kNoDaemon; kIoError.
  static Result<ChangeWatch> start(const std::vector<Watched>& watched);
  ChangeWatch(ChangeWatch&&) noexcept = default;
  ChangeWatch& operator=(ChangeWatch&&) = delete;
  ~ChangeWatch();

  int fd() const noexcept { return events_.get(); }
  std::optional<Event> take();

 private:
  ChangeWatch() = default;

  std::vector<pid_t> watchers_;
  FileDescriptor events_;
};

}  // namespace tacit::cli
