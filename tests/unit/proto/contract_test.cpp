// The compatibility promise of proto/README.md, held against proto/contract.txt.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tacit/v1/common.pb.h"
#include "tests/unit/proto/contract_lines.h"

namespace tacit {
namespace {

std::set<std::string> promised_lines() {
  std::ifstream file(TACIT_CONTRACT_FILE);
  std::set<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.insert(line);
  return lines;
}

std::vector<std::string> difference(const std::set<std::string>& a,
                                    const std::set<std::string>& b) {
  std::vector<std::string> missing;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(missing));
  return missing;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += "\n  " + line;
  return text;
}

TEST(Contract, NothingPromisedIsGoneOrChanged) {
  const auto promised = promised_lines();
  ASSERT_FALSE(promised.empty()) << TACIT_CONTRACT_FILE << " cannot be read";
  EXPECT_EQ(joined(difference(promised, contract_lines())), "")
      << "These lines of proto/contract.txt are no longer true. Clients rely on them: bring them "
         "back, and add something new instead.";
}

TEST(Contract, WhatIsNewIsWrittenDown) {
  EXPECT_EQ(joined(difference(contract_lines(), promised_lines())), "")
      << "New in the contract. If it is meant, write it down: build/dev/tests/unit/proto/"
         "list_contract > proto/contract.txt";
}

TEST(Contract, NoNumberIsUsedTwice) {
  std::map<std::string, std::string> owner_of;
  for (const auto& line : promised_lines()) {
    if (line.rfind("field ", 0) != 0) continue;
    const auto equals = line.find(" = ");
    const auto message = line.substr(6, line.rfind('.', equals) - 6);
    const auto number = line.substr(equals + 3, line.find(' ', equals + 3) - equals - 3);
    const auto [owner, fresh] = owner_of.emplace(message + "#" + number, line);
    EXPECT_TRUE(fresh) << line << " and " << owner->second;
  }
  EXPECT_GT(owner_of.size(), 50U);
}

TEST(Contract, TheListTellsTypesStreamsAndOneofs) {
  const auto lines = contract_lines();
  EXPECT_TRUE(lines.count("field tacit.v1.GetReply.value = 1 bytes"));
  EXPECT_TRUE(lines.count("field tacit.v1.SetRequest.expected_version = 6 optional uint64"));
  EXPECT_TRUE(lines.count("field tacit.v1.Credential.passphrase = 1 bytes in oneof kind"));
  EXPECT_TRUE(lines.count("field tacit.v1.Metadata.attributes = 3 repeated tacit.v1.Attribute"));
  EXPECT_TRUE(lines.count("enum tacit.v1.Reason.REASON_LOCKED = 3"));
  EXPECT_TRUE(
      lines.count("rpc tacit.v1.Secrets.GetBatch (tacit.v1.GetBatchRequest) returns "
                  "(stream tacit.v1.GetBatchReply)"));
}

}  // namespace
}  // namespace tacit
