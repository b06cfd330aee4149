// The file whose content is given in place of a login.
#pragma once
#include <string>

#include "tacit/result.h"
#include "tacit/secret_bytes.h"

namespace tacit::oauth {

/// Its content without the blanks around it. Errors, naming the file: it cannot be read, is no
/// ordinary file, is empty, or holds what is no token.
Result<SecretBytes> read_subject(const std::string& path);

}  // namespace tacit::oauth
