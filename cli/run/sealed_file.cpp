#include "cli/run/sealed_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "cli/output.h"

namespace tacit::cli {
namespace {

Error failed(const char* doing) {
  return {Reason::kIoError, std::string(doing) + ": " + std::strerror(errno)};
}

/// Of Linux 6.3: it cannot be executed either.
constexpr unsigned kNoExecSeal = 8;

FileDescriptor new_memory() {
  constexpr char kName[] = "tacit";
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  FileDescriptor memory(::memfd_create(kName, kFlags | kNoExecSeal));
  if (!memory && errno == EINVAL) memory = FileDescriptor(::memfd_create(kName, kFlags));
  return memory;
}

}  // namespace

Result<FileDescriptor> sealed_file(const SecretBytes& value) {
  const FileDescriptor memory = new_memory();
  if (!memory) return failed("cannot make a file in memory");
  if (auto written = write_all(memory.get(), value.bytes(), "a file in memory"); !written.ok()) {
    return written.error();
  }
  constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  if (::fchmod(memory.get(), 0400) != 0 || ::fcntl(memory.get(), F_ADD_SEALS, kSeals) != 0) {
    return failed("cannot seal a file in memory");
  }
  const std::string path = "/proc/self/fd/" + std::to_string(memory.get());
  FileDescriptor readable(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!readable) return failed("cannot open a file in memory; is /proc mounted?");
  return readable;
}

}  // namespace tacit::cli
