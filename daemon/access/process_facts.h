// What the kernel tells of one process, read so that it is all of one process and one program.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "daemon/access/asker.h"
#include "daemon/access/process_text.h"
#include "daemon/os/unique_fd.h"

namespace tacit {

/// What does not change while a process runs one program.
struct ImageFacts {
  std::string marker;   ///< variable that marks an agent; empty: none
  std::string preload;  ///< LD_PRELOAD or the like; empty: none is set
  bool environment_read = false;
  std::string script;  ///< canonical absolute path
  FileId script_file;
  bool unnamed_script = false;
  bool interactive_shell = false;
};

/// One process, held by a descriptor of its folder in /proc: it may end, but its number cannot
/// become another's. Every read may stall (a foreign file system, a process whose memory is one):
/// never on the vault thread.
class ProcessFacts {
 public:
  /// Empty if there is no such process.
  static std::optional<ProcessFacts> open(pid_t pid);

  pid_t pid() const { return pid_; }
  /// As of when it was read last.
  const ProcessStat& stat() const { return stat_; }
  /// Reads it again; false if the process has ended.
  bool refresh();

  /// Where what runs was started from; empty: may not be known.
  std::string executable() const;
  /// What runs: by the open file, not by its path.
  std::optional<FileId> running_file() const;
  std::string folder() const;
  std::string cgroup() const;
  /// Environment and arguments, of the program that `stat` and `executable` were read of. Empty: it
  /// has started another since, or is about to, or has ended, or may not be looked into.
  std::optional<ImageFacts> read_image(std::span<const std::string> markers,
                                       const std::string& executable);

 private:
  ProcessFacts(pid_t pid, UniqueFd folder) : pid_(pid), folder_(std::move(folder)) {}
  std::optional<std::string> read_file(const char* name, std::size_t longest) const;
  bool scan_environment(EnvironmentScan& scan) const;
  /// Its standard input is its controlling terminal, going by the name; nothing is opened.
  bool reads_terminal() const;
  ImageFacts image_now(std::span<const std::string> markers, const std::string& executable) const;

  pid_t pid_;
  UniqueFd folder_;
  ProcessStat stat_;
};

/// Which file lies at an absolute path; empty: none that can be told.
std::optional<FileId> file_at(const std::string& path);

/// A regular file at an absolute path; empty: none. Does not follow what /proc and /dev/fd offer in
/// place of files.
struct FoundFile {
  std::string path;  ///< canonical
  FileId file;
};
std::optional<FoundFile> find_regular_file(const std::string& path);

/// `/dev/pts/3`; empty: none, or one without a name.
std::string terminal_name(dev_t terminal);

}  // namespace tacit
