// Where words go: results to standard output, messages to standard error.
#pragma once
#include <span>
#include <string_view>

#include "client/cpp/terminal/write_all.h"
#include "tacit/result.h"

namespace tacit::cli {

/// To standard output. Errors as of write_all.
Result<void> print(std::span<const unsigned char> bytes);
Result<void> print(std::string_view text);

/// `tacit: message` on standard error, one line, control characters made visible. Red on a
/// terminal unless NO_COLOR is set.
void complain(std::string_view message);
/// The same without colour, for what is no failure.
void remark(std::string_view message);

/// Reports an error and returns its exit code.
int fail(const Error& error);
/// 0, or `fail` where writing the result failed.
int finish(const Result<void>& printed);
/// Reports wrong usage and returns 2.
int fail_usage(std::string_view message);

}  // namespace tacit::cli
