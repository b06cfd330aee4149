// Asking the Tacit daemon from C++20. For C and other languages see tacit/tacit.h.
// Link the static library: libtacit.so exports the C interface alone, since the layout of C++
// classes is no stable contract.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tacit/access.h"
#include "tacit/credential.h"
#include "tacit/projects.h"
#include "tacit/reference.h"
#include "tacit/result.h"
#include "tacit/secret_bytes.h"
#include "tacit/tokens.h"

namespace tacit {

using Attributes = std::map<std::string, std::string>;

/// One version of an item without its value (proto: Metadata).
struct Metadata {
  std::string collection;
  std::string name;
  std::uint64_t version = 0;
  Attributes attributes;
  std::string content_type;
  UnixMillis created = 0;
  UnixMillis modified = 0;
  UnixMillis expires = 0;  ///< 0: never
  Policy policy = Policy::kOpen;
  std::uint64_t value_size = 0;  ///< bytes
  bool deleted = false;
  bool inherited = false;  ///< it lies in another collection than the one asked for
  bool token = false;      ///< its value is got by a recipe and renewed (tacit/tokens.h)
};

struct Item {
  Metadata metadata;
  SecretBytes value;
  bool renewal_due = false;  ///< a token that is good for a while yet
};

/// One of everything that was asked for: what is there, or why it was not given.
struct FoundItem {
  ItemRef where;
  Result<Item> item;
};

/// What to store; members left empty keep what is there, but for `expires`: a new value without
/// it never expires (proto: SetRequest).
struct SetOptions {
  std::optional<Attributes> attributes;
  std::optional<std::string> content_type;
  std::optional<UnixMillis> expires;
  std::optional<std::uint64_t> expected_version;  ///< 0: must not exist
};

/// One of the changes that `apply` makes together (proto: ItemChange).
struct ItemEdit {
  std::string collection;  ///< empty: `default`
  std::string name;
  std::optional<SecretBytes> value;  ///< none: the item is deleted, its history stays
  SetOptions options;                ///< of a deletion `expected_version` alone counts
};
/// Of one `apply`: so many edits, of so many bytes by `edit_bytes`.
inline constexpr std::size_t kMaxEdits = 1000;
inline constexpr std::size_t kMaxEditsBytes = std::size_t{1024} * 1024 - 16;
/// What it takes of the message that `apply` sends, or a little more than that.
std::size_t edit_bytes(const ItemEdit& edit) noexcept;

/// For `get_or_ask`.
struct AskOptions {
  std::string prompt;                    ///< what the user is told to type; empty: the item's name
  std::optional<Attributes> attributes;  ///< stored with a new item
  bool terminal = true;  ///< without a prompter, ask on the controlling terminal if there is one
  /// How long to wait for the user, if that is longer than the client's deadline.
  std::chrono::milliseconds patience{120'000};
};

enum class VaultState { kNone = 1, kLocked = 2, kUnlocked = 3, kUnusable = 4 };
enum class SlotKind { kPassphrase = 1, kRecoveryKey = 2, kKeyFile = 3 };
enum class PrompterState { kNotTold = 0, kNone = 1, kUnproven = 2, kProven = 3 };

/// proto: StatusReply.
struct DaemonStatus {
  VaultState state = VaultState::kNone;
  std::string version;
  std::int64_t pid = 0;
  std::string vault_path;
  std::string socket_path;
  UnixMillis unlocked = 0;
  UnixMillis locks = 0;
  Reason problem = Reason::kUnspecified;
  std::string problem_message;
  bool recovery_key_unconfirmed = false;
  std::int64_t uptime_ms = 0;
  bool read_only = false;
  std::vector<SlotKind> slot_kinds;
  PrompterState prompter = PrompterState::kNotTold;
};

struct Slot {
  std::uint32_t index = 0;
  SlotKind kind = SlotKind::kPassphrase;
  UnixMillis created = 0;
  std::uint64_t kdf_memory_bytes = 0;
  std::uint32_t kdf_passes = 0;
};

struct UnlockOutcome {
  bool already_unlocked = false;
  bool first_use = false;
};

struct CollectionInfo {
  std::string name;
  std::uint64_t item_count = 0;
};

/// One finding or one step of a verification (proto: VerifyReply).
struct VerifyProgress {
  std::uint64_t rows_done = 0;
  std::uint64_t rows_total = 0;
  Reason finding = Reason::kUnspecified;
  std::string message;
  std::string collection;  ///< of the damaged item; empty if unknown
  std::string name;
};

/// Rows done, of how many; both 0 where that is not known yet.
using RowsProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// What a damaged vault did not give back as it was (proto: SalvageReply).
struct SalvageLoss {
  std::string message;
  std::string collection;  ///< of the item; empty if unknown
  std::string name;
};
struct SalvageSummary {
  std::uint64_t items = 0;  ///< kept, deleted ones with a history included
  std::uint64_t versions = 0;
  std::uint64_t losses = 0;
  bool slots_dropped = false;    ///< only the one that opened the vault is left
  bool rules_tightened = false;  ///< every collection asks
};

/// A vault file that is the vault no more (proto: OldFile).
struct OldFile {
  std::string name;
  std::uint64_t bytes = 0;
  std::int64_t modified = 0;  ///< milliseconds since the epoch
};

enum class ChangeKind { kReady = 0, kSet = 1, kDeleted = 2, kOverflow = 3 };

/// proto: WatchReply.
struct Change {
  ChangeKind kind = ChangeKind::kReady;
  std::string collection;
  std::string name;
  std::uint64_t version = 0;
};

/// proto: SessionEvent.
struct SessionChange {
  VaultState state = VaultState::kNone;
  std::string cause;  ///< in words: `idle time-out`
};

class Stopper;

struct ClientOptions {
  /// Where to connect; empty: tacit::socket_places() in turn.
  std::string socket_path;
  /// For each call, connecting and starting the daemon included. Key derivations (create,
  /// unlock, slots) and streams that report progress have their own, see there; of lists and
  /// batches, which may be long, it is for each message.
  std::chrono::milliseconds deadline{10'000};
  /// Start the daemon when none answers; also needs TACIT_AUTOSTART not to be `0`.
  bool autostart = true;
  /// The daemon may ask the user through a prompter before it answers. Calls that may then wait
  /// for the user wait up to `patience`, if that is longer than `deadline`.
  bool interaction = false;
  std::chrono::milliseconds patience{120'000};
  /// Calls that read values have tokens renewed that have run out or soon will, by the program
  /// tacit-renew that was installed with this library. False: as they are, or kRenewalNeeded.
  bool renew_tokens = true;
  /// The user may be asked to log in for a token: on the terminal, else through the prompter. The
  /// call then lasts as long as the login may. With `interaction` too.
  bool log_in = false;
  /// Once it has stopped, every call ends within a moment with kCancelled; what it was to change
  /// may be changed or not. Must live as long as the client.
  const Stopper* stopper = nullptr;
};

/// Ends a call that waits for what comes, from another thread or from a signal handler. Must live
/// as long as the call; one that has stopped stays stopped.
class Stopper {
 public:
  /// Throws std::system_error without descriptors.
  Stopper();
  Stopper(const Stopper&) = delete;
  Stopper& operator=(const Stopper&) = delete;
  ~Stopper();

  /// Any thread; async-signal-safe.
  void stop() noexcept;
  bool stopped() const noexcept;
  /// Readable once it has stopped; for poll(2).
  int fd() const noexcept { return read_end_; }

 private:
  int read_end_ = -1;
  int write_end_ = -1;
};

/// A connection to the daemon. Blocking; opens the socket at the first call, starts no thread,
/// installs no signal handler (but see `get_or_ask`) and survives fork (the child connects anew)
/// and a restart of the daemon. Before the first byte it checks that the server runs under this
/// user's uid. When none answers it starts one: through the user's service manager where
/// tacitd.socket is installed, else $TACIT_DAEMON (an absolute path), else the tacitd beside this
/// library or program or where it was installed; never one found through PATH. Thread rules: one
/// thread at a time; make a client for each thread, they are cheap. Every call may fail with
/// kNoDaemon, kDaemonUntrusted, kTimeout, kProtocol and the reasons of proto/tacit/v1; those of
/// items also with kLocked and kNoVault.
class Client {
 public:
  explicit Client(ClientOptions options = {});
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  // Session. `create` and `unlock` wait up to 60 s.
  Result<DaemonStatus> status();
  /// Returns the recovery key's text if asked for, else nothing.
  Result<SecretBytes> create(std::span<const Credential> credentials, bool with_recovery_key);
  Result<UnlockOutcome> unlock(const Credential& credential);
  /// False if it was locked before.
  Result<bool> lock();
  /// Calls `on_change` with the state now and after each change of it, until it returns false
  /// (ok) or the daemon goes (kNoDaemon). No deadline; this client can do nothing else meanwhile.
  /// A signal that has a handler ends the wait with kCancelled, as in `watch`.
  Result<void> watch_session(const std::function<bool(const SessionChange&)>& on_change);

  // Items.
  /// From the collection, or, without a version, from one that it inherits from.
  Result<Item> get(std::string_view collection, std::string_view name, std::uint64_t version = 0);
  /// What a reference points to: a value, or an attribute (kNotFound if the item lacks it).
  Result<SecretBytes> get(const Reference& reference);
  /// One result a reference, in their order, in one round trip. Fails as a whole only when the
  /// call itself did. At most 1,000. With a project an empty collection is the project's; else it
  /// is `default`. Also kUntrustedFolder, and kNotFound for a project or profile that is not there.
  Result<std::vector<Result<SecretBytes>>> get_batch(std::span<const Reference> references,
                                                     const ProjectRef* project = nullptr);
  /// Everything in a collection and what it inherits, by name, in one round trip. At most 1,000
  /// items (kLimit). What may be neither read nor listed is left out.
  Result<std::vector<FoundItem>> get_all(std::string_view collection);
  /// The same of a project in a folder. Also kUntrustedFolder; kNotFound: no such project or
  /// profile.
  Result<std::vector<FoundItem>> get_all(const ProjectRef& project);
  /// Without a version also from a collection that it inherits from (`inherited`).
  Result<Metadata> describe(std::string_view collection, std::string_view name,
                            std::uint64_t version = 0);
  /// Returns the new version. Never retried after it may have reached the daemon.
  Result<std::uint64_t> set(std::string_view collection, std::string_view name,
                            const SecretBytes& value, const SetOptions& options = {});
  /// Changes attributes, content type or expiry and keeps the value.
  Result<std::uint64_t> set_metadata(std::string_view collection, std::string_view name,
                                     const SetOptions& options);
  Result<void> remove(std::string_view collection, std::string_view name, bool purge = false,
                      std::optional<std::uint64_t> expected_version = {});
  /// The value; if the item is not there, the user is asked for it, and what was typed is stored
  /// and returned. Asked by the prompter; if there is none, on the controlling terminal, twice and
  /// without echo: as `tacit get --ask` does where /dev/tty opens, the process is in its foreground
  /// group, standard error is a terminal, standard input is not /dev/null, and TACIT_NO_INPUT is
  /// not set. Neither the vault's passphrase nor a consent is asked for there. Whoever stored first
  /// wins: that value is returned.
  /// Threads: while a question stands on the terminal, signal handlers of the whole process are
  /// replaced (SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU; what is ignored stays
  /// so) and put back after it; such a signal breaks the question off, restores the terminal and
  /// is then raised again. Clients of other threads that ask there as well wait for their turn; do
  /// not fork a child that asks meanwhile.
  /// Also kUserDenied (no, no answer, or an empty one, which is never stored), kNoPrompter
  /// (nobody could be asked, or a policy wants a consent), kCancelled (broken off on the terminal).
  Result<Item> get_or_ask(std::string_view collection, std::string_view name,
                          const AskOptions& options = {});
  /// All of them or none, in one transaction; each of another item. Returns the versions stored, in
  /// their order, 0 for a deletion. Also kLimit: more than one call takes, and nothing was sent.
  Result<std::vector<std::uint64_t>> apply(std::span<const ItemEdit> edits);
  /// Sorted by collection and name. No collection: all of them. `with_inherited` needs one.
  Result<std::vector<Metadata>> list(std::optional<std::string_view> collection,
                                     bool names_only = false, bool with_inherited = false);
  Result<std::vector<Metadata>> search(const Attributes& attributes,
                                       std::optional<std::string_view> collection = {});
  Result<std::vector<CollectionInfo>> collections();
  Result<void> rename(std::string_view collection, std::string_view name,
                      std::string_view new_collection, std::string_view new_name,
                      bool replace = false, std::optional<std::uint64_t> expected_version = {});
  /// Newest first.
  Result<std::vector<Metadata>> history(std::string_view collection, std::string_view name);
  Result<std::uint64_t> restore(std::string_view collection, std::string_view name,
                                std::uint64_t version,
                                std::optional<std::uint64_t> expected_version = {});
  /// A callback may throw: the exception passes through, and the next call connects anew.
  /// Calls `on_change` for each change (kReady first) until it returns false (ok), the vault locks
  /// (kLocked) or the daemon goes (kNoDaemon). `names` empty: the whole collection. It has no
  /// deadline. While it runs this client can do nothing else. A signal that has a handler and
  /// comes during the wait ends it with kCancelled, whatever SA_RESTART says, so that a handler
  /// that sets a flag is enough to stop; else watch again. The wait is in the calling thread:
  /// a signal that another thread takes, or that comes just before the wait, is not seen. It also
  /// ends when `stopper` stops (ok).
  Result<void> watch(std::optional<std::string_view> collection, std::span<const std::string> names,
                     const std::function<bool(const Change&)>& on_change,
                     const Stopper* stopper = nullptr);

  // Looking after the vault. Those that derive a key wait up to 60 s; verify, backup and rotate
  // wait as long as the daemon keeps answering every 60 s.
  Result<std::vector<Slot>> slots();
  struct NewSlot {
    std::uint32_t index = 0;
    SecretBytes recovery_key;  ///< text; empty for other kinds
  };
  /// Without `credential`: a recovery key is made.
  Result<NewSlot> add_slot(const Credential& authorization, const Credential* credential);
  Result<void> remove_slot(const Credential& authorization, std::uint32_t index);
  Result<void> change_passphrase(const Credential& authorization,
                                 std::optional<std::uint32_t> index,
                                 const SecretBytes& new_passphrase);
  /// Nothing but that check, with what it is for in the audit log.
  Result<void> confirm_credential(const Credential& authorization, std::string_view purpose);
  Result<void> confirm_recovery_key();
  Result<void> verify(const std::function<void(const VerifyProgress&)>& on_progress);
  /// Hands the copy over chunk by chunk; `total` is its length. A false answer gives up.
  Result<void> backup(
      const std::function<bool(std::span<const unsigned char>, std::uint64_t total)>& on_chunk);
  Result<void> accept_rollback(const Credential& authorization);
  Result<void> rotate(
      const Credential& authorization,
      const std::function<void(std::uint64_t done, std::uint64_t total)>& on_progress);

  // Another vault file in the place of the present one, which stays beside it as an old file. They
  // wait as long as the daemon keeps answering every 60 s; after an error nothing has changed.
  /// New keys for everything: from now on `credentials` open the vault and nothing else.
  /// `removed_slot`: kInvalidArgument if it is what the authorization opens. Returns the new
  /// recovery key as text; empty if none was asked for.
  Result<SecretBytes> replace_keys(const Credential& authorization,
                                   std::span<const Credential> credentials, bool with_recovery_key,
                                   std::optional<std::uint32_t> removed_slot,
                                   const RowsProgress& on_progress);
  /// Hands over a backup, in parts that `next` gives until one is empty. Returns its length.
  Result<std::uint64_t> upload_backup(const std::function<Result<SecretBytes>()>& next);
  /// What was handed over becomes the vault, unlocked. `current` (none: `credential`) opens the
  /// present vault, which is asked for where that has other keys than the backup.
  Result<void> restore_backup(const Credential& credential, const Credential* current,
                              const RowsProgress& on_progress);
  /// What the vault still holds becomes the vault, unlocked.
  Result<SalvageSummary> salvage(const Credential& credential, const RowsProgress& on_progress,
                                 const std::function<void(const SalvageLoss&)>& on_loss);
  Result<std::vector<OldFile>> old_files();
  Result<void> remove_old_file(const Credential& authorization, std::string_view name);

  // Who may ask. Those with a credential wait up to 60 s.
  /// Needs a credential if anything of it loosens (kWrongCredential without one).
  Result<void> set_policy(const Subject& subject, const PolicyChange& change,
                          const Credential* authorization = nullptr);
  Result<PolicyView> get_policy(const Subject& subject);
  /// What would be decided for a process of this user; 0: for this one. Asks nobody.
  Result<Explanation> explain(const Subject& subject, Verb verb, std::int64_t pid = 0);
  Result<std::vector<Grant>> list_grants();
  /// Returns its id.
  Result<std::uint64_t> add_grant(const Credential& authorization, const NewGrant& grant);
  /// Returns how many were taken back. A denial needs a credential.
  Result<std::uint32_t> revoke_grants(std::span<const std::uint64_t> ids,
                                      const Credential* authorization = nullptr);
  /// All but denials and narrowings.
  Result<std::uint32_t> revoke_all_grants();
  /// From now on this process and its descendants may read these items and no others.
  Result<void> narrow(std::span<const ItemRef> items, std::chrono::milliseconds lifetime);

  /// Registers this process as the user's prompter and hands over what comes, until `on_event`
  /// returns false or `stopper` stops (both ok), or the daemon goes (kNoDaemon). No deadline.
  /// The answers go by `answer` of another Client of the same process; a callback that waits for
  /// the user sees no withdrawal meanwhile, so it leaves that to another thread.
  /// Also kWrongCredential, kBackoff, kPolicyDenied (an agent, or another prompter is there).
  Result<void> prompt(const Credential* credential, std::string_view means,
                      const std::function<bool(PromptEvent)>& on_event,
                      const Stopper* stopper = nullptr);
  /// None: the question is done with. One: it stands, changed (a wrong passphrase): ask again.
  /// kNotFound: it is not there any more, or is not this process's to answer.
  Result<std::optional<Question>> answer(std::uint64_t question_id, const Answer& answer);
  /// The question that stands between this process and the items, to be asked on its own terminal
  /// and answered by `answer`, after which the call goes through. None: nothing is to be asked.
  Result<std::optional<Question>> ask(const ConsentAbout& about);

  /// Hands over the records, oldest first, until `on_record` returns false or all were told; with
  /// `follow` then those that come, without a deadline, until `stopper` stops (ok).
  Result<void> audit(const AuditFilter& filter, bool follow,
                     const std::function<bool(const AuditRecord&)>& on_record,
                     const Stopper* stopper = nullptr);
  /// kVaultDamaged: a record was changed, dropped or reordered; the message says which.
  Result<AuditChain> verify_audit();

  // Collections (proto: Collections). `expected_id`, of a Collection, keeps from another that has
  // got the name meanwhile (kVersionMismatch); empty: whichever has it.
  /// Returns its id. Also kAlreadyExists.
  Result<std::string> create_collection(std::string_view name);
  Result<void> rename_collection(std::string_view name, std::string_view new_name,
                                 std::string_view expected_id = {});
  /// Returns how many items went. Also kNotEmpty; kWrongCredential: it has a policy, and a
  /// credential is needed.
  Result<std::uint64_t> delete_collection(std::string_view name, bool with_items = false,
                                          const Credential* authorization = nullptr,
                                          std::string_view expected_id = {});
  /// All of them, empty ones too, by name.
  Result<std::vector<Collection>> all_collections();
  /// No parent: takes it away.
  Result<void> inherit(std::string_view name, std::optional<std::string_view> parent);

  // Projects (proto: Projects). `consented`: this program has shown the user what will be given
  // where, and has got a yes.
  Result<LinkedProject> link_project(std::string_view id, const Folder& folder,
                                     std::string_view collection = {}, bool consented = false);
  /// kNotFound: no such project. A folder that is not trusted is no error: see ProjectPlace.
  Result<ProjectPlace> resolve_project(const ProjectRef& project);
  Result<TrustedFolder> trust_folder(std::string_view id, const Folder& folder, bool consented);
  Result<std::vector<Project>> projects();
  Result<void> unlink_folder(std::string_view id, const Folder& folder);
  /// Returns how many items went.
  Result<std::uint64_t> clear_project(std::string_view id);

  // Tokens (proto: Renewal).
  /// Returns the version. `replace`: a token that is there gets this recipe, and is without a token
  /// then; else kAlreadyExists.
  Result<std::uint64_t> create_token(std::string_view collection, std::string_view name,
                                     const TokenRecipe& recipe, const Attributes& attributes = {},
                                     bool replace = false);
  /// Sorted by collection and name. No collection: all of them.
  Result<std::vector<TokenInfo>> tokens(std::optional<std::string_view> collection = {});
  /// Has it renewed, by tacit-renew, also where it is not due if `options` say so; returns its
  /// version. Where the user may have to log in it takes as long as that does; see
  /// ClientOptions::log_in. Also kLoginNeeded, kRenewalFailed, kNotToken, kTimeout, kCancelled.
  Result<std::uint64_t> renew_token(std::string_view collection, std::string_view name,
                                    const RenewOptions& options = {});
  /// Tells the server that its tokens are to be good no more, and forgets them; the recipe stays.
  /// Returns what could not be revoked, in words; empty: nothing.
  Result<std::string> revoke_token(std::string_view collection, std::string_view name);
  /// The endpoints that an issuer tells of itself. `ca_file`: empty for the system's authorities.
  Result<TokenRecipe> discover_issuer(std::string_view issuer, std::string_view ca_file = {});
  /// For the program that renews. Waits until the token is renewed, by whomever, and returns its
  /// version. Gets this process the lease, `on_lease` is called with it, maybe again after it was
  /// lost; the lease lasts no longer than this call, so that all is done in `on_lease`, by another
  /// Client: sending_refresh_token, show_login, and at the end commit_renewal or fail_renewal.
  /// False gives the lease up (kCancelled), and so does `stopper` once it stops. No deadline but
  /// that of `wish`. Also kLoginNeeded, kRenewalFailed, kNotFound, kNotToken, kPolicyDenied.
  Result<std::uint64_t> begin_renewal(std::string_view collection, std::string_view name,
                                      const RenewalWish& wish,
                                      const std::function<bool(const RenewalLease&)>& on_lease,
                                      const Stopper* stopper = nullptr);
  /// To be called before the refresh token is sent anywhere. These wait up to 60 s, but for
  /// `show_login`.
  Result<void> sending_refresh_token(std::uint64_t lease);
  Result<LoginShown> show_login(std::uint64_t lease, const LoginPlace& place);
  /// Returns the version stored.
  Result<std::uint64_t> commit_renewal(std::uint64_t lease, const GotTokens& tokens);
  Result<void> fail_renewal(std::uint64_t lease, RenewalFailure failure, std::string_view message);

  // For Scanner (tacit/scan.h).
  Result<ScanSieve> begin_scan(std::optional<std::string_view> collection);
  Result<std::vector<ScanHit>> confirm_scan(std::uint64_t scan_id, std::span<const ScanPart> parts);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// libtacit's release, for instance `0.1.0`.
std::string_view version() noexcept;

}  // namespace tacit
