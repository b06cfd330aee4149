// Text of other programs (paths, names, prompts) as it is shown to somebody who decides by it.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace tacit::cli {

/// On one line and without tricks: control characters, malformed bytes and whatever is invisible
/// or changes the direction of writing (Unicode's Bidi_Control, Default_Ignorable_Code_Point and
/// separators) are shown as escapes, `\x1b` or `\u{202e}`.
std::string visible(std::string_view text);

/// At most `most` characters (code points, at least 8): the middle left out, `...` in its place,
/// since both ends of a path tell what it is.
std::string shortened(std::string_view text, std::size_t most);

}  // namespace tacit::cli
