// A value as a file that lies on no disk (memfd_create(2)).
#pragma once
#include "client/cpp/base/file_descriptor.h"
#include "tacit/result.h"
#include "tacit/secret_bytes.h"

namespace tacit::cli {

/// Open for reading at its start, closed on exec. Sealed: nobody can change it, also who opens it
/// again through /proc. Gone with the last descriptor. Error kIoError.
Result<FileDescriptor> sealed_file(const SecretBytes& value);

}  // namespace tacit::cli
