// The daemon's command line.
#pragma once
#include <string>
#include <variant>
#include <vector>

namespace tacit {

struct Options {
  std::string config_file;          ///< empty: the user's
  std::string socket_path;          ///< empty: the first place that fits
  int ready_fd = -1;                ///< pipe to tell when it serves
  bool check_config = false;        ///< read the settings, and do no more
  bool show_config = false;         ///< print the settings that hold, and do no more
  std::vector<std::string> limits;  ///< NAME=NUMBER, for tests (Limits::set)
};

/// What to do instead of serving: print something and exit.
struct ExitNow {
  int code = 0;
};

std::variant<Options, ExitNow> parse_options(int argc, char** argv);

}  // namespace tacit
