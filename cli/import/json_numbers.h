// Numbers of JSON, kept as they are written.
#pragma once
#include <string_view>
#include <vector>

#include "tacit/secret_bytes.h"

namespace tacit::cli {

/// A document whose numbers are counted from 0, and what was written in their places: the library
/// would keep no digits beyond 64 bits, and none of a fraction.
struct CountedJson {
  SecretBytes text;
  std::vector<SecretBytes> numbers;
  bool malformed = false;  ///< something that begins like a number is none
};

CountedJson count_numbers(std::string_view content);

}  // namespace tacit::cli
