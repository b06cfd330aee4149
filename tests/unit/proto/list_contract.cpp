// Prints the contract as proto/contract.txt holds it.
#include <iostream>

#include "tests/unit/proto/contract_lines.h"

int main() {
  for (const auto& line : tacit::contract_lines()) std::cout << line << '\n';
}
