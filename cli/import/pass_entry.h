// One entry of `pass`, the standard unix password manager, decrypted.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/import/item.h"

namespace tacit::cli {

/// By pass's own convention: the first line is the value, lines `key: value` behind it are its
/// attributes. Whatever is neither, or can be no attribute (a key again, over-long, not UTF-8, over
/// 64 of them), is kept as it stands in a second item, `NAME/notes`: an otpauth:// line, a note.
std::vector<ImportItem> parse_pass_entry(const std::string& name, std::string_view content);

}  // namespace tacit::cli
