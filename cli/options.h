// Options that several verbs share.
#pragma once
#include <CLI/App.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"

namespace tacit::cli {

/// NAME, or a reference; required.
CLI::Option* add_name(
    CLI::App& app, std::string& name, const std::string& label = "NAME",
    const std::string& description = "The secret's name, or tacit://COLLECTION/NAME");

/// An option for a file's path, which is never empty: `--x ''`, an unset variable of a script, is
/// wrong usage and no reason to ask or to read standard input.
CLI::Option* add_path(CLI::App& app, const std::string& option, std::string& path,
                      const std::string& description);

/// A check that refuses an empty text: an unset variable of a script.
CLI::Validator not_empty();

/// A check for a number from `least` to `most` in decimal digits.
CLI::Validator whole_number(std::uint64_t least,
                            std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

inline constexpr std::uint64_t kMaxSlotIndex = std::numeric_limits<std::uint32_t>::max();

/// An option for the number of an open descriptor.
CLI::Option* add_descriptor(CLI::App& app, const std::string& option, int& fd,
                            const std::string& description);

/// --expected-version N.
void add_expected_version(CLI::App& app, std::optional<std::uint64_t>& version);

/// `k=v` each, taken apart at the first `=`. Errors, kInvalidArgument: no `=`, an empty key, a
/// key given twice.
Result<Attributes> parse_attributes(const std::vector<std::string>& texts);

/// A name for an item alone: a reference with `?attribute` or `?version` is kInvalidArgument.
Result<Reference> whole_item(Result<Reference> reference);

/// The name, or in another collection than the default one the reference.
std::string shown_name(const Reference& reference);

/// A text as one word of a POSIX shell, in quotes where it needs them.
std::string shell_word(const std::string& text);

/// The error with the secret's name before it: the daemon's words leave it out. Where there is no
/// such secret the daemon is asked whether at least its collection is there.
Error about(Context& context, const Reference& reference, const Error& error);

}  // namespace tacit::cli
