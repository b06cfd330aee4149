// What an import takes from its source.
#pragma once
#include <optional>
#include <string>

#include "tacit/client.h"

namespace tacit::cli {

struct ImportItem {
  std::string name;
  SecretBytes value;
  std::optional<std::string> collection;  ///< none: the source does not say
  Attributes attributes;                  ///< none: those that are there stay
  std::optional<std::string> content_type;
  UnixMillis expires = 0;  ///< 0: never
};

}  // namespace tacit::cli
