// A real daemon with a real vault in scratch folders, and the floor server beside it.
#pragma once
#include <memory>
#include <string>

#include "tacit/client.h"
#include "tests/bench/process.h"

namespace tacit::bench {

/// Paths of the programs measured.
struct Programs {
  std::string tacitd;
  std::string tacit;
  std::string floor_server;
  std::string fill_vault;
  std::string library;         ///< libtacit.so
  std::string python_package;  ///< the folder that holds it
};

/// The folders and environment of one daemon, below `root` (made, 0700). Nothing of the caller's
/// environment gets through.
class Folders {
 public:
  explicit Folders(const std::string& root);

  const std::string& root() const noexcept { return root_; }
  std::string data_home() const { return root_ + "/data"; }
  std::string state_home() const { return root_ + "/state"; }
  std::string runtime() const { return root_ + "/run"; }
  std::string socket() const { return runtime() + "/tacit/tacit.sock"; }
  Strings environment() const;

 private:
  std::string root_;
};

/// A libtacit connection to `socket` alone, which starts nothing.
Client connect_to(const std::string& socket);

/// The value, or std::runtime_error with the error's message.
template <class T>
T must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}
void must(Result<void> result);

/// tacitd with an unlocked vault, made by itself, that holds `items` secrets `secret-0`...
/// of 32 bytes in the default collection; and the floor server. All go with this object.
class House {
 public:
  House(const Programs& programs, const std::string& scratch, int items);

  const Programs& programs() const noexcept { return programs_; }
  const Folders& folders() const noexcept { return folders_; }
  std::string socket() const { return folders_.socket(); }
  const std::string& floor_socket() const noexcept { return floor_socket_; }
  static std::string name_of(int item) { return "secret-" + std::to_string(item); }

 private:
  Programs programs_;
  Folders folders_;
  std::string floor_socket_;
  std::unique_ptr<Server> floor_;
  std::unique_ptr<Server> daemon_;
};

}  // namespace tacit::bench
