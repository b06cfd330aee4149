// How a verb's own help looks.
#pragma once
#include <CLI/App.hpp>
#include <CLI/Formatter.hpp>
#include <string>

namespace tacit::cli {

/// CLI11's form without its notes on validators and exclusions, which the errors tell.
class HelpFormatter : public CLI::Formatter {
 public:
  /// `behind`: what stands behind `--`, for instance `-- COMMAND ...`; empty: nothing.
  explicit HelpFormatter(std::string behind) : behind_(std::move(behind)) { column_width(30); }

  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;

 private:
  std::string behind_;
};

}  // namespace tacit::cli
