// Each RPC of the contract has a verb: one without could never be refused.
#include "daemon/access/verbs.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tacit/v1/access.pb.h"
#include "tacit/v1/admin.pb.h"
#include "tacit/v1/collections.pb.h"
#include "tacit/v1/projects.pb.h"
#include "tacit/v1/renewal.pb.h"
#include "tacit/v1/replacement.pb.h"
#include "tacit/v1/scan.pb.h"
#include "tacit/v1/secrets.pb.h"
#include "tacit/v1/session.pb.h"

namespace tacit {
namespace {

std::set<std::string> methods_of_the_contract() {
  std::set<std::string> methods;
  for (const google::protobuf::FileDescriptor* file :
       {v1::GetRequest::descriptor()->file(), v1::StatusRequest::descriptor()->file(),
        v1::VerifyRequest::descriptor()->file(), v1::AskRequest::descriptor()->file(),
        v1::Collection::descriptor()->file(), v1::Project::descriptor()->file(),
        v1::ScanMatch::descriptor()->file(), v1::TokenInfo::descriptor()->file(),
        v1::OldFile::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        methods.insert(file->service(s)->name() + "." + file->service(s)->method(m)->name());
      }
    }
  }
  return methods;
}

TEST(Verbs, EveryMethodOfTheContractHasOne) {
  const std::set<std::string> methods = methods_of_the_contract();
  ASSERT_GE(methods.size(), 26u);
  for (const std::string& method : methods) {
    EXPECT_TRUE(verb_of(method).has_value()) << method;
  }
}

TEST(Verbs, TheTableNamesNothingElseAndNothingTwice) {
  const std::set<std::string> methods = methods_of_the_contract();
  std::set<std::string> seen;
  for (const MethodVerb& row : method_verbs()) {
    EXPECT_TRUE(methods.contains(std::string(row.method))) << row.method;
    EXPECT_TRUE(seen.insert(std::string(row.method)).second) << row.method;
  }
}

TEST(Verbs, ValuesAreReadAndOnlyTheSessionAnswersAndAFoldersProjectNeedNoVerb) {
  EXPECT_EQ(verb_of("Secrets.Get"), Verb::kRead);
  EXPECT_EQ(verb_of("Secrets.GetBatch"), Verb::kRead);
  // A project's id is told its collection's name: known to all who know the id.
  // Renewal.Begin sees to it itself, and the others name a lease that it gave. A vault is restored
  // or salvaged by what opens it, also where none opens.
  const std::set<std::string> others = {
      "Access.Prompt",           "Access.Answer",       "Access.Ask",
      "Projects.Resolve",        "Renewal.Begin",       "Renewal.Sending",
      "Renewal.ShowLogin",       "Renewal.Commit",      "Renewal.Fail",
      "Replacement.Upload",      "Replacement.Salvage", "Replacement.RestoreBackup",
      "Replacement.ListOldFiles"};
  for (const MethodVerb& row : method_verbs()) {
    if (row.verb == Verb::kNone) {
      EXPECT_TRUE(row.method.starts_with("Session.") || others.contains(std::string(row.method)))
          << row.method;
    }
  }
  EXPECT_FALSE(verb_of("Secrets.Nothing").has_value());
}

}  // namespace
}  // namespace tacit
