// What tacit-renew is told.
#pragma once
#include <string>
#include <string_view>

namespace tacit {

struct RenewerTask {
  std::string_view mode = "renew";  ///< or `login`, `revoke`, `discover`
  std::string_view collection;
  std::string_view name;
  bool may_ask = false;   ///< the user, to log in
  bool terminal = false;  ///< and on the terminal too
  bool force = false;
  bool browser = false;
  std::string_view issuer;
  std::string_view ca_file;
};

/// One JSON object in one line.
std::string to_json(const RenewerTask& task);

}  // namespace tacit
