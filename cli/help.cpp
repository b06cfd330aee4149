#include "cli/help.h"

namespace tacit::cli {

std::string HelpFormatter::make_usage(const CLI::App* app, std::string name) const {
  std::string usage = "Usage: " + name + " [OPTIONS]";
  for (const CLI::Option* option : app->get_options()) {
    if (!option->get_positional()) continue;
    const std::string positional = option->get_name(true);
    usage += " " + (option->get_required() ? positional : "[" + positional + "]");
  }
  return usage + (behind_.empty() ? "" : " " + behind_) + "\n";
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  const std::string type = option->get_type_name();
  const std::string shown = type.substr(0, type.find(':'));  // behind it: validators
  return shown.empty() ? "" : " " + shown;
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode mode) const {
  std::string help = CLI::Formatter::make_help(app, std::move(name), mode);
  for (std::size_t at; (at = help.find("\n\n\n")) != std::string::npos;) help.erase(at, 1);
  return help;
}

}  // namespace tacit::cli
