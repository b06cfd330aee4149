/* Every function of tacit.h from C11. Usage: c_interface_test SOCKET PASSPHRASE BACKUP_FILE, with a
 * stock server behind the socket. Exits 0 when all held; else says what did not. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tacit/tacit.h"

static int failures = 0;

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      ++failures;                                                     \
      fprintf(stderr, "line %d: not so: %s\n", __LINE__, #condition); \
    }                                                                 \
  } while (0)

static int well(tacit_error* error) {
  if (error == NULL) return 1;
  fprintf(stderr, "error %d: %s\n", tacit_error_code(error), tacit_error_message(error));
  tacit_error_free(error);
  return 0;
}

static int fails_with(tacit_error* error, int code) {
  int right = error != NULL && tacit_error_code(error) == code;
  if (error != NULL && !right) fprintf(stderr, "instead: %s\n", tacit_error_message(error));
  right = right && tacit_error_message(error)[0] != '\0';
  tacit_error_free(error);
  return right;
}

static int same(const void* data, size_t size, const char* text) {
  return data != NULL && size == strlen(text) && memcmp(data, text, size) == 0;
}

static int buffer_is(tacit_buffer* buffer, const char* text) {
  const int right =
      buffer != NULL && same(tacit_buffer_data(buffer), tacit_buffer_size(buffer), text);
  tacit_buffer_free(buffer);
  return right;
}

static void asking(tacit_client* client) {
  tacit_buffer* value = NULL;
  tacit_changes* changes = tacit_changes_new();
  tacit_changes_attribute(changes, "k", "v");
  CHECK(well(tacit_get_or_ask(client, NULL, "asked", "Token:", changes, &value)));
  CHECK(buffer_is(value, "typed"));
  CHECK(well(tacit_get_or_ask(client, "", "asked", NULL, NULL, &value)));
  CHECK(buffer_is(value, "typed"));
  tacit_changes_free(changes);
  CHECK(fails_with(tacit_get_or_ask(client, NULL, "", NULL, NULL, &value), TACIT_INVALID_ARGUMENT));
  CHECK(value == NULL);
}

static void session(tacit_client* client, const char* passphrase) {
  tacit_status* status = NULL;
  CHECK(well(tacit_get_status(client, &status)));
  CHECK(tacit_status_vault_state(status) == TACIT_VAULT_UNLOCKED);
  CHECK(strcmp(tacit_status_version(status), "stock") == 0);
  CHECK(tacit_status_pid(status) > 0);
  CHECK(tacit_status_vault_path(status)[0] == '\0');
  CHECK(tacit_status_socket_path(status)[0] == '\0');
  CHECK(tacit_status_unlocked(status) == 0 && tacit_status_locks(status) == 0);
  CHECK(tacit_status_problem(status) == 0 && tacit_status_problem_message(status)[0] == '\0');
  CHECK(!tacit_status_recovery_key_unconfirmed(status) && !tacit_status_read_only(status));
  CHECK(tacit_status_uptime_ms(status) == 0);
  CHECK(tacit_status_slot_kind_count(status) == 0 && tacit_status_slot_kind(status, 0) == 0);
  tacit_status_free(status);

  tacit_buffer* key = NULL;
  CHECK(well(tacit_create(client, TACIT_SLOT_PASSPHRASE, "one", 3, &key)));
  CHECK(buffer_is(key, "ABCD-EFGH"));
  CHECK(well(tacit_create(client, TACIT_SLOT_KEY_FILE, "one", 3, NULL)));
  CHECK(fails_with(tacit_create(client, 9, "one", 3, NULL), TACIT_INVALID_ARGUMENT));
  int already = 1;
  int first = 0;
  CHECK(well(tacit_unlock(client, TACIT_SLOT_PASSPHRASE, passphrase, strlen(passphrase), &already,
                          &first)));
  CHECK(already == 0 && first == 1);
  CHECK(fails_with(tacit_unlock(client, TACIT_SLOT_PASSPHRASE, "no", 2, NULL, NULL),
                   TACIT_WRONG_CREDENTIAL));
  int was_unlocked = 1;
  CHECK(well(tacit_lock(client, &was_unlocked)));
  CHECK(was_unlocked == 0);
}

static void items(tacit_client* client) {
  tacit_changes* changes = tacit_changes_new();
  tacit_changes_no_attributes(changes);
  tacit_changes_attribute(changes, "username", "me");
  tacit_changes_attribute(changes, "env", "prod");
  tacit_changes_content_type(changes, "text/plain");
  tacit_changes_expires(changes, 1900000000000);
  tacit_changes_expected_version(changes, 0);
  uint64_t version = 0;
  CHECK(well(tacit_set(client, NULL, "token", "v\0 1", 4, changes, &version)));
  CHECK(version == 1);
  CHECK(fails_with(tacit_set(client, NULL, "token", "x", 1, changes, &version),
                   TACIT_VERSION_MISMATCH));
  CHECK(version == 0);
  tacit_changes_expected_version(changes, 1);
  CHECK(well(tacit_set_metadata(client, "default", "token", changes, &version)));
  CHECK(version == 2);
  tacit_changes_free(changes);
  CHECK(well(tacit_set(client, "", "empty", NULL, 0, NULL, NULL)));
  CHECK(fails_with(tacit_set(client, "", "big", "", 768 * 1024 + 1, NULL, NULL),
                   TACIT_VALUE_TOO_LARGE));

  tacit_buffer* value = NULL;
  CHECK(well(tacit_get(client, NULL, "token", &value)));
  CHECK(tacit_buffer_size(value) == 4 && memcmp(tacit_buffer_data(value), "v\0 1", 4) == 0);
  tacit_buffer_free(value);
  CHECK(well(tacit_get(client, NULL, "empty", &value)));
  CHECK(buffer_is(value, ""));
  value = (tacit_buffer*)&version;
  CHECK(fails_with(tacit_get(client, NULL, "none", &value), TACIT_NOT_FOUND));
  CHECK(value == NULL);
  CHECK(well(tacit_get_reference(client, "tacit://default/token?attribute=username", &value)));
  CHECK(buffer_is(value, "me"));
  CHECK(fails_with(tacit_get_reference(client, "http://x", &value), TACIT_INVALID_ARGUMENT));

  tacit_item* item = NULL;
  CHECK(well(tacit_get_item(client, NULL, "token", 1, &item)));
  CHECK(tacit_item_version(item) == 1 && tacit_item_value_size(item) == 4);
  CHECK(memcmp(tacit_item_value(item), "v\0 1", 4) == 0);
  CHECK(strcmp(tacit_item_collection(item), "default") == 0);
  CHECK(strcmp(tacit_item_name(item), "token") == 0);
  CHECK(strcmp(tacit_item_content_type(item), "text/plain") == 0);
  CHECK(tacit_item_created(item) > 0 && tacit_item_modified(item) > 0);
  CHECK(tacit_item_expires(item) == 1900000000000);
  CHECK(tacit_item_policy(item) == 2 && !tacit_item_deleted(item));
  CHECK(tacit_item_attribute_count(item) == 2);
  CHECK(strcmp(tacit_item_attribute_key(item, 0), "env") == 0);
  CHECK(strcmp(tacit_item_attribute_value(item, 0), "prod") == 0);
  CHECK(tacit_item_attribute_key(item, 2) == NULL && tacit_item_attribute_value(item, 2) == NULL);
  CHECK(strcmp(tacit_item_attribute(item, "username"), "me") == 0);
  CHECK(tacit_item_attribute(item, "nope") == NULL);
  tacit_item_free(item);
  CHECK(well(tacit_describe(client, NULL, "token", 0, &item)));
  CHECK(tacit_item_value(item) == NULL && tacit_item_value_size(item) == 4);
  tacit_item_free(item);

  const char* references[] = {"tacit://default/empty", "tacit://default/none"};
  tacit_batch* batch = NULL;
  CHECK(well(tacit_get_batch(client, references, 2, &batch)));
  CHECK(tacit_batch_count(batch) == 2);
  CHECK(tacit_batch_error(batch, 0) == NULL && tacit_batch_size(batch, 0) == 0);
  CHECK(tacit_batch_data(batch, 0) != NULL && tacit_batch_data(batch, 2) == NULL);
  CHECK(tacit_error_code(tacit_batch_error(batch, 1)) == TACIT_NOT_FOUND);
  tacit_batch_free(batch);
}

static void lists(tacit_client* client) {
  CHECK(well(tacit_rename(client, NULL, "empty", "work", "renamed", 0, 1)));
  CHECK(well(tacit_set(client, "work", "renamed", "two", 3, NULL, NULL)));
  uint64_t version = 0;
  CHECK(well(tacit_restore(client, "work", "renamed", 1, 2, &version)));
  CHECK(version == 3);

  tacit_items* found = NULL;
  CHECK(well(tacit_list(client, NULL, 1, &found)));
  CHECK(tacit_items_count(found) == 2);
  CHECK(strcmp(tacit_item_name(tacit_items_at(found, 1)), "renamed") == 0);
  CHECK(tacit_items_at(found, 2) == NULL);
  tacit_items_free(found);
  const char* keys[] = {"env"};
  const char* values[] = {"prod"};
  CHECK(well(tacit_search(client, keys, values, 1, NULL, &found)));
  CHECK(tacit_items_count(found) == 1);
  tacit_items_free(found);
  CHECK(well(tacit_history(client, "work", "renamed", &found)));
  CHECK(tacit_items_count(found) == 3 && tacit_item_version(tacit_items_at(found, 0)) == 3);
  tacit_items_free(found);

  tacit_collections* collections = NULL;
  CHECK(well(tacit_list_collections(client, &collections)));
  CHECK(tacit_collections_count(collections) == 2);
  CHECK(strcmp(tacit_collections_name(collections, 1), "work") == 0);
  CHECK(tacit_collections_items(collections, 1) == 1);
  CHECK(tacit_collections_name(collections, 2) == NULL);
  tacit_collections_free(collections);

  CHECK(well(tacit_delete(client, "work", "renamed", 1, 3)));
  CHECK(fails_with(tacit_delete(client, "work", "renamed", 0, 0), TACIT_NOT_FOUND));
}

/* The stock server has no projects: what is seen here is what goes wrong before and after the call.
 * tests/clients has them from a real daemon. */
static void projects(tacit_client* client) {
  const char* id = "0f8fad5b-d9cb-469f-a165-70867728950e";
  tacit_project* project = NULL;
  tacit_found* found = NULL;
  uint64_t count = 1;
  CHECK(fails_with(tacit_resolve_project(client, "no id", ".", NULL, &project),
                   TACIT_INVALID_ARGUMENT));
  CHECK(fails_with(tacit_resolve_project(client, id, "/nonexistent", NULL, &project),
                   TACIT_NOT_FOUND));
  CHECK(
      fails_with(tacit_resolve_project(client, id, ".", "a/b", &project), TACIT_INVALID_ARGUMENT));
  CHECK(fails_with(tacit_resolve_project(client, id, ".", NULL, &project), TACIT_UNSUPPORTED));
  CHECK(fails_with(tacit_link_project(client, id, ".", NULL, &project), TACIT_UNSUPPORTED));
  CHECK(project == NULL);
  CHECK(fails_with(tacit_get_project(client, id, "/nonexistent", "", &found), TACIT_NOT_FOUND));
  CHECK(found == NULL);
  CHECK(fails_with(tacit_clear_project(client, id, &count), TACIT_UNSUPPORTED));
  CHECK(count == 0);
  CHECK(fails_with(tacit_clear_project(client, NULL, NULL), TACIT_INVALID_ARGUMENT));
  tacit_project_free(NULL);
  tacit_found_free(NULL);
}

static int on_change(void* context, int kind, const char* collection, const char* name,
                     uint64_t version) {
  uint64_t* last = context;
  if (kind == TACIT_CHANGE_SET) CHECK(collection[0] != '\0' && strcmp(name, "watched") == 0);
  *last = version;
  return version < 2;
}

/* Asks for more, so that it is the stopper that ends the watch. */
static int stop_at_once(void* context, int kind, const char* collection, const char* name,
                        uint64_t version) {
  (void)kind, (void)collection, (void)name, (void)version;
  if (context != NULL) tacit_stopper_stop(context);
  return 1;
}

static int on_state(void* context, int state, const char* cause) {
  int* last = context;
  *last = state;
  return cause[0] == '\0';
}

static void on_finding(void* context, int reason, const char* message, const char* collection,
                       const char* name) {
  int* seen = context;
  *seen += reason == TACIT_VAULT_DAMAGED && message[0] != '\0' && collection[0] == '\0' &&
           strcmp(name, "broken") == 0;
}

static void watching(tacit_client* client) {
  uint64_t last = 0;
  const char* names[] = {"watched"};
  CHECK(well(tacit_watch(client, NULL, names, 1, on_change, &last)));
  CHECK(last == 2);
  tacit_stopper* stopper = tacit_stopper_new();
  CHECK(well(tacit_watch_until(client, NULL, names, 1, stop_at_once, stopper, stopper)));
  CHECK(well(tacit_watch_until(client, NULL, names, 1, stop_at_once, NULL, stopper)));
  tacit_stopper_free(stopper);
  tacit_stopper_free(NULL);
  int state = 0;
  CHECK(well(tacit_watch_session(client, on_state, &state)));
  CHECK(state == TACIT_VAULT_LOCKED);
}

static void upkeep(tacit_client* client, const char* passphrase, const char* backup) {
  const int kind = TACIT_SLOT_PASSPHRASE;
  const size_t size = strlen(passphrase);
  tacit_slots* slots = NULL;
  CHECK(well(tacit_list_slots(client, &slots)));
  CHECK(tacit_slots_count(slots) == 2 && tacit_slots_index(slots, 1) == 1);
  CHECK(tacit_slots_kind(slots, 1) == TACIT_SLOT_KEY_FILE && tacit_slots_created(slots, 0) == 0);
  CHECK(tacit_slots_kdf_memory(slots, 0) == 0 && tacit_slots_kdf_passes(slots, 9) == 0);
  tacit_slots_free(slots);

  uint32_t index = 0;
  tacit_buffer* key = NULL;
  CHECK(well(tacit_add_slot(client, kind, passphrase, size, TACIT_SLOT_KEY_FILE, "0123456", 7,
                            &index, NULL)));
  CHECK(index == 7);
  CHECK(well(tacit_add_slot(client, kind, passphrase, size, TACIT_SLOT_RECOVERY_KEY, NULL, 0, NULL,
                            &key)));
  CHECK(buffer_is(key, "WXYZ"));
  CHECK(fails_with(
      tacit_add_slot(client, kind, passphrase, size, TACIT_SLOT_RECOVERY_KEY, NULL, 0, NULL, NULL),
      TACIT_INVALID_ARGUMENT));
  CHECK(well(tacit_remove_slot(client, kind, passphrase, size, 1)));
  CHECK(fails_with(tacit_remove_slot(client, kind, passphrase, size, 0), TACIT_LAST_SLOT));
  CHECK(well(tacit_change_passphrase(client, kind, passphrase, size, 0, "new", 3)));
  CHECK(fails_with(tacit_change_passphrase(client, kind, passphrase, size, -1, "new", 3),
                   TACIT_INVALID_ARGUMENT));
  CHECK(well(tacit_confirm_recovery_key(client)));
  CHECK(well(tacit_accept_rollback(client, kind, passphrase, size)));
  CHECK(well(tacit_rotate(client, kind, passphrase, size)));
  int seen = 0;
  uint64_t findings = 0;
  CHECK(well(tacit_verify(client, on_finding, &seen, &findings)));
  CHECK(seen == 1 && findings == 1);
  CHECK(well(tacit_verify(client, NULL, NULL, NULL)));

  const int fd = open(backup, O_RDWR | O_CREAT | O_TRUNC, 0600);
  CHECK(well(tacit_backup(client, fd)));
  struct stat facts;
  CHECK(fstat(fd, &facts) == 0 && facts.st_size == 4 * 256 * 1024);
  close(fd);
  const int full = open("/dev/full", O_WRONLY);
  CHECK(fails_with(tacit_backup(client, full), TACIT_DISK_FULL));
  close(full);
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  CHECK(tacit_version()[0] != '\0');
  CHECK(strcmp(tacit_reason_name(TACIT_NO_DAEMON), "NO_DAEMON") == 0);
  CHECK(strcmp(tacit_reason_name(-5), "UNSPECIFIED") == 0);
  char secret[] = "secret";
  tacit_wipe(secret, sizeof(secret));
  CHECK(secret[0] == 0 && secret[5] == 0);

  tacit_client* client = tacit_client_new();
  CHECK(client != NULL);
  tacit_client_set_socket(client, "/nonexistent/tacit.sock");
  tacit_client_set_autostart(client, 0);
  tacit_status* none = NULL;
  CHECK(fails_with(tacit_get_status(client, &none), TACIT_NO_DAEMON));
  tacit_client_set_socket(client, argv[1]);
  tacit_client_set_interaction(client, 1);
  session(client, argv[2]);
  items(client);
  lists(client);
  projects(client);
  watching(client);
  upkeep(client, argv[2], argv[3]);
  asking(client);
  tacit_client_set_deadline(client, 100);
  tacit_buffer* slow = NULL;
  CHECK(fails_with(tacit_get(client, NULL, "slow", &slow), TACIT_TIMEOUT));
  tacit_client_free(client);

  tacit_client_free(NULL);
  tacit_error_free(NULL);
  tacit_buffer_free(NULL);
  tacit_item_free(NULL);
  return failures == 0 ? 0 : 1;
}
