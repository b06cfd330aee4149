// Writes the test vectors anew: `make_vectors FOLDER`. A golden vault that has been released is
// never written again; a new format gets a new folder.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "daemon/vault/vault.h"
#include "tests/vectors/golden.h"
#include "tests/vectors/known_answers.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_vectors FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::ofstream answers(folder / "kat.txt");
  for (const auto& [name, value] : tacit::known_answers()) answers << name << ": " << value << "\n";
  if (!answers.flush()) {
    std::cerr << "make_vectors: cannot write " << folder / "kat.txt"
              << "\n";
    return 1;
  }
  const std::filesystem::path golden = folder / "golden-v1";
  if (std::filesystem::exists(golden)) {
    std::cerr << "make_vectors: " << golden << " exists; a golden vault is never replaced\n";
    return 1;
  }
  std::filesystem::create_directories(golden);
  const absl::Status made = tacit::make_golden(std::filesystem::absolute(golden).string());
  if (!made.ok()) {
    std::cerr << "make_vectors: " << made << "\n";
    return 1;
  }
  return 0;
}
