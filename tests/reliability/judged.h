// What a vault must be after whatever happened to it.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/reliability/vault_user.h"

namespace tacit::test {

/// Opens the vault and holds it to be one of `allowed`, writable, and good for further writes that
/// last. Which one it was, or why it is none of them, which is a failure of the promise.
struct Judgement {
  int which = -1;  ///< index into `allowed`
  std::string why;
};
Judgement judge(VaultUser& user, const std::vector<const Contents*>& allowed);

}  // namespace tacit::test
