// Everything that a user does to a vault which ends in a write, each as one step: done whole or
// not at all.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "tests/reliability/vault_user.h"

namespace tacit::test {

struct Step {
  std::string name;
  /// `salt` varies what is written. An answer such as NOT_FOUND is a step that changed nothing.
  std::function<absl::Status(VaultUser&, unsigned salt)> run;
};

/// Steps of an open vault; `find_step` by name.
const std::vector<Step>& all_steps();
const Step& find_step(const std::string& name);

/// The disk would not have it, whatever the reason; anything else is an answer.
bool is_trouble(const absl::Status& status);

/// Fills a vault that was just made with a little of everything, one write at a time.
absl::Status fill(VaultUser& user, const std::function<void()>& after_each = {});

}  // namespace tacit::test
