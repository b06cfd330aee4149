// What a call does to the vault, as policies see it.
#pragma once
#include <optional>
#include <span>
#include <string_view>

namespace tacit {

enum class Verb {
  kNone,   ///< touches no secret: state, locking, unlocking
  kList,   ///< names and metadata
  kRead,   ///< values
  kWrite,  ///< changes of items
  kAdmin,  ///< slots, copies, checks of the whole vault
};

std::string_view verb_name(Verb verb) noexcept;

struct MethodVerb {
  std::string_view method;  ///< `Secrets.Get`
  Verb verb;
};

/// Every RPC of tacit.v1, once. A test holds it against the contract's descriptors.
std::span<const MethodVerb> method_verbs() noexcept;
/// None: not in the table, which is a bug.
std::optional<Verb> verb_of(std::string_view method) noexcept;

}  // namespace tacit
