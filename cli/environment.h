// The environment that `tacit run` gives its command.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tacit/result.h"
#include "tacit/secret_bytes.h"

namespace tacit::cli {

/// A name of POSIX: letters, digits and `_`, not first a digit.
bool is_variable_name(std::string_view name) noexcept;

/// `VAR=REF`, taken apart at the first `=`.
struct Binding {
  std::string variable;
  std::string reference;
};

/// `option`, for instance `-e`, is for messages. Errors, kInvalidArgument: no `=`, an empty
/// reference, or a variable that is no name of POSIX.
Result<Binding> parse_binding(std::string_view text, std::string_view option);

/// A whole environment for exec. Values live in wiped memory until exec replaces it.
class Environment {
 public:
  /// Starts with a copy of `inherited` (NULL-terminated, as environ(7)).
  explicit Environment(char* const* inherited);
  bool has(std::string_view variable) const;
  /// Sets or replaces `variable`. Errors, naming the variable: kInvalidArgument, the value has a
  /// NUL byte, which no environment can hold; kValueTooLarge, it is longer than Linux passes on.
  Result<void> set(std::string_view variable, const SecretBytes& value);
  /// The longest of those that were set, as `VAR=value` in bytes. None: nothing was set.
  struct Size {
    std::string variable;
    std::size_t bytes = 0;
  };
  std::optional<Size> largest() const;
  /// For execve; valid until the next `set`.
  std::vector<char*> pointers();

 private:
  struct Entry {
    std::string variable;
    SecretBytes text;  ///< `VAR=value` and NUL
  };
  std::vector<char*> inherited_;
  std::vector<Entry> entries_;
};

}  // namespace tacit::cli
