// Where the daemon would listen on Windows: a named pipe for one user, in place of endpoint.h's
// Unix socket and peer_identity.h's credentials. Errors are values here, too, of the system's
// category.
#pragma once
#include <windows.h>

#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

namespace tacit::windows {

/// Owns one handle; move-only.
class UniqueHandle {
 public:
  UniqueHandle() = default;
  explicit UniqueHandle(HANDLE handle) noexcept : handle_(handle) {}
  UniqueHandle(UniqueHandle&& other) noexcept
      : handle_(std::exchange(other.handle_, INVALID_HANDLE_VALUE)) {}
  UniqueHandle& operator=(UniqueHandle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~UniqueHandle() {
    if (*this) CloseHandle(handle_);
  }

  HANDLE get() const noexcept { return handle_; }
  explicit operator bool() const noexcept {
    return handle_ != INVALID_HANDLE_VALUE && handle_ != nullptr;
  }

 private:
  HANDLE handle_ = INVALID_HANDLE_VALUE;
};

/// A value, or why there is none.
template <class T>
struct Outcome {
  T value{};
  std::error_code error;
};

/// `\\.\pipe\tacit-SID` of the user that runs this.
Outcome<std::wstring> user_pipe_name();

/// A client of this very user: others are never handed out.
struct Accepted {
  UniqueHandle pipe;
  std::uint32_t process = 0;
};

/// The one listener of a user's pipe. One thread.
class PipeListener {
 public:
  /// The pipe's rules let this user alone in, nobody from another machine, and no second listener
  /// beside it. Errors: access denied, somebody listens already.
  static Outcome<PipeListener> listen(const std::wstring& name);
  /// Waits for a client. Errors: access denied, it was another user and is gone; the next may come.
  Outcome<Accepted> accept();

 private:
  std::error_code make_instance(bool first);

  std::wstring name_;
  UniqueHandle next_;  ///< the instance that the next client gets
};

/// Connects, and checks before anything is sent that the listener is this user. The listener learns
/// who this is and cannot act in its name. Waits at most `wait_ms` for a free instance.
/// Errors: file not found, nobody listens; access denied, it is another user's.
Outcome<UniqueHandle> connect_to_pipe(const std::wstring& name, std::uint32_t wait_ms);

}  // namespace tacit::windows
