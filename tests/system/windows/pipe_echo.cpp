// A byte echo through the pipe endpoint of Windows: a listener and its clients, in processes of
// their own. Exits 0 if every answer was right; says what was not.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "daemon/os/windows/pipe_endpoint.h"

namespace {
using namespace tacit::windows;

int failures = 0;

void expect(bool right, const char* what) {
  std::printf("%s: %s\n", right ? "ok" : "FAILED", what);
  std::fflush(stdout);
  if (!right) ++failures;
}

bool write_all(HANDLE pipe, const std::vector<char>& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    DWORD count = 0;
    if (!WriteFile(pipe, bytes.data() + at, static_cast<DWORD>(bytes.size() - at), &count,
                   nullptr)) {
      return false;
    }
    at += count;
  }
  return true;
}

std::vector<char> read_exactly(HANDLE pipe, std::size_t size) {
  std::vector<char> bytes(size);
  std::size_t at = 0;
  for (DWORD count = 0; at < size; at += count) {
    if (!ReadFile(pipe, bytes.data() + at, static_cast<DWORD>(size - at), &count, nullptr)) break;
    if (count == 0) break;
  }
  bytes.resize(at);
  return bytes;
}

constexpr std::size_t kMessage = 200'000;  // more than the pipe's buffer holds

std::vector<char> message(char seed) {
  std::vector<char> bytes(kMessage);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(seed + i * 31);
  return bytes;
}

/// A client: asks in pieces, so that listener and client never both wait to write.
int ask(const std::wstring& name, char seed) {
  Outcome<UniqueHandle> pipe = connect_to_pipe(name, 10'000);
  if (pipe.error) {
    std::printf("FAILED: connect: %s\n", pipe.error.message().c_str());
    return 1;
  }
  const std::vector<char> sent = message(seed);
  if (!write_all(pipe.value.get(), sent)) return 2;
  return read_exactly(pipe.value.get(), kMessage) == sent ? 0 : 3;
}

UniqueHandle start_client(const std::wstring& seed) {
  wchar_t self[MAX_PATH];
  GetModuleFileNameW(nullptr, self, MAX_PATH);
  std::wstring line = L"\"" + std::wstring(self) + L"\" " + seed;
  STARTUPINFOW startup{};
  startup.cb = sizeof startup;
  PROCESS_INFORMATION process{};
  if (!CreateProcessW(self, line.data(), nullptr, nullptr, FALSE, 0, nullptr, nullptr, &startup,
                      &process)) {
    return {};
  }
  CloseHandle(process.hThread);
  return UniqueHandle(process.hProcess);
}

void serve_one(PipeListener& listener, const std::wstring& seed) {
  const UniqueHandle client = start_client(seed);
  expect(static_cast<bool>(client), "a client is started");
  const Outcome<Accepted> accepted = listener.accept();
  expect(!accepted.error, "a client of the same user is accepted");
  if (accepted.error) return;
  expect(accepted.value.process == GetProcessId(client.get()), "and known by its process");
  const std::vector<char> asked = read_exactly(accepted.value.pipe.get(), kMessage);
  expect(asked.size() == kMessage && write_all(accepted.value.pipe.get(), asked),
         "all of what it says is read and said back");
  WaitForSingleObject(client.get(), 30'000);
  DWORD code = 1;
  GetExitCodeProcess(client.get(), &code);
  expect(code == 0, "and the client got it back byte for byte");
}

}  // namespace

int main(int argc, char** argv) {
  const Outcome<std::wstring> name = user_pipe_name();
  if (name.error) return 1;
  if (argc == 2) return ask(name.value, argv[1][0]);

  expect(name.value.rfind(LR"(\\.\pipe\tacit-S-1-)", 0) == 0, "the name bears the user's SID");
  expect(connect_to_pipe(name.value, 1).error ==
             std::error_code(ERROR_FILE_NOT_FOUND, std::system_category()),
         "without a listener there is nothing to connect to");
  Outcome<PipeListener> listener = PipeListener::listen(name.value);
  expect(!listener.error, "the first listens");
  if (listener.error) {
    std::printf("%s\n", listener.error.message().c_str());
    return 1;
  }
  expect(static_cast<bool>(PipeListener::listen(name.value).error), "a second does not");
  for (const wchar_t* seed : {L"a", L"b", L"c"}) serve_one(listener.value, seed);
  return failures == 0 ? 0 : 1;
}
