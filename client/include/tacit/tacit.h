/* Asking the Tacit daemon from C, and from every language that can call C.
 *
 * This interface is stable: libtacit.so.0 never removes or changes a function, it only adds some
 * (symbol versions TACIT_0.1, ...). No structure's layout is part of it.
 *
 * Errors: a function that can fail returns NULL when it went well, else an error that the caller
 * frees with tacit_error_free. Its `out` arguments are then NULL or zero.
 *
 * Text is UTF-8 and ends with NUL. A collection may be NULL or "" for `default`, where not said
 * otherwise. Times are milliseconds since the epoch, UTC. Values are any bytes, up to 768 KiB.
 *
 * Ownership: what an `out` argument receives is the caller's, to be freed with the function named
 * like its type; that wipes what is secret in it. Pointers got from an object live as long as it
 * does. Every free function takes NULL.
 *
 * Threads: one thread at a time may use one object; different objects may be used at once. No
 * thread is started and no signal handler installed, but see tacit_get_or_ask. After fork the child
 * may go on using a client: it connects anew. Calls wait, for the deadline at most
 * (tacit_client_set_deadline), lists for each message of the daemon.
 *
 * Callbacks run on the calling thread during the call. They must not use the client they are
 * called by, and must return (no longjmp, no exception).
 */
#ifndef TACIT_TACIT_H
#define TACIT_TACIT_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define TACIT_API __attribute__((visibility("default")))
#else
#define TACIT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Why something failed; proto/tacit/v1/common.proto has the same numbers and says more. */
enum tacit_reason {
  TACIT_UNSPECIFIED = 0,
  TACIT_INVALID_ARGUMENT = 1,
  TACIT_VALUE_TOO_LARGE = 2,
  TACIT_LOCKED = 3,
  TACIT_NO_VAULT = 4,
  TACIT_VAULT_EXISTS = 5,
  TACIT_NOT_FOUND = 6,
  TACIT_ALREADY_EXISTS = 7,
  TACIT_VERSION_MISMATCH = 8,
  TACIT_EXPIRED = 9,
  TACIT_WRONG_CREDENTIAL = 10,
  TACIT_BACKOFF = 11,
  TACIT_POLICY_DENIED = 12,
  TACIT_USER_DENIED = 13,
  TACIT_NO_PROMPTER = 14,
  TACIT_VAULT_DAMAGED = 15,
  TACIT_ROLLBACK = 16,
  TACIT_FORK = 17,
  TACIT_VAULT_TOO_NEW = 18,
  TACIT_NOT_A_VAULT = 19,
  TACIT_READ_ONLY = 20,
  TACIT_DISK_FULL = 21,
  TACIT_IO_ERROR = 22,
  TACIT_VAULT_BUSY = 23,
  TACIT_LIMIT = 24,
  TACIT_LAST_SLOT = 25,
  TACIT_PERMISSIONS = 26,
  TACIT_INTERNAL = 27,
  TACIT_UNSUPPORTED = 28,
  TACIT_UNTRUSTED_FOLDER = 29,
  TACIT_NOT_EMPTY = 30,
  TACIT_RENEWAL_NEEDED = 31,
  TACIT_LOGIN_NEEDED = 32,
  TACIT_RENEWAL_FAILED = 33,
  TACIT_IS_TOKEN = 34,
  TACIT_NOT_TOKEN = 35,
  TACIT_NO_DAEMON = 100,
  TACIT_DAEMON_UNTRUSTED = 101,
  TACIT_TIMEOUT = 102,
  TACIT_PROTOCOL = 103,
  TACIT_CANCELLED = 104
};

enum tacit_vault_state {
  TACIT_VAULT_NONE = 1,
  TACIT_VAULT_LOCKED = 2,
  TACIT_VAULT_UNLOCKED = 3,
  TACIT_VAULT_UNUSABLE = 4
};

/* What opens a slot. */
enum tacit_slot_kind {
  TACIT_SLOT_PASSPHRASE = 1,
  TACIT_SLOT_RECOVERY_KEY = 2,
  TACIT_SLOT_KEY_FILE = 3
};

/* The user's registered prompter. */
enum tacit_prompter_state {
  TACIT_PROMPTER_NOT_TOLD = 0, /* the daemon is older */
  TACIT_PROMPTER_NONE = 1,
  TACIT_PROMPTER_UNPROVEN = 2,
  TACIT_PROMPTER_PROVEN = 3
};

enum tacit_change_kind {
  TACIT_CHANGE_READY = 0,   /* the watch is in place; nothing after it is missed */
  TACIT_CHANGE_SET = 1,     /* a version was stored */
  TACIT_CHANGE_DELETED = 2, /* deleted, purged or renamed away */
  TACIT_CHANGE_OVERFLOW = 3 /* changes were dropped: read again what matters */
};

typedef struct tacit_client tacit_client;
typedef struct tacit_error tacit_error;
typedef struct tacit_buffer tacit_buffer;
typedef struct tacit_status tacit_status;
typedef struct tacit_item tacit_item;
typedef struct tacit_items tacit_items;
typedef struct tacit_batch tacit_batch;
typedef struct tacit_collections tacit_collections;
typedef struct tacit_slots tacit_slots;
typedef struct tacit_changes tacit_changes;
typedef struct tacit_found tacit_found;
typedef struct tacit_project tacit_project;
typedef struct tacit_stopper tacit_stopper;
typedef struct tacit_token tacit_token;
typedef struct tacit_tokens tacit_tokens;

/* The library's release, for instance "0.1.0". */
TACIT_API const char* tacit_version(void);
/* "LOCKED" for TACIT_LOCKED; "UNSPECIFIED" for a number that this release does not know. */
TACIT_API const char* tacit_reason_name(int reason);

/* ---- Errors ---- */

TACIT_API int tacit_error_code(const tacit_error* error); /* an enum tacit_reason */
/* What happened, to what, and what to do next; never a secret. */
TACIT_API const char* tacit_error_message(const tacit_error* error);
TACIT_API void tacit_error_free(tacit_error* error);

/* ---- Secret bytes ---- */

TACIT_API const void* tacit_buffer_data(const tacit_buffer* buffer); /* never NULL */
TACIT_API size_t tacit_buffer_size(const tacit_buffer* buffer);
TACIT_API void tacit_buffer_free(tacit_buffer* buffer);
/* Overwrites memory of the caller's own so that no compiler leaves it out. */
TACIT_API void tacit_wipe(void* data, size_t size);

/* ---- Client ---- */

/* NULL only without memory. Nothing is connected before the first call. */
TACIT_API tacit_client* tacit_client_new(void);
TACIT_API void tacit_client_free(tacit_client* client);
/* Each of these may be changed between calls; the next call connects anew. */
TACIT_API void tacit_client_set_socket(tacit_client* client,
                                       const char* path); /* NULL: look for it */
TACIT_API void tacit_client_set_deadline(tacit_client* client, int64_t milliseconds); /* 10000 */
TACIT_API void tacit_client_set_autostart(tacit_client* client, int allowed);         /* 1 */
/* Whether the daemon may ask the user something before it answers; 0 if not set. */
TACIT_API void tacit_client_set_interaction(tacit_client* client, int allowed);
/* Once `stopper` (NULL: none) has stopped, every call of this client ends within a moment with
 * TACIT_CANCELLED; what it was to change may be changed or not. It must live as long as the
 * client. */
TACIT_API void tacit_client_set_stopper(tacit_client* client, const tacit_stopper* stopper);
/* Whether calls that read values have tokens renewed that have run out or soon will (see Tokens
 * below). */
TACIT_API void tacit_client_set_renewal(tacit_client* client, int allowed); /* 1 */

/* ---- Session ---- */

TACIT_API tacit_error* tacit_get_status(tacit_client* client, tacit_status** out);
TACIT_API int tacit_status_vault_state(const tacit_status* status); /* an enum tacit_vault_state */
TACIT_API const char* tacit_status_version(const tacit_status* status); /* the daemon's */
TACIT_API int64_t tacit_status_pid(const tacit_status* status);
TACIT_API const char* tacit_status_vault_path(const tacit_status* status);
TACIT_API const char* tacit_status_socket_path(const tacit_status* status);
TACIT_API int64_t tacit_status_unlocked(const tacit_status* status); /* since when; 0: it is not */
TACIT_API int64_t tacit_status_locks(const tacit_status* status);    /* if idle; 0: never */
TACIT_API int tacit_status_problem(const tacit_status* status);      /* an enum tacit_reason */
TACIT_API const char* tacit_status_problem_message(const tacit_status* status);
TACIT_API int tacit_status_recovery_key_unconfirmed(const tacit_status* status);
TACIT_API int tacit_status_read_only(const tacit_status* status);
TACIT_API int64_t tacit_status_uptime_ms(const tacit_status* status);
TACIT_API size_t tacit_status_slot_kind_count(const tacit_status* status);
TACIT_API int tacit_status_slot_kind(const tacit_status* status, size_t index);
TACIT_API int tacit_status_prompter(const tacit_status* status); /* an enum tacit_prompter_state */
TACIT_API void tacit_status_free(tacit_status* status);

/* Makes a vault that opens by `credential` (a passphrase or a key file's content) and leaves it
 * unlocked. With a non-NULL `recovery_key` it gets a recovery key too, shown this once. */
TACIT_API tacit_error* tacit_create(tacit_client* client, int slot_kind, const void* credential,
                                    size_t size, tacit_buffer** recovery_key);
/* The out arguments may be NULL: it was unlocked before (and nothing was checked); no anchor was
 * found, so that an older copy would not have been noticed. */
TACIT_API tacit_error* tacit_unlock(tacit_client* client, int slot_kind, const void* credential,
                                    size_t size, int* already_unlocked, int* first_use);
TACIT_API tacit_error* tacit_lock(tacit_client* client, int* was_unlocked);

/* ---- Items ---- */

/* The value alone. */
TACIT_API tacit_error* tacit_get(tacit_client* client, const char* collection, const char* name,
                                 tacit_buffer** out);
/* What `tacit://collection/name?attribute=A&version=N` points to. */
TACIT_API tacit_error* tacit_get_reference(tacit_client* client, const char* reference,
                                           tacit_buffer** out);
/* Value and metadata; version 0 is the newest. */
TACIT_API tacit_error* tacit_get_item(tacit_client* client, const char* collection,
                                      const char* name, uint64_t version, tacit_item** out);
/* Metadata only. Without a version also of an item that the collection inherits, whose own
 * collection tacit_item_collection then tells. */
TACIT_API tacit_error* tacit_describe(tacit_client* client, const char* collection,
                                      const char* name, uint64_t version, tacit_item** out);

TACIT_API const char* tacit_item_collection(const tacit_item* item);
TACIT_API const char* tacit_item_name(const tacit_item* item);
TACIT_API uint64_t tacit_item_version(const tacit_item* item);
TACIT_API const char* tacit_item_content_type(const tacit_item* item);
TACIT_API int64_t tacit_item_created(const tacit_item* item);
TACIT_API int64_t tacit_item_modified(const tacit_item* item);
TACIT_API int64_t tacit_item_expires(const tacit_item* item); /* 0: never */
TACIT_API int tacit_item_policy(const tacit_item* item);      /* 0 open to 4 deny */
TACIT_API int tacit_item_deleted(const tacit_item* item);
TACIT_API uint64_t tacit_item_value_size(const tacit_item* item);
/* Sorted by key. NULL beyond the last. */
TACIT_API size_t tacit_item_attribute_count(const tacit_item* item);
TACIT_API const char* tacit_item_attribute_key(const tacit_item* item, size_t index);
TACIT_API const char* tacit_item_attribute_value(const tacit_item* item, size_t index);
/* NULL if the item has no such attribute. */
TACIT_API const char* tacit_item_attribute(const tacit_item* item, const char* key);
/* NULL for an item that came without its value; else tacit_item_value_size bytes. */
TACIT_API const void* tacit_item_value(const tacit_item* item);
TACIT_API void tacit_item_free(tacit_item* item);

/* Up to 1,000 references in one round trip. Fails as a whole only when the call itself did. */
TACIT_API tacit_error* tacit_get_batch(tacit_client* client, const char* const* references,
                                       size_t count, tacit_batch** out);
TACIT_API size_t tacit_batch_count(const tacit_batch* batch);
/* NULL if that one went well; belongs to the batch. */
TACIT_API const tacit_error* tacit_batch_error(const tacit_batch* batch, size_t index);
TACIT_API const void* tacit_batch_data(const tacit_batch* batch, size_t index);
TACIT_API size_t tacit_batch_size(const tacit_batch* batch, size_t index);
TACIT_API void tacit_batch_free(tacit_batch* batch);

/* Everything in a collection and what it inherits, by name, in one round trip; at most 1,000 items
 * (TACIT_LIMIT). What may be neither read nor listed is left out. Fails as a whole only when the
 * call itself did. */
TACIT_API tacit_error* tacit_get_all(tacit_client* client, const char* collection,
                                     tacit_found** out);
TACIT_API size_t tacit_found_count(const tacit_found* found);
/* The name of the item at `index`; NULL beyond the last. */
TACIT_API const char* tacit_found_name(const tacit_found* found, size_t index);
/* Belong to `found`. One of both is NULL: the item with its value, or why it was not given. */
TACIT_API const tacit_item* tacit_found_item(const tacit_found* found, size_t index);
TACIT_API const tacit_error* tacit_found_error(const tacit_found* found, size_t index);
TACIT_API void tacit_found_free(tacit_found* found);

/* What to change besides the value; what is not set stays as it is, but for the expiry: a new
   value (tacit_set) never expires unless tacit_changes_expires says when. NULL only without
   memory. */
TACIT_API tacit_changes* tacit_changes_new(void);
/* The first of these replaces all attributes that the item has. */
TACIT_API void tacit_changes_no_attributes(tacit_changes* changes);
TACIT_API void tacit_changes_attribute(tacit_changes* changes, const char* key, const char* value);
TACIT_API void tacit_changes_content_type(tacit_changes* changes, const char* content_type);
TACIT_API void tacit_changes_expires(tacit_changes* changes, int64_t when); /* 0: never */
/* The newest version must be this one; 0: the item must not exist. */
TACIT_API void tacit_changes_expected_version(tacit_changes* changes, uint64_t version);
TACIT_API void tacit_changes_free(tacit_changes* changes);

/* Stores a value; durable when it returns. `changes` and `version` may be NULL. */
TACIT_API tacit_error* tacit_set(tacit_client* client, const char* collection, const char* name,
                                 const void* value, size_t size, const tacit_changes* changes,
                                 uint64_t* version);
/* The value; if the item is not there, the user is asked for it, and what was typed is stored and
 * returned: by the prompter, else on the controlling terminal, twice and without echo (never when
 * TACIT_NO_INPUT is set, in the background, with /dev/null as standard input, or with standard
 * error elsewhere). `prompt`: what the user is told to type, at most 256 bytes; NULL: the item's
 * name. Of `changes`, which may be NULL, the attributes are stored with a new item. Waits for the
 * user for two minutes, or for the client's deadline if that is longer. The terminal is not asked
 * for the vault's passphrase or for a consent.
 * Signals: while a question stands on the terminal, the process's handlers of SIGINT, SIGTERM,
 * SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN and SIGTTOU are replaced (what is ignored stays so) and put
 * back after it; such a signal, in whichever thread, breaks the question off, restores the terminal
 * and is raised again. Threads that ask on the terminal at the same time wait for their turn; do
 * not fork a child that asks meanwhile. TACIT_USER_DENIED: refused, not answered, or answered with
 * nothing; TACIT_NO_PROMPTER: nobody could be asked, or a policy wants a consent; TACIT_CANCELLED:
 * broken off on the terminal.
 */
TACIT_API tacit_error* tacit_get_or_ask(tacit_client* client, const char* collection,
                                        const char* name, const char* prompt,
                                        const tacit_changes* changes, tacit_buffer** out);
/* Keeps the value. */
TACIT_API tacit_error* tacit_set_metadata(tacit_client* client, const char* collection,
                                          const char* name, const tacit_changes* changes,
                                          uint64_t* version);
/* `purge`: also forget every version. `expected_version`: 0 for any. */
TACIT_API tacit_error* tacit_delete(tacit_client* client, const char* collection, const char* name,
                                    int purge, uint64_t expected_version);
/* `replace`: purge what has the new name. `expected_version`: 0 for any. */
TACIT_API tacit_error* tacit_rename(tacit_client* client, const char* collection, const char* name,
                                    const char* new_collection, const char* new_name, int replace,
                                    uint64_t expected_version);
/* Makes an older version the newest again. `new_version` may be NULL. */
TACIT_API tacit_error* tacit_restore(tacit_client* client, const char* collection, const char* name,
                                     uint64_t version, uint64_t expected_version,
                                     uint64_t* new_version);

/* Lists of metadata. A NULL collection means all of them. Sorted by collection and name. */
TACIT_API tacit_error* tacit_list(tacit_client* client, const char* collection, int names_only,
                                  tacit_items** out);
/* Items that have all of `count` attributes. */
TACIT_API tacit_error* tacit_search(tacit_client* client, const char* const* keys,
                                    const char* const* values, size_t count, const char* collection,
                                    tacit_items** out);
/* The versions kept, newest first. */
TACIT_API tacit_error* tacit_history(tacit_client* client, const char* collection, const char* name,
                                     tacit_items** out);
TACIT_API size_t tacit_items_count(const tacit_items* items);
/* Belongs to the list; NULL beyond the last. */
TACIT_API const tacit_item* tacit_items_at(const tacit_items* items, size_t index);
TACIT_API void tacit_items_free(tacit_items* items);

TACIT_API tacit_error* tacit_list_collections(tacit_client* client, tacit_collections** out);
TACIT_API size_t tacit_collections_count(const tacit_collections* collections);
TACIT_API const char* tacit_collections_name(const tacit_collections* collections, size_t index);
TACIT_API uint64_t tacit_collections_items(const tacit_collections* collections, size_t index);
TACIT_API void tacit_collections_free(tacit_collections* collections);

/* Calls `on_change` for each change, TACIT_CHANGE_READY first, until it returns 0 (no error), the
 * vault locks (TACIT_LOCKED) or the daemon goes (TACIT_NO_DAEMON). No deadline. A signal that has a
 * handler and comes to this thread during the wait ends both watches (TACIT_CANCELLED); one that
 * comes just before the wait does not. A NULL collection means all; `count` 0 means every item of
 * it. `collection` and `name` are "" where they mean nothing. */
typedef int (*tacit_change_callback)(void* context, int kind, const char* collection,
                                     const char* name, uint64_t version);
TACIT_API tacit_error* tacit_watch(tacit_client* client, const char* collection,
                                   const char* const* names, size_t count,
                                   tacit_change_callback on_change, void* context);
/* The same, also until `stopper` (may be NULL) stops, which is no error. The stopper must live as
 * long as the call; one that has stopped stays stopped. For all other calls see
 * tacit_client_set_stopper. */
TACIT_API tacit_error* tacit_watch_until(tacit_client* client, const char* collection,
                                         const char* const* names, size_t count,
                                         tacit_change_callback on_change, void* context,
                                         const tacit_stopper* stopper);
/* NULL without memory or descriptors. */
TACIT_API tacit_stopper* tacit_stopper_new(void);
/* From any thread, also while another one waits in the call; async-signal-safe. */
TACIT_API void tacit_stopper_stop(tacit_stopper* stopper);
TACIT_API void tacit_stopper_free(tacit_stopper* stopper);
/* The vault's state (enum tacit_vault_state) now, then each change of it, until 0 is returned. */
typedef int (*tacit_session_callback)(void* context, int vault_state, const char* cause);
TACIT_API tacit_error* tacit_watch_session(tacit_client* client, tacit_session_callback on_change,
                                           void* context);

/* ---- Projects ---- */

/* A project is an id (a UUID as text, 8-4-4-4-12 digits in lower case; files name it), a
 * collection, and the folders where its secrets are given. `folder` is the path of one; symbolic
 * links in it are followed. `profile` may be NULL or "": the project's own collection. */

/* Where the secrets of that project are. TACIT_NOT_FOUND: the vault does not know it;
 * TACIT_UNTRUSTED_FOLDER: they are not given in this folder. */
TACIT_API tacit_error* tacit_resolve_project(tacit_client* client, const char* id,
                                             const char* folder, const char* profile,
                                             tacit_project** out);
/* Makes it known, with this folder. `collection`: NULL or "" for one of its own; for one that
 * holds secrets already the user has to be asked (TACIT_NO_PROMPTER where nobody can be).
 * TACIT_UNTRUSTED_FOLDER: it is known, in other folders. */
TACIT_API tacit_error* tacit_link_project(tacit_client* client, const char* id, const char* folder,
                                          const char* collection, tacit_project** out);
TACIT_API const char* tacit_project_collection(const tacit_project* project);
TACIT_API int tacit_project_created(const tacit_project* project); /* by tacit_link_project */
TACIT_API void tacit_project_free(tacit_project* project);
/* tacit_get_all of a project in a folder. */
TACIT_API tacit_error* tacit_get_project(tacit_client* client, const char* id, const char* folder,
                                         const char* profile, tacit_found** out);
/* Deletes every item of it; the link stays. `items`, how many went, may be NULL. */
TACIT_API tacit_error* tacit_clear_project(tacit_client* client, const char* id, uint64_t* items);

/* ---- Tokens ---- */

/* Items whose value is got from a server by a recipe, and got anew when it runs out. They are read
 * like any item. One that has run out is renewed before the call returns, by the program
 * tacit-renew that was installed with this library: a child of this process for a moment, of which
 * the process gets no SIGCHLD, and which no wait for any child sees. That may take two minutes
 * whatever the client's deadline is, or, where the client may interact and the user has to log in,
 * as long as a login may. Also TACIT_LOGIN_NEEDED, TACIT_RENEWAL_FAILED. */

/* Sorted by collection and name. A NULL collection means all of them. No secret is in it. */
TACIT_API tacit_error* tacit_list_tokens(tacit_client* client, const char* collection,
                                         tacit_tokens** out);
TACIT_API size_t tacit_tokens_count(const tacit_tokens* tokens);
/* Belongs to the list; NULL beyond the last. */
TACIT_API const tacit_token* tacit_tokens_at(const tacit_tokens* tokens, size_t index);
TACIT_API void tacit_tokens_free(tacit_tokens* tokens);

/* The token for what is at a URL, or at HOST or HOST:PORT: scheme, host and port are those of its
 * address, and the path is at or below the address's. Of several the one with the longest path.
 * `username`: NULL or "" for any; else `__token__` or the token's own. *out is NULL, without an
 * error, where there is none. */
TACIT_API tacit_error* tacit_token_for_url(tacit_client* client, const char* url,
                                           const char* username, tacit_token** out);
TACIT_API const char* tacit_token_collection(const tacit_token* token);
TACIT_API const char* tacit_token_name(const tacit_token* token);
TACIT_API const char* tacit_token_address(const tacit_token* token);  /* "": none */
TACIT_API const char* tacit_token_username(const tacit_token* token); /* "": none in particular */
TACIT_API int tacit_token_held(const tacit_token* token); /* there is one, perhaps run out */
TACIT_API int64_t tacit_token_obtained(const tacit_token* token);
TACIT_API int64_t tacit_token_expires(const tacit_token* token); /* 0: never, or there is none */
TACIT_API int tacit_token_expired(const tacit_token* token);
TACIT_API int tacit_token_renewable(const tacit_token* token); /* without the user */
/* What went wrong when it was to be renewed last; "": nothing. */
TACIT_API const char* tacit_token_last_error(const tacit_token* token);
TACIT_API void tacit_token_free(tacit_token* token);
/* A token for the Posit Package Manager at `address`, a URL; it is without one until it is read or
 * somebody logs in. `name`: NULL or "" for the address's host, port and path. `subject_token_file`:
 * what is exchanged for a token in place of a login; `ca_file`: PEM of the authorities to trust;
 * absolute paths, or NULL. TACIT_ALREADY_EXISTS. `version` may be NULL. */
TACIT_API tacit_error* tacit_add_package_manager(tacit_client* client, const char* collection,
                                                 const char* name, const char* address,
                                                 const char* subject_token_file,
                                                 const char* ca_file, uint64_t* version);
/* Has it renewed, `force` though it is not due. `version`, the one stored, may be NULL. */
TACIT_API tacit_error* tacit_renew_token(tacit_client* client, const char* collection,
                                         const char* name, int force, uint64_t* version);

/* ---- Looking after the vault ---- */

TACIT_API tacit_error* tacit_list_slots(tacit_client* client, tacit_slots** out);
TACIT_API size_t tacit_slots_count(const tacit_slots* slots);
TACIT_API uint32_t tacit_slots_index(const tacit_slots* slots, size_t position);
TACIT_API int tacit_slots_kind(const tacit_slots* slots, size_t position); /* a tacit_slot_kind */
TACIT_API int64_t tacit_slots_created(const tacit_slots* slots, size_t position);
TACIT_API uint64_t tacit_slots_kdf_memory(const tacit_slots* slots, size_t position); /* bytes */
TACIT_API uint32_t tacit_slots_kdf_passes(const tacit_slots* slots, size_t position);
TACIT_API void tacit_slots_free(tacit_slots* slots);

/* What follows needs a credential again: `auth_kind` is an enum tacit_slot_kind. */

/* Adds a slot of `kind` that opens by `credential`; for TACIT_SLOT_RECOVERY_KEY without one
 * (NULL) a key is made and returned in `recovery_key`, which may be NULL otherwise. */
TACIT_API tacit_error* tacit_add_slot(tacit_client* client, int auth_kind, const void* auth,
                                      size_t auth_size, int kind, const void* credential,
                                      size_t size, uint32_t* index, tacit_buffer** recovery_key);
TACIT_API tacit_error* tacit_remove_slot(tacit_client* client, int auth_kind, const void* auth,
                                         size_t auth_size, uint32_t index);
/* `index` below 0: the slot that the authorization opens. */
TACIT_API tacit_error* tacit_change_passphrase(tacit_client* client, int auth_kind,
                                               const void* auth, size_t auth_size, int index,
                                               const void* passphrase, size_t size);
TACIT_API tacit_error* tacit_confirm_recovery_key(tacit_client* client);
TACIT_API tacit_error* tacit_accept_rollback(tacit_client* client, int auth_kind, const void* auth,
                                             size_t auth_size);
/* Seals every item again under a new data key. */
TACIT_API tacit_error* tacit_rotate(tacit_client* client, int auth_kind, const void* auth,
                                    size_t auth_size);
/* Reads and opens every row and calls `on_finding` (may be NULL) for each that is wrong. The
 * number of findings is in `findings`, which may be NULL. */
typedef void (*tacit_finding_callback)(void* context, int reason, const char* message,
                                       const char* collection, const char* name);
TACIT_API tacit_error* tacit_verify(tacit_client* client, tacit_finding_callback on_finding,
                                    void* context, uint64_t* findings);
/* Writes a checked copy of the ciphertext to the open descriptor `fd`, which stays open. */
TACIT_API tacit_error* tacit_backup(tacit_client* client, int fd);

#ifdef __cplusplus
}
#endif

#endif /* TACIT_TACIT_H */
