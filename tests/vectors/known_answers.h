// The known answers of FORMAT.md: fixed inputs through each derivation of the format.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace tacit {

/// Name and lower-case hex, in the order of kat.txt.
std::vector<std::pair<std::string, std::string>> known_answers();

}  // namespace tacit
