// Options that several verbs share.
#pragma once
#include <CLI/App.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tacit/client.h"

namespace tacit::cli {

/// NAME, or a reference; required.
CLI::Option* add_name(
    CLI::App& app, std::string& name, const std::string& label = "NAME",
    const std::string& description = "The secret's name, or tacit://COLLECTION/NAME");

/// --expected-version N.
void add_expected_version(CLI::App& app, std::optional<std::uint64_t>& version);

/// `k=v` each, taken apart at the first `=`. Errors, kInvalidArgument: no `=`, an empty key, a
/// key given twice.
Result<Attributes> parse_attributes(const std::vector<std::string>& texts);

/// A name for an item alone: a reference with `?attribute` or `?version` is kInvalidArgument.
Result<Reference> whole_item(Result<Reference> reference);

/// The error with the secret's name before it: the daemon's words leave it out.
Error about(const Reference& reference, const Error& error);

}  // namespace tacit::cli
