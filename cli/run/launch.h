// All that a command starts with.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cli/environment.h"
#include "client/cpp/base/file_descriptor.h"

namespace tacit::cli {

struct Launch {
  /// A variable whose value is the path of an open file.
  struct File {
    std::string variable;
    FileDescriptor file;
  };

  std::vector<std::string> command;
  Environment environment{nullptr};
  std::vector<File> files;
  FileDescriptor input;  ///< none: standard input stays
  /// Limits what this process may read, if there is something to it.
  std::function<Result<void>()> narrow;

  /// Makes this process the command. Comes back only where that failed, which was told then, with
  /// the exit code: 125, 126 or 127.
  int become();
};

}  // namespace tacit::cli
