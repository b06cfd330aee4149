// Values in the names of files and folders.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/scan/stream.h"

namespace tacit::cli {

/// A value in the name of a file or folder.
struct NamePlace {
  std::string path;  ///< down to that name
  ScanPlace place;   ///< in `path`
};

/// Of names with a value in them, what is shown in their place: `***` where it stands.
class ShownNames {
 public:
  void hide(const NamePlace& found);
  /// The path, without what was hidden in it or in a folder above.
  std::string operator()(const std::string& path) const;

 private:
  std::map<std::string, std::vector<std::pair<std::size_t, std::size_t>>> hidden_;
};

/// Each name once, also of folders above: a value in it is told of the folder and not again of what
/// is in there. Errors: those of Scanner::scan.
Result<std::vector<NamePlace>> scan_names(StreamScan& stream,
                                          const std::vector<std::string>& paths);

}  // namespace tacit::cli
