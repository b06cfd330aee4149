// Collections, inheriting, projects and their folders: libtacit against the real daemon.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tacit/client.h"
#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

constexpr char kId[] = "0f8fad5b-d9cb-469f-a165-70867728950e";
constexpr char kOther[] = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

template <class T>
testing::AssertionResult succeeded(const Result<T>& result) {
  if (result) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << reason_name(result.error().code) << ": " << result.error().message;
}
template <class T>
Reason reason(const Result<T>& result) {
  return result ? Reason::kUnspecified : result.error().code;
}

class ProjectsTest : public DaemonTest {
 protected:
  void SetUp() override { begin(); }
  void begin() {
    start_unlocked();
    library_.emplace(options());
  }
  ClientOptions options() const {
    ClientOptions chosen;
    chosen.socket_path = home_.socket();
    chosen.autostart = false;
    chosen.deadline = std::chrono::seconds(30);
    return chosen;
  }
  Client& client() { return *library_; }
  Credential right() const { return {Credential::Kind::kKeyFile, SecretBytes::copy_of(key_)}; }
  /// From now on this very process is a coding agent's.
  void become_agent() {
    library_.reset();
    configure("[agents]\nmarkers = [\"PATH\"]\n");
    restart();
    ASSERT_TRUE(test::succeeded(unlock()));
    library_.emplace(options());
  }
  void put(const std::string& collection, const std::string& name, const std::string& value) {
    ASSERT_TRUE(succeeded(client().set(collection, name, SecretBytes::copy_of(value))));
  }
  static std::string text(const SecretBytes& secret) {
    return {secret.bytes().begin(), secret.bytes().end()};
  }
  /// The value, or why not.
  std::string value(const std::string& collection, const std::string& name,
                    std::uint64_t version = 0) {
    const auto item = client().get(collection, name, version);
    return item ? text(item->value) : std::string(reason_name(item.error().code));
  }
  void guard(const Subject& subject, std::vector<Verb> verbs, Policy policy) {
    PolicyChange change;
    for (const Verb verb : verbs) change.policies.push_back({verb, policy});
    ASSERT_TRUE(succeeded(client().set_policy(subject, change)));
  }
  static Folder folder(const std::string& path, std::uint64_t inode = 0) {
    return {path, 1, inode};
  }
  using Texts = std::vector<std::string>;
  static Texts all_of(const Result<std::vector<FoundItem>>& found) {
    if (!found) return {std::string(reason_name(found.error().code))};
    Texts out;
    for (const FoundItem& one : *found) {
      out.push_back(
          one.where.collection + ":" + one.where.name + "=" +
          (one.item ? text(one.item->value) : std::string(reason_name(one.item.error().code))));
    }
    return out;
  }
  Texts audited(const std::string& method) {
    Texts out;
    EXPECT_TRUE(succeeded(client().audit({}, false, [&](const AuditRecord& record) {
      if (record.method == method) {
        out.push_back(record.item.collection + ":" + record.item.name + " " + record.rule);
      }
      return true;
    })));
    return out;
  }
  /// What was changed, as which verb, and what came of it.
  Texts changes(const std::string& method) {
    Texts out;
    EXPECT_TRUE(succeeded(client().audit({}, false, [&](const AuditRecord& record) {
      if (record.method == method && !record.change.empty()) {
        out.push_back(std::string(record.verb == Verb::kAdmin ? "admin " : "write ") +
                      record.change + (record.event.empty() ? "" : "; " + record.event));
      }
      return true;
    })));
    return out;
  }

  std::optional<Client> library_;
};

TEST_F(ProjectsTest, CollectionsAreThingsOfTheirOwn) {
  const auto id = client().create_collection("empty");
  ASSERT_TRUE(succeeded(id));
  EXPECT_EQ(id->size(), 16u);
  EXPECT_EQ(reason(client().create_collection("empty")), Reason::kAlreadyExists);
  for (const char* bad : {"a/b/c", "/a", "a/", "/"}) {
    EXPECT_EQ(reason(client().create_collection(bad)), Reason::kInvalidArgument) << bad;
  }
  put("work", "one", "1");
  ASSERT_TRUE(succeeded(client().inherit("work", "empty")));
  auto all = client().all_collections();
  ASSERT_TRUE(succeeded(all));
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].name, "empty");
  EXPECT_EQ((*all)[0].id, *id);
  EXPECT_TRUE((*all)[0].kept);
  EXPECT_EQ((*all)[1].parent, "empty");
  EXPECT_EQ((*all)[1].item_count, 1u);
  EXPECT_FALSE((*all)[1].kept);

  EXPECT_EQ(reason(client().rename_collection("work", "job", *id)), Reason::kVersionMismatch);
  ASSERT_TRUE(succeeded(client().rename_collection("work", "job", (*all)[1].id)));
  EXPECT_EQ(value("job", "one"), "1");
  EXPECT_EQ(value("work", "one"), "NOT_FOUND");
  EXPECT_EQ(reason(client().delete_collection("job")), Reason::kNotEmpty);
  EXPECT_EQ(reason(client().delete_collection("empty")), Reason::kNotEmpty);  // an heir was told
  const auto deleted = client().delete_collection("job", true);
  ASSERT_TRUE(succeeded(deleted));
  EXPECT_EQ(*deleted, 1u);
  ASSERT_TRUE(succeeded(client().delete_collection("empty")));
  EXPECT_TRUE(client().all_collections()->empty());
  EXPECT_EQ(reason(client().delete_collection("empty")), Reason::kNotFound);
}

TEST_F(ProjectsTest, WhatChangesACollectionIsWrittenDownWithWhatItChanges) {
  ASSERT_TRUE(succeeded(client().create_collection("app")));
  EXPECT_EQ(reason(client().create_collection("app")), Reason::kAlreadyExists);
  put("work", "one", "1");
  ASSERT_TRUE(succeeded(client().inherit("work", "app")));
  ASSERT_TRUE(succeeded(client().inherit("work", std::nullopt)));
  ASSERT_TRUE(succeeded(client().rename_collection("work", "job")));
  ASSERT_TRUE(succeeded(client().delete_collection("app")));
  guard({"job", {}}, {Verb::kList}, Policy::kAsk);
  EXPECT_EQ(reason(client().delete_collection("job", true)), Reason::kWrongCredential);
  const Credential key = right();
  ASSERT_TRUE(succeeded(client().delete_collection("job", true, &key)));
  const std::string made = "write make the collection";
  EXPECT_EQ(changes("Collections.Create"),
            (Texts{made, made, made + "; not done: ALREADY_EXISTS"}));
  EXPECT_EQ(changes("Collections.Inherit"),
            (Texts{"write inherit from app", "write inherit from none but by its name"}));
  EXPECT_EQ(changes("Collections.Rename"), Texts{"write rename to job"});
  const std::string deleted = "write delete it with its items";
  EXPECT_EQ(changes("Collections.Delete"),
            (Texts{"write delete it", deleted, deleted + "; not done: WRONG_CREDENTIAL", deleted}));
  const Texts subjects = audited("Collections.Delete");
  ASSERT_EQ(subjects.size(), 4u);
  EXPECT_EQ(subjects.front(), "app: open");
  EXPECT_TRUE(subjects.back().starts_with("job: ")) << subjects.back();
}

TEST_F(ProjectsTest, APolicyGoesWithItsCollectionAndDeletingItNeedsTheCredential) {
  put("prod", "key", "k");
  guard({"prod", {}}, {Verb::kRead}, Policy::kDeny);
  EXPECT_EQ(reason(client().rename_collection("prod", "live")), Reason::kPolicyDenied);
  const Credential key = right();
  ASSERT_TRUE(succeeded(
      client().set_policy({"prod", {}}, {{{Verb::kRead, Policy::kConfirm}}, {}, {}}, &key)));
  EXPECT_EQ(reason(client().delete_collection("prod", true)), Reason::kWrongCredential);
  const Credential wrong{Credential::Kind::kKeyFile, SecretBytes::copy_of(random_bytes(32))};
  EXPECT_EQ(reason(client().delete_collection("prod", true, &wrong)), Reason::kWrongCredential);
  EXPECT_EQ(*client().delete_collection("prod", true, &key), 1u);
  put("prod", "key", "new");
  EXPECT_EQ(value("prod", "key"), "new");
}

TEST_F(ProjectsTest, AnItemsOwnPolicyHoldsAgainstItsCollectionsEnd) {
  put("c", "open", "1");
  put("c", "kept", "2");
  guard({"c", "kept"}, {Verb::kWrite}, Policy::kDeny);
  EXPECT_EQ(reason(client().delete_collection("c", true)), Reason::kPolicyDenied);
  EXPECT_EQ(reason(client().rename_collection("c", "d")), Reason::kPolicyDenied);
  EXPECT_EQ(value("c", "open"), "1");
  // Rules of what is gone stand in nobody's way.
  put("e", "x", "3");
  guard({"e", "x"}, {Verb::kList}, Policy::kAsk);
  const Credential key = right();
  ASSERT_TRUE(succeeded(client().delete_collection("e", true, &key)));
  put("f", "y", "4");
  EXPECT_TRUE(succeeded(client().rename_collection("f", "g")));
}

TEST_F(ProjectsTest, WhatIsAbsentIsReadFromTheParent) {
  put("x", "base", "of x");
  put("x", "both", "of x");
  put("x/prod", "both", "of prod");
  EXPECT_EQ(value("x/prod", "both"), "of prod");
  EXPECT_EQ(value("x/prod", "base"), "of x");
  EXPECT_EQ(value("x/dev", "base"), "NOT_FOUND");  // no such profile
  EXPECT_EQ(value("x/prod", "base", 1), "NOT_FOUND");
  EXPECT_EQ(value("x/prod", "nowhere"), "NOT_FOUND");
  const auto item = client().get("x/prod", "base");
  ASSERT_TRUE(succeeded(item));
  EXPECT_EQ(item->metadata.collection, "x");
  EXPECT_TRUE(item->metadata.inherited);
  EXPECT_FALSE(client().get("x/prod", "both")->metadata.inherited);
  const Reference references[] = {{"x/prod", "base", {}, 0}, {"x/prod", "both", {}, 0}};
  const auto batch = client().get_batch(references);
  ASSERT_TRUE(succeeded(batch));
  EXPECT_EQ(text(*(*batch)[0]), "of x");
  EXPECT_EQ(text(*(*batch)[1]), "of prod");

  // Nothing is ever written or deleted above.
  put("x/prod", "base", "of prod");
  EXPECT_EQ(value("x", "base"), "of x");
  ASSERT_TRUE(succeeded(client().remove("x/prod", "base")));
  EXPECT_EQ(value("x/prod", "base"), "of x");
  EXPECT_EQ(reason(client().remove("x/prod", "base")), Reason::kNotFound);
  EXPECT_EQ(reason(client().describe("x/prod", "nowhere")), Reason::kNotFound);

  const auto listed = client().list("x/prod", false, true);
  ASSERT_TRUE(succeeded(listed));
  Texts rows;
  for (const Metadata& row : *listed) {
    rows.push_back(row.collection + ":" + row.name + (row.inherited ? "*" : ""));
  }
  EXPECT_EQ(rows, (Texts{"x:base*", "x/prod:both"}));
  EXPECT_EQ(client().list("x/prod")->size(), 1u);
  EXPECT_EQ(reason(client().list({}, false, true)), Reason::kInvalidArgument);
  EXPECT_EQ(value("x/prod", "base"), "of x");
  ASSERT_TRUE(succeeded(client().lock()));
  ASSERT_TRUE(succeeded(client().unlock(right())));
  for (const std::string& line : audited("Secrets.Get")) {
    if (line.find(":base ") == std::string::npos || line.starts_with("x/dev:")) continue;
    EXPECT_EQ(line, "x:base open");
  }
}

TEST_F(ProjectsTest, BothPoliciesStandOverWhatIsInherited) {
  put("x", "item", "v");
  put("x/prod", "own", "v");
  guard({"x/prod", {}}, {Verb::kRead}, Policy::kDeny);
  EXPECT_EQ(value("x", "item"), "v");
  EXPECT_EQ(value("x/prod", "item"), "POLICY_DENIED");
  put("y", "item", "v");
  put("y/prod", "own", "v");
  guard({"y", {}}, {Verb::kRead}, Policy::kDeny);
  EXPECT_EQ(value("y/prod", "item"), "POLICY_DENIED");
  EXPECT_EQ(value("y/prod", "own"), "v");
  put("z", "item", "v");
  put("z/prod", "own", "v");
  guard({"z", "item"}, {Verb::kRead}, Policy::kConfirm);
  EXPECT_EQ(value("z/prod", "item"), "NO_PROMPTER");
  // There is a question to ask, had this process a terminal.
  EXPECT_EQ(reason(client().ask({Verb::kRead, {{"z/prod", "item"}}})), Reason::kNoPrompter);
}

TEST_F(ProjectsTest, InheritingNeedsToBeAllowedToReadTheParent) {
  put("open", "one", "1");
  put("shut", "two", "2");
  put("shut/p", "three", "3");
  guard({"shut", {}}, {Verb::kRead}, Policy::kDeny);
  EXPECT_EQ(reason(client().inherit("open", "shut")), Reason::kPolicyDenied);
  EXPECT_EQ(reason(client().inherit("open", "shut/p")), Reason::kPolicyDenied);
  EXPECT_EQ(reason(client().rename_collection("open", "shut/q")), Reason::kPolicyDenied);
  EXPECT_EQ(reason(client().inherit("open", "open")), Reason::kInvalidArgument);
  EXPECT_EQ(reason(client().inherit("open", "absent")), Reason::kNotFound);
}

TEST_F(ProjectsTest, EverythingComesInOneCall) {
  put("x", "base", "1");
  put("x", "both", "2");
  put("x", "shut", "3");
  put("x", "hidden", "4");
  put("x/prod", "both", "5");
  put("x/prod", "empty", "");
  guard({"x", "shut"}, {Verb::kRead}, Policy::kDeny);
  guard({"x", "hidden"}, {Verb::kRead, Verb::kList}, Policy::kDeny);
  EXPECT_EQ(all_of(client().get_all("x/prod")),
            (Texts{"x:base=1", "x/prod:both=5", "x/prod:empty=", "x/prod:shut=POLICY_DENIED"}));
  EXPECT_EQ(all_of(client().get_all("absent")), Texts{"NOT_FOUND"});
  ASSERT_TRUE(succeeded(client().create_collection("nothing")));
  EXPECT_EQ(all_of(client().get_all("nothing")), Texts{});
  // What would need a question for its name is not silently left out.
  put("asks", "one", "1");
  guard({"asks", {}}, {Verb::kRead, Verb::kList}, Policy::kAsk);
  EXPECT_EQ(all_of(client().get_all("asks")), Texts{"NO_PROMPTER"});
  EXPECT_EQ(reason(client().ask({Verb::kRead, {{"asks", ""}}})), Reason::kNoPrompter);
  // A narrowed process gets what is left to it.
  const ItemRef left[] = {{"x", "base"}};
  ASSERT_TRUE(succeeded(client().narrow(left, std::chrono::minutes(1))));
  EXPECT_EQ(all_of(client().get_all("x/prod")), Texts{"x:base=1"});
}

TEST_F(ProjectsTest, MoreThanAThousandAreNotEverything) {
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(succeeded(client().set("many", std::to_string(i), SecretBytes::copy_of("v"))));
  }
  EXPECT_EQ(client().get_all("many")->size(), 1000u);
  put("many", "one more", "v");
  EXPECT_EQ(all_of(client().get_all("many")), Texts{"LIMIT"});
  // All of them go at once.
  const auto linked = client().link_project(kId, folder("/p"), "many", true);
  ASSERT_TRUE(succeeded(linked));
  EXPECT_EQ(*client().clear_project(kId), 1001u);
  EXPECT_TRUE(client().list("many")->empty());
  EXPECT_EQ(*client().delete_collection("many", true), 0u);
  EXPECT_TRUE(client().projects()->empty());
}

TEST_F(ProjectsTest, AnIdThatWasCopiedIntoAnotherFolderGetsNothing) {
  const auto linked = client().link_project(kId, folder("/home/me/app", 7));
  ASSERT_TRUE(succeeded(linked));
  EXPECT_TRUE(linked->created);
  EXPECT_EQ(linked->collection, kId);
  EXPECT_FALSE(client().link_project(kId, folder("/home/me/app", 7))->created);
  put(kId, "KEY", "secret");
  const ProjectRef home{kId, folder("/home/me/app", 7), ""};
  EXPECT_EQ(client().resolve_project(home)->collection, kId);
  EXPECT_TRUE(client().resolve_project(home)->trusted());
  EXPECT_EQ(all_of(client().get_all(home)), Texts{std::string(kId) + ":KEY=secret"});

  const ProjectRef copy{kId, folder("/tmp/evil", 8), ""};
  const auto place = client().resolve_project(copy);
  ASSERT_TRUE(succeeded(place));
  EXPECT_EQ(place->reason, Reason::kUntrustedFolder);
  ASSERT_EQ(place->known.size(), 1u);
  EXPECT_EQ(place->known[0].folder.path, "/home/me/app");
  EXPECT_FALSE(place->known[0].same_folder);
  EXPECT_EQ(all_of(client().get_all(copy)), Texts{"UNTRUSTED_FOLDER"});
  const Reference reference[] = {{"", "KEY", {}, 0}};
  EXPECT_EQ(reason(client().get_batch(reference, &copy)), Reason::kUntrustedFolder);
  EXPECT_EQ(text(*client().get_batch(reference, &home)->front()), "secret");
  EXPECT_EQ(reason(client().link_project(kId, folder("/tmp/evil", 8))), Reason::kUntrustedFolder);
  EXPECT_EQ(reason(client().trust_folder(kId, folder("/tmp/evil", 8), false)), Reason::kNoPrompter);
  const auto trusted = client().trust_folder(kId, folder("/tmp/evil", 8), true);
  ASSERT_TRUE(succeeded(trusted));
  EXPECT_TRUE(trusted->moved_from.empty());
  EXPECT_EQ(all_of(client().get_all(copy)).size(), 1u);
  ASSERT_TRUE(succeeded(client().unlink_folder(kId, folder("/tmp/evil"))));
  EXPECT_EQ(all_of(client().get_all(copy)), Texts{"UNTRUSTED_FOLDER"});
  EXPECT_EQ(reason(client().unlink_folder(kId, folder("/tmp/evil"))), Reason::kNotFound);
  const std::string project = "project " + std::string(kId);
  const std::string collection = std::string(kId) + ":";
  EXPECT_EQ(audited("Projects.Trust"),
            (Texts{collection + " not consented", collection + " admin"}));
  const std::string given = "admin " + project + ": give in /tmp/evil";
  EXPECT_EQ(changes("Projects.Trust"), (Texts{given, given}));
  const std::string ended = "write " + project + ": give no more in /tmp/evil";
  EXPECT_EQ(changes("Projects.Unlink"), (Texts{ended, ended, ended + "; not done: NOT_FOUND"}));
  EXPECT_EQ(changes("Projects.Link").front(), "write link " + project + ", given in /home/me/app");
}

TEST_F(ProjectsTest, WhoeverKnowsTheIdFindsTheCollectionWithoutARightToListIt) {
  const Folder here = folder("/home/app");
  put("app", "one", "1");
  ASSERT_TRUE(succeeded(client().link_project(kId, here, "app", true)));
  guard({"app", {}}, {Verb::kList}, Policy::kAsk);
  const auto place = client().resolve_project({kId, here, ""});
  ASSERT_TRUE(succeeded(place));
  EXPECT_TRUE(place->trusted());
  EXPECT_EQ(place->collection, "app");
  // Of the folders where it is trusted it is told nothing, and nothing of an id that is not there.
  const auto elsewhere = client().resolve_project({kId, folder("/tmp/copy"), ""});
  ASSERT_TRUE(succeeded(elsewhere));
  EXPECT_FALSE(elsewhere->trusted());
  EXPECT_TRUE(elsewhere->known.empty() && elsewhere->known_withheld);
  EXPECT_EQ(reason(client().resolve_project({kOther, here, ""})), Reason::kNotFound);
  const Credential key = right();
  ASSERT_TRUE(
      succeeded(client().set_policy({"app", {}}, {{{Verb::kList, Policy::kOpen}}, {}, {}}, &key)));
  const auto open = client().resolve_project({kId, folder("/tmp/copy"), ""});
  ASSERT_TRUE(succeeded(open));
  EXPECT_TRUE(open->known.size() == 1 && !open->known_withheld);
  // A coding agent's process, and one that was narrowed, find their item by its name.
  become_agent();
  EXPECT_TRUE(client().resolve_project({kId, here, ""})->trusted());
  EXPECT_TRUE(client().resolve_project({kId, folder("/tmp/copy"), ""})->known_withheld);
  EXPECT_EQ(reason(client().resolve_project({kOther, here, ""})), Reason::kNotFound);
  ASSERT_TRUE(succeeded(client().lock()));
  EXPECT_EQ(reason(client().resolve_project({kId, here, ""})), Reason::kLocked);
}

TEST_F(ProjectsTest, WhatIsInheritedIsDescribedAndNarrowedToWhereItLies) {
  put("x", "base", "of x");
  put("x/prod", "own", "v");
  const auto item = client().describe("x/prod", "base");
  ASSERT_TRUE(succeeded(item));
  EXPECT_TRUE(item->inherited);
  EXPECT_EQ(item->collection, "x");
  EXPECT_FALSE(client().describe("x/prod", "own")->inherited);
  EXPECT_EQ(reason(client().describe("x/prod", "base", 1)), Reason::kNotFound);
  guard({"x", "base"}, {Verb::kRead}, Policy::kConfirm);
  EXPECT_EQ(client().explain({"x/prod", "base"}, Verb::kRead)->verdict, "confirm");
  EXPECT_EQ(client().explain({"x/prod", "base"}, Verb::kWrite)->verdict, "allow");
  const Credential key = right();
  ASSERT_TRUE(succeeded(
      client().set_policy({"x", "base"}, {{{Verb::kRead, Policy::kOpen}}, {}, {}}, &key)));
  guard({"x", {}}, {Verb::kList}, Policy::kDeny);
  EXPECT_EQ(reason(client().describe("x/prod", "base")), Reason::kPolicyDenied);
  const ItemRef left[] = {{"x/prod", "base"}};
  ASSERT_TRUE(succeeded(client().narrow(left, std::chrono::minutes(1))));
  EXPECT_EQ(value("x/prod", "base"), "of x");
  EXPECT_EQ(value("x/prod", "own"), "POLICY_DENIED");
}

TEST_F(ProjectsTest, SeveralChangesAreMadeTogetherOrNotAtAll) {
  put("app", "a", "1");
  put("app", "b", "1");
  const auto edit = [](const std::string& name, const char* text, std::uint64_t version) {
    ItemEdit out{"app", name, {}, {}};
    if (text != nullptr) out.value = SecretBytes::copy_of(std::string_view(text));
    out.options.expected_version = version;
    return out;
  };
  std::vector<ItemEdit> edits;
  edits.push_back(edit("a", "2", 1));
  edits.push_back(edit("b", nullptr, 7));
  EXPECT_EQ(reason(client().apply(edits)), Reason::kVersionMismatch);
  EXPECT_EQ(value("app", "a"), "1");
  edits[1].options.expected_version = 1;
  const auto done = client().apply(edits);
  ASSERT_TRUE(succeeded(done));
  EXPECT_EQ(*done, (std::vector<std::uint64_t>{2, 0}));
  EXPECT_EQ(value("app", "a"), "2");
  EXPECT_EQ(value("app", "b"), "NOT_FOUND");
  EXPECT_EQ(client().history("app", "b")->size(), 2u);
  EXPECT_TRUE(client().apply({})->empty());
  // One that may not be written keeps all of them from it.
  put("app", "kept", "1");
  guard({"app", "kept"}, {Verb::kWrite}, Policy::kDeny);
  edits.clear();
  edits.push_back(edit("a", "3", 2));
  edits.push_back(edit("kept", "3", 1));
  EXPECT_EQ(reason(client().apply(edits)), Reason::kPolicyDenied);
  EXPECT_EQ(value("app", "a"), "2");
  // What does not fit in one message is not sent.
  const std::string large(600 * 1024, 'x');
  edits.clear();
  edits.push_back(edit("a", large.c_str(), 2));
  EXPECT_EQ(*client().apply(edits), std::vector<std::uint64_t>{3});
  edits.push_back(edit("c", large.c_str(), 0));
  EXPECT_EQ(reason(client().apply(edits)), Reason::kLimit);
  EXPECT_EQ(value("app", "c"), "NOT_FOUND");
  ASSERT_TRUE(succeeded(client().lock()));
  ASSERT_TRUE(succeeded(client().unlock(right())));
  const Texts lines = audited("Secrets.Apply");
  EXPECT_TRUE(std::ranges::find(lines, "app:kept deny") != lines.end());
  EXPECT_TRUE(std::ranges::find(lines, "app:b open") != lines.end());
}

TEST_F(ProjectsTest, AMovedFolderIsOneTrust) {
  ASSERT_TRUE(succeeded(client().link_project(kId, folder("/a", 7), "app")));
  const auto place = client().resolve_project({kId, folder("/b", 7), ""});
  ASSERT_TRUE(succeeded(place));
  EXPECT_TRUE(place->known.at(0).same_folder);
  EXPECT_EQ(client().trust_folder(kId, folder("/b", 7), true)->moved_from, "/a");
  EXPECT_TRUE(client().resolve_project({kId, folder("/b", 7), ""})->trusted());
  EXPECT_FALSE(client().resolve_project({kId, folder("/a", 9), ""})->trusted());
  const auto projects = client().projects();
  ASSERT_TRUE(succeeded(projects));
  ASSERT_EQ(projects->size(), 1u);
  EXPECT_EQ(projects->front().id, kId);
  EXPECT_EQ(projects->front().collection, "app");
  EXPECT_EQ(projects->front().folders.size(), 1u);
  EXPECT_GT(projects->front().linked, 0);
  EXPECT_EQ(client().all_collections()->front().project_id, kId);
  // It outlives a rename, a restart and its folders.
  ASSERT_TRUE(succeeded(client().rename_collection("app", "renamed")));
  restart();
  ASSERT_TRUE(test::succeeded(unlock()));
  EXPECT_EQ(client().resolve_project({kId, folder("/b"), ""})->collection, "renamed");
  ASSERT_TRUE(succeeded(client().unlink_folder(kId, folder("/b"))));
  EXPECT_FALSE(client().resolve_project({kId, folder("/b"), ""})->trusted());
}

TEST_F(ProjectsTest, ProfilesDifferInValuesOnly) {
  const Folder here = folder("/app");
  ASSERT_TRUE(succeeded(client().link_project(kId, here, "app")));
  put("app", "URL", "https://test");
  put("app", "PASSWORD", "");
  put("app/prod", "PASSWORD", "s3cret");
  EXPECT_EQ(all_of(client().get_all({kId, here, ""})),
            (Texts{"app:PASSWORD=", "app:URL=https://test"}));
  EXPECT_EQ(all_of(client().get_all({kId, here, "prod"})),
            (Texts{"app/prod:PASSWORD=s3cret", "app:URL=https://test"}));
  EXPECT_EQ(client().resolve_project({kId, here, "prod"})->collection, "app/prod");
  EXPECT_EQ(all_of(client().get_all({kId, here, "prdo"})), Texts{"NOT_FOUND"});
  EXPECT_EQ(*client().clear_project(kId), 2u);
  EXPECT_EQ(all_of(client().get_all({kId, here, "prod"})), Texts{"app/prod:PASSWORD=s3cret"});
  EXPECT_TRUE(client().resolve_project({kId, here, ""})->trusted());
}

TEST_F(ProjectsTest, ACollectionWithItemsIsLinkedOnlyWithConsent) {
  put("prod", "key", "k");
  EXPECT_EQ(reason(client().link_project(kId, folder("/a"), "prod")), Reason::kNoPrompter);
  EXPECT_EQ(reason(client().link_project(kId, folder("/a"), "prod/x")), Reason::kInvalidArgument);
  ASSERT_TRUE(succeeded(client().create_collection("heir")));
  ASSERT_TRUE(succeeded(client().inherit("heir", "prod")));
  EXPECT_EQ(reason(client().link_project(kId, folder("/a"), "heir")), Reason::kNoPrompter);
  ASSERT_TRUE(succeeded(client().link_project(kId, folder("/a"), "prod", true)));
  EXPECT_EQ(reason(client().link_project(kOther, folder("/a"), "prod", true)),
            Reason::kAlreadyExists);
  EXPECT_EQ(reason(client().link_project(kId, folder("/a"), "other")), Reason::kAlreadyExists);
}

TEST_F(ProjectsTest, IdsAndFoldersHaveOneForm) {
  for (const char* bad : {"../../evil", "", "0F8FAD5B-D9CB-469F-A165-70867728950E"}) {
    pb::ResolveProjectRequest request;
    request.mutable_project()->set_id(bad);
    request.mutable_project()->mutable_folder()->set_path("/a");
    auto projects = pb::Projects::NewStub(client_->channel());
    const Outcome outcome = client_->call(*projects, &pb::Projects::Stub::Resolve, request);
    EXPECT_TRUE(failed_with(outcome, "INVALID_ARGUMENT"));
    EXPECT_NE(outcome.message.find("8-4-4-4-12"), std::string::npos);
    EXPECT_EQ(reason(client().resolve_project({bad, folder("/a"), ""})), Reason::kInvalidArgument);
  }
  for (const char* bad : {"a", "", "/a/../b", "/a/"}) {
    EXPECT_EQ(reason(client().link_project(kId, folder(bad))), Reason::kInvalidArgument) << bad;
  }
  EXPECT_EQ(reason(client().resolve_project({kId, folder("/a"), ""})), Reason::kNotFound);
  EXPECT_EQ(reason(client().resolve_project({kId, folder("/a"), "a/b"})), Reason::kInvalidArgument);
  // As the client finds a folder.
  const std::filesystem::path real = std::filesystem::canonical(home_.path());
  std::filesystem::create_directory_symlink(real, real / "link");
  const auto found = find_folder((real / "link" / ".").string());
  ASSERT_TRUE(succeeded(found));
  EXPECT_EQ(found->path, real.string());
  EXPECT_NE(found->inode, 0u);
  EXPECT_EQ(reason(find_folder("/no/such/folder")), Reason::kNotFound);
}

TEST_F(ProjectsTest, AnAgentNeitherTrustsNorTakesInBulk) {
  ASSERT_TRUE(succeeded(client().link_project(kId, folder("/a"), "app")));
  put("app", "KEY", "k");
  put("other", "KEY", "k");
  become_agent();
  EXPECT_EQ(reason(client().trust_folder(kId, folder("/b"), true)), Reason::kPolicyDenied);
  EXPECT_EQ(reason(client().link_project(kOther, folder("/b"), "other", true)),
            Reason::kNoPrompter);
  EXPECT_EQ(all_of(client().get_all({kId, folder("/a"), ""})), Texts{"POLICY_DENIED"});
  EXPECT_EQ(all_of(client().get_all("app")), Texts{"POLICY_DENIED"});
  EXPECT_EQ(reason(client().projects()), Reason::kPolicyDenied);
  EXPECT_EQ(reason(client().all_collections()), Reason::kPolicyDenied);
  EXPECT_EQ(reason(client().begin_scan({})), Reason::kPolicyDenied);
  // The user, on the audit log: nobody can be trusted by a write grant either.
  NewGrant grant;
  grant.verbs = {Verb::kRead, Verb::kWrite};
  grant.collection = "app";
  grant.program = std::filesystem::read_symlink("/proc/self/exe").string();
  grant.lifetime = std::chrono::minutes(1);
  EXPECT_EQ(reason(client().add_grant(right(), grant)), Reason::kNoPrompter);
}

TEST_F(ProjectsTest, AnAgentGetsInBulkWhatItWasGranted) {
  put("app", "KEY", "k");
  put("app", "NO", "n");
  NewGrant grant;
  grant.verbs = {Verb::kRead};
  grant.collection = "app";
  grant.items = {"KEY"};
  grant.program = std::filesystem::read_symlink("/proc/self/exe").string();
  grant.lifetime = std::chrono::minutes(1);
  ASSERT_TRUE(succeeded(client().add_grant(right(), grant)));
  become_agent();
  EXPECT_EQ(all_of(client().get_all("app")), Texts{"app:KEY=k"});
}

TEST_F(ProjectsTest, WatchesAreToldThatMuchHasChanged) {
  put("c", "one", "1");
  pb::WatchRequest request;
  const auto ctx = context();
  const auto reader = client_->secrets().Watch(ctx.get(), request);
  pb::WatchReply reply;
  ASSERT_TRUE(reader->Read(&reply));
  ASSERT_TRUE(succeeded(client().rename_collection("c", "d")));
  ASSERT_TRUE(reader->Read(&reply));
  EXPECT_EQ(reply.kind(), pb::CHANGE_KIND_OVERFLOW);
  put("d", "two", "2");
  ASSERT_TRUE(reader->Read(&reply));
  EXPECT_EQ(reply.kind(), pb::CHANGE_KIND_SET);
  ctx->TryCancel();
  reader->Finish();
}

}  // namespace
}  // namespace tacit::test
