// How a value stands percent-encoded: one rule for `tacit scan` and `tacit run --mask`.
#pragma once
#include <array>
#include <span>
#include <string_view>

#include "tacit/secret_bytes.h"

namespace tacit {

/// What one percent-encoder leaves as it is beside letters and digits.
struct PercentRule {
  std::string_view kept;
  bool plus = false;    ///< a blank is `+`
  bool common = false;  ///< most libraries encode so
};
inline constexpr std::array<PercentRule, 5> kPercentRules{{
    {"-._~", false, true},  // RFC 3986, 2.1
    {"-._~/"},              // the same for paths
    {"-_.!~*'()"},          // encodeURIComponent
    {"-._~", true, true},   // forms
    {"*-._", true},         // forms, by URLSearchParams
}};

/// `digits`: the sixteen hexadecimal ones, upper or lower case.
SecretBytes percent_encoded(std::span<const unsigned char> value, const PercentRule& rule,
                            std::string_view digits);

}  // namespace tacit
