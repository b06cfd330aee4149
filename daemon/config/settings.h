// The table of settings: what each key takes and where its value goes.
#pragma once
#include <string>
#include <vector>

#include "daemon/config/config.h"

// Without exceptions, so that a wrong file is a value like any other error.
#define TOML_EXCEPTIONS 0
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#include "toml++/toml.h"
#pragma GCC diagnostic pop

namespace tacit {

struct Setting {
  const char* table;
  const char* key;
  const char* expected;  ///< for messages: `expected ...`
  /// Stores the value; false if it is not as expected.
  bool (*store)(const toml::node& value, Config& config);
};

const std::vector<Setting>& settings();

}  // namespace tacit
