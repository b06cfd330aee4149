// Looks for given bytes in all the memory of another process.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace tacit::test {

/// What to look for; found whole, or, for secrets of more than 64 bytes, any 16 bytes of it that
/// start at a multiple of 16.
class MemoryScan {
 public:
  /// `secret` has at least 8 bytes, random enough not to occur by chance.
  void look_for(const std::string& label, const std::string& secret);

  struct Found {
    std::map<std::string, std::size_t> hits;  ///< by label; only those that were found
    std::vector<std::string> places;          ///< the first few, for the failure message
    std::size_t bytes_read = 0;
    std::size_t total() const;
  };
  /// Reads every readable mapping of /proc/PID/mem; needs the right to trace (root). Throws
  /// std::system_error if the process cannot be read at all.
  Found scan(pid_t pid) const;

 private:
  struct Needle {
    std::string bytes;
    std::string label;
  };
  std::vector<Needle> needles_;
};

}  // namespace tacit::test
