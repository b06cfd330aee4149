// toml++ 3.3, so that malformed text is an error whatever it is: with exceptions, since its
// other mode goes on after an error and then breaks its own preconditions, and with those
// preconditions thrown as well instead of ending the process (or, under NDEBUG, being ignored).
#pragma once
#include <stdexcept>

namespace tacit {

/// A precondition of toml++ that it broke itself.
struct TomlAssertion : std::logic_error {
  using std::logic_error::logic_error;
};

}  // namespace tacit

#define TOML_EXCEPTIONS 1
#define TOML_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : throw ::tacit::TomlAssertion(#condition))
#pragma push_macro("NDEBUG")
#undef NDEBUG
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#ifdef __clang__
#pragma GCC diagnostic ignored "-Wexceptions"
#else
#pragma GCC diagnostic ignored "-Wterminate"
#endif
#include "toml++/toml.h"
#pragma GCC diagnostic pop
#pragma pop_macro("NDEBUG")
