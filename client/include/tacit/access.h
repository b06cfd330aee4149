// Who may ask, and who did: what Client speaks of policies, grants, prompters and the audit log.
// The members are those of proto/tacit/v1/access.proto, which says more.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tacit/credential.h"
#include "tacit/secret_bytes.h"

namespace tacit {

/// Milliseconds since the epoch, UTC, as in the contract.
using UnixMillis = std::int64_t;

enum class Policy { kOpen = 0, kAsk = 1, kConfirm = 2, kPinned = 3, kDeny = 4 };
/// What a call does to items. `kNone` is seen in the audit log alone.
enum class Verb { kNone = 0, kList = 1, kRead = 2, kWrite = 3, kAdmin = 4 };

/// One item by its names; an empty collection is `default`.
struct ItemRef {
  std::string collection;
  std::string name;
};

/// One process of those that led to a call. Text is as the system tells it: it may hold control
/// characters, so whoever shows it replaces them.
struct Program {
  std::int64_t pid = 0;
  std::string executable;  ///< absolute; empty: unreadable
  bool executable_known = false;
  std::string script;
  bool unnamed_script = false;
  bool interactive_shell = false;
};

/// Who asks, as the daemon found it.
struct Asker {
  std::vector<Program> chain;  ///< from the connected process upwards
  std::uint32_t program = 0;   ///< position in `chain` of the one that asks
  std::string terminal;
  std::string folder;
  std::string unit;
  std::string agent_marker;
  std::string unknown_because;

  /// The one that asks; null if the daemon told no such one.
  const Program* asking() const { return program < chain.size() ? &chain[program] : nullptr; }
};

/// A collection (no name) or an item.
struct Subject {
  std::string collection;
  std::optional<std::string> name;
};

struct VerbPolicy {
  Verb verb = Verb::kRead;
  Policy policy = Policy::kOpen;
};

/// proto: SetPolicyRequest. What is not set stays.
struct PolicyChange {
  std::vector<VerbPolicy> policies;
  std::optional<std::vector<std::string>> pinned;  ///< absolute paths
  std::optional<bool> tripwire;
};

/// proto: GetPolicyReply.
struct PolicyView {
  std::vector<VerbPolicy> own;
  std::vector<VerbPolicy> effective;
  std::vector<std::string> pinned;
};

/// proto: ExplainReply.
struct Explanation {
  std::string verdict;  ///< `allow`, `ask`, `confirm` or `deny`
  std::string rule;
  Asker asker;
};

/// A standing answer (proto: Grant).
struct Grant {
  std::uint64_t id = 0;
  bool denied = false;
  bool prepared = false;
  std::vector<Verb> verbs;
  std::string collection;
  std::vector<std::string> items;  ///< empty: all of the collection
  std::string program;             ///< empty: any
  std::int64_t pid = 0;            ///< root of a process tree; 0: none
  std::string session;             ///< in words; empty: any
  UnixMillis created = 0;
  UnixMillis expires = 0;       ///< 0: never
  UnixMillis idle_expires = 0;  ///< 0: never
  std::uint64_t uses_left = 0;
  bool unlimited_uses = false;
  bool narrowing = false;
};

/// A grant made beforehand (proto: AddGrantRequest).
struct NewGrant {
  std::vector<Verb> verbs;
  std::string collection;
  std::vector<std::string> items;
  std::string program;  ///< absolute path; either this or `pid`
  std::int64_t pid = 0;
  std::chrono::milliseconds lifetime{0};
  std::uint64_t uses = 0;  ///< 0: as many as it likes
};

enum class QuestionKind { kUnlock = 1, kConsent = 2, kValue = 3, kLogin = 4 };

/// What the user is to be asked.
struct Question {
  std::uint64_t id = 0;
  QuestionKind kind = QuestionKind::kConsent;
  Asker asker;
  Verb verb = Verb::kRead;
  std::string collection;
  std::vector<std::string> names;  ///< the first 20
  std::uint32_t name_count = 0;
  bool needs_credential = false;
  bool each_use = false;              ///< a yes is for one call
  std::chrono::milliseconds idle{0};  ///< how long Decision::kSession holds, unused
  std::chrono::milliseconds hard{0};  ///< and at all
  std::string error;                  ///< what the answer before was wrong about
  std::string prompt;                 ///< for kValue, from the asker: untrusted
  std::chrono::milliseconds timeout{0};
  std::uint32_t uses = 0;  ///< with `each_use`: calls that a yes lets in, once each
  /// Not 0: a yes lets the process and all that it starts read so long (`Client::narrow`).
  std::chrono::milliseconds lifetime{0};
  std::string change;  ///< of administration: what is to be done
  // For kLogin, from the asker: untrusted.
  std::string verification_uri;
  std::string verification_uri_complete;  ///< the same with the code in it, or empty
  std::string user_code;

  /// Whether Decision::kSession is an answer.
  bool for_session() const { return !each_use && lifetime.count() == 0; }
};

/// What is to be asked about (proto: AskRequest).
struct ConsentAbout {
  Verb verb = Verb::kRead;
  /// At most 1,000; one without a name is everything in its collection (`get_all`).
  std::vector<ItemRef> items{};
  std::vector<std::uint64_t> versions{};  ///< one for each item, 0 is the newest; none: all newest
  std::chrono::milliseconds lifetime{0};  ///< for a `narrow` that follows: that of it
};

/// First of the events: the registration stands.
struct PrompterRegistered {
  bool proven = false;
};
/// The question is void.
struct QuestionWithdrawn {
  std::uint64_t id = 0;
};
/// To show, without an answer.
struct PrompterNotice {
  std::string text;
};
/// std::monostate: of a newer daemon, to be passed over.
using PromptEvent =
    std::variant<std::monostate, PrompterRegistered, Question, QuestionWithdrawn, PrompterNotice>;

enum class Decision { kDeny = 0, kDenyAlways = 1, kOnce = 2, kSession = 3 };

/// proto: AnswerRequest. For kUnlock and kValue any decision but the denials is a yes.
struct Answer {
  Decision decision = Decision::kDeny;
  std::optional<Credential> credential;
  SecretBytes value;    ///< for QuestionKind::kValue
  std::string failure;  ///< no answer could be got, and why; counts as a denial
};

enum class AuditVerdict { kAllowed = 1, kDenied = 2, kEvent = 3 };

struct AuditRecord {
  std::uint64_t sequence = 0;
  UnixMillis time = 0;
  Asker asker;
  Verb verb = Verb::kNone;
  std::string method;  ///< `Secrets.Get`
  ItemRef item;        ///< no name: the collection as such; neither: no single thing
  AuditVerdict verdict = AuditVerdict::kAllowed;
  std::string rule;
  std::uint64_t count = 0;
  UnixMillis last_time = 0;
  std::string event;
  std::string change;  ///< of administration: `read: ask -> open`
};

/// proto: AuditRequest. What is empty filters nothing.
struct AuditFilter {
  std::string collection;
  std::string name;
  std::string program;  ///< part of a path
  std::optional<AuditVerdict> verdict;
  UnixMillis since = 0;
  std::uint64_t last = 0;  ///< only the newest so many; 0: all
};

/// A log whose chain holds (proto: VerifyAuditReply).
struct AuditChain {
  std::uint64_t first_sequence = 0;
  std::uint64_t last_sequence = 0;  ///< 0: empty
  std::uint64_t gap = 0;            ///< reads that were served while it could not be written
};

}  // namespace tacit
