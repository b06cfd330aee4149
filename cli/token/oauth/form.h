// The body of a POST: `application/x-www-form-urlencoded`.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::oauth {

class Form {
 public:
  void add(std::string_view name, std::string_view value);
  /// The same of what nobody may see.
  void add_secret(std::string_view name, std::span<const unsigned char> value);
  /// What else is sent with it and nobody may see.
  void guard(std::span<const unsigned char> value);

  std::span<const unsigned char> body() const { return body_.bytes(); }
  /// Whether `text` holds one of the secrets, as servers' complaints may.
  bool tells_in(std::string_view text) const;

 private:
  void append(std::string_view name, std::span<const unsigned char> value);

  SecretBuffer body_;
  std::vector<SecretBytes> secrets_;
};

}  // namespace tacit::oauth
