#include "daemon/os/windows/pipe_endpoint.h"

#include <aclapi.h>
#include <sddl.h>

#include <cstdlib>
#include <memory>
#include <vector>

namespace tacit::windows {
namespace {

constexpr DWORD kBuffer = 64 * 1024;

std::error_code last_error() { return {static_cast<int>(GetLastError()), std::system_category()}; }

std::error_code denied() { return {ERROR_ACCESS_DENIED, std::system_category()}; }

struct LocalDeleter {
  void operator()(void* memory) const { LocalFree(memory); }
};
template <class T>
using Local = std::unique_ptr<T, LocalDeleter>;

/// A security identifier, as bytes.
using Sid = std::vector<unsigned char>;

Outcome<Sid> user_of_token(HANDLE token) {
  DWORD size = 0;
  GetTokenInformation(token, TokenUser, nullptr, 0, &size);
  std::vector<unsigned char> user(size);
  if (size == 0 || !GetTokenInformation(token, TokenUser, user.data(), size, &size)) {
    return {{}, last_error()};
  }
  PSID sid = reinterpret_cast<const TOKEN_USER*>(user.data())->User.Sid;
  const auto* bytes = static_cast<const unsigned char*>(sid);
  return {Sid(bytes, bytes + GetLengthSid(sid)), {}};
}

Outcome<Sid> own_user() {
  HANDLE token = nullptr;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) return {{}, last_error()};
  const UniqueHandle owned(token);
  return user_of_token(token);
}

Outcome<std::wstring> text_of(Sid sid) {
  wchar_t* text = nullptr;
  if (!ConvertSidToStringSidW(sid.data(), &text)) return {{}, last_error()};
  const Local<wchar_t> owned(text);
  return {text, {}};
}

/// The client as the pipe knows it: by its token, since its process id may be another's by now.
Outcome<Sid> user_of_client(HANDLE pipe) {
  if (!ImpersonateNamedPipeClient(pipe)) return {{}, last_error()};
  HANDLE token = nullptr;
  const bool opened = OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token);
  const std::error_code error = opened ? std::error_code{} : last_error();
  // To go on as somebody else would be worse than to end.
  if (!RevertToSelf()) std::abort();
  if (error) return {{}, error};
  const UniqueHandle owned(token);
  return user_of_token(token);
}

bool same(Sid& a, Sid& b) { return !a.empty() && !b.empty() && EqualSid(a.data(), b.data()); }

}  // namespace

Outcome<std::wstring> user_pipe_name() {
  const Outcome<Sid> user = own_user();
  if (user.error) return {{}, user.error};
  Outcome<std::wstring> text = text_of(user.value);
  if (text.error) return text;
  return {LR"(\\.\pipe\tacit-)" + text.value, {}};
}

std::error_code PipeListener::make_instance(bool first) {
  const Outcome<Sid> user = own_user();
  if (user.error) return user.error;
  const Outcome<std::wstring> sid = text_of(user.value);
  if (sid.error) return sid.error;
  // Owned by the user, all rights to the user, nothing inherited, nothing for anybody else.
  const std::wstring rules = L"O:" + sid.value + L"D:P(A;;GA;;;" + sid.value + L")";
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(rules.c_str(), SDDL_REVISION_1,
                                                            &descriptor, nullptr)) {
    return last_error();
  }
  const Local<void> owned(descriptor);
  SECURITY_ATTRIBUTES security{sizeof security, descriptor, FALSE};
  const DWORD mode = PIPE_ACCESS_DUPLEX | (first ? FILE_FLAG_FIRST_PIPE_INSTANCE : 0);
  UniqueHandle instance(
      CreateNamedPipeW(name_.c_str(), mode,
                       PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
                       PIPE_UNLIMITED_INSTANCES, kBuffer, kBuffer, 0, &security));
  if (!instance) return last_error();
  next_ = std::move(instance);
  return {};
}

Outcome<PipeListener> PipeListener::listen(const std::wstring& name) {
  PipeListener listener;
  // Of two that see nobody, the first instance decides; wine 8 takes that flag for nothing.
  if (WaitNamedPipeW(name.c_str(), 1) || GetLastError() != ERROR_FILE_NOT_FOUND) {
    return {{}, denied()};
  }
  listener.name_ = name;
  const std::error_code error = listener.make_instance(true);
  return {std::move(listener), error};
}

Outcome<Accepted> PipeListener::accept() {
  // Connected between two calls is connected.
  if (!ConnectNamedPipe(next_.get(), nullptr) && GetLastError() != ERROR_PIPE_CONNECTED) {
    const std::error_code error = last_error();
    DisconnectNamedPipe(next_.get());
    return {{}, error};
  }
  Accepted client{std::move(next_), 0};
  // Before this client is served, so that the name is never free for another's listener.
  if (const std::error_code error = make_instance(false)) return {{}, error};
  Outcome<Sid> own = own_user();
  Outcome<Sid> peer = user_of_client(client.pipe.get());
  if (own.error || peer.error) return {{}, own.error ? own.error : peer.error};
  if (!same(own.value, peer.value)) return {{}, denied()};
  ULONG process = 0;
  if (!GetNamedPipeClientProcessId(client.pipe.get(), &process)) return {{}, last_error()};
  client.process = process;
  return {std::move(client), {}};
}

Outcome<UniqueHandle> connect_to_pipe(const std::wstring& name, std::uint32_t wait_ms) {
  if (!WaitNamedPipeW(name.c_str(), wait_ms)) return {{}, last_error()};
  UniqueHandle pipe(CreateFileW(name.c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr,
                                OPEN_EXISTING, SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION,
                                nullptr));
  if (!pipe) return {{}, last_error()};
  PSID owner = nullptr;
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  const DWORD asked = GetSecurityInfo(pipe.get(), SE_KERNEL_OBJECT, OWNER_SECURITY_INFORMATION,
                                      &owner, nullptr, nullptr, nullptr, &descriptor);
  if (asked != ERROR_SUCCESS) {
    return {{}, {static_cast<int>(asked), std::system_category()}};
  }
  const Local<void> owned(descriptor);
  Outcome<Sid> own = own_user();
  if (own.error) return {{}, own.error};
  if (owner == nullptr || !EqualSid(owner, own.value.data())) return {{}, denied()};
  return {std::move(pipe), {}};
}

}  // namespace tacit::windows
