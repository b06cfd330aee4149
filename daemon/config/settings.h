// The table of settings: what each key takes and where its value goes.
#pragma once
#include <string>
#include <vector>

#include "client/toml/toml.h"
#include "daemon/config/config.h"

namespace tacit {

struct Setting {
  const char* table;
  const char* key;
  const char* expected;  ///< for messages: `expected ...`
  /// Stores the value; false if it is not as expected.
  bool (*store)(const toml::node& value, Config& config);
  /// The value that holds, as TOML that `store` takes.
  std::string (*show)(const Config& config);
};

const std::vector<Setting>& settings();

}  // namespace tacit
