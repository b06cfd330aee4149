#include "daemon/options.h"

#include <CLI/CLI.hpp>

namespace tacit {

std::variant<Options, ExitNow> parse_options(int argc, char** argv) {
  constexpr int kUsage = 2;
  Options options;
  CLI::App app("tacitd: keeps a user's secrets and gives them to that user's programs", "tacitd");
  app.set_version_flag("--version", std::string("tacitd ") + TACIT_VERSION);
  app.add_option("--config", options.config_file,
                 "Settings; without it $XDG_CONFIG_HOME/tacit/config.toml")
      ->type_name("FILE");
  app.add_option("--socket", options.socket_path,
                 "Listen here; without it $TACIT_SOCKET, then the user's runtime folder")
      ->type_name("PATH");
  app.add_option("--ready-fd", options.ready_fd,
                 "Write `ready` or `error MESSAGE` to this descriptor, then close it")
      ->type_name("N");
  auto* check = app.add_flag("--check-config", options.check_config,
                             "Read the settings, say what is wrong with them, and end");
  app.add_flag("--show-config", options.show_config,
               "Print the settings that hold, as TOML, and end")
      ->excludes(check);
  // Hidden: lowers a limit so that a test reaches it (daemon/rpc/limits.h).
  app.add_option("--limit", options.limits)->group("");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return ExitNow{app.exit(error) == 0 ? 0 : kUsage};
  }
  return options;
}

}  // namespace tacit
