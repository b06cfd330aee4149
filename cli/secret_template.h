// References in a text: `{{ tacit://collection/name }}`. The syntax is in cli/README.md.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tacit/reference.h"
#include "tacit/result.h"

namespace tacit::cli {

/// A place in a text, from 1; columns are counted in characters.
struct TextPlace {
  std::size_t line = 1;
  std::size_t column = 1;
};

/// A piece of it: text as it stands, or a reference in its place.
struct TemplatePiece {
  std::string_view text;  ///< of the template; empty for a reference
  Reference reference;    ///< with `is_reference`
  bool is_reference = false;
  TextPlace place;  ///< of a reference: where its braces begin
};

struct TemplateFault {
  TextPlace place;
  std::string message;
};

struct SecretTemplate {
  std::vector<TemplatePiece> pieces;  ///< in order; they look into the template's text
  std::vector<TemplateFault> faults;  ///< every malformed reference, in order
};

/// `{{`, blanks, `tacit://...`, blanks, `}}` on one line is a reference; other braces are text, so
/// that the templates of other tools pass. Of backslashes right before such a `{{` each two are
/// one, and an odd one makes text of it. Never fails: what is wrong is in `faults`.
SecretTemplate parse_template(std::string_view text);

}  // namespace tacit::cli
