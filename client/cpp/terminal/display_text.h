// Text that somebody else chose (paths, names, prompts, errors) as it is shown.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace tacit {

/// On one line and without tricks: control characters, malformed bytes and whatever is invisible
/// or changes the direction of writing (Unicode's Bidi_Control, Default_Ignorable_Code_Point and
/// separators) are shown as escapes, `\x1b` or `\u{202e}`. Joiners are among them: two names that
/// look the same must not be two, and the few scripts and pictures that join stay readable.
std::string visible(std::string_view text);

/// At most `most` characters (code points, at least 8): the middle left out, `...` in its place,
/// since both ends of a path tell what it is.
std::string shortened(std::string_view text, std::size_t most);

}  // namespace tacit
