#include "client/cpp/c/handles.h"

using namespace tacit::c;  // NOLINT(google-build-using-namespace): these are its definitions

tacit_client* tacit_client_new(void) {
  try {
    return new tacit_client;
  } catch (...) {
    return nullptr;
  }
}

void tacit_client_free(tacit_client* client) { delete client; }

void tacit_client_set_socket(tacit_client* client, const char* path) {
  client->client.reset();
  client->options.socket_path = text(path);
}
void tacit_client_set_deadline(tacit_client* client, int64_t milliseconds) {
  client->client.reset();
  client->options.deadline = std::chrono::milliseconds(milliseconds);
}
void tacit_client_set_autostart(tacit_client* client, int allowed) {
  client->client.reset();
  client->options.autostart = allowed != 0;
}
void tacit_client_set_interaction(tacit_client* client, int allowed) {
  client->client.reset();
  client->options.interaction = allowed != 0;
}
void tacit_client_set_renewal(tacit_client* client, int allowed) {
  client->client.reset();
  client->options.renew_tokens = allowed != 0;
}

void tacit_client_set_stopper(tacit_client* client, const tacit_stopper* stopper) {
  client->client.reset();
  client->options.stopper = stopper != nullptr ? &stopper->stopper : nullptr;
}

tacit_error* tacit_get_status(tacit_client* client, tacit_status** out) {
  *out = nullptr;
  return guarded([&] { return hand_over(client->get().status(), out); });
}
int tacit_status_vault_state(const tacit_status* status) {
  return static_cast<int>(status->status.state);
}
const char* tacit_status_version(const tacit_status* status) {
  return status->status.version.c_str();
}
int64_t tacit_status_pid(const tacit_status* status) { return status->status.pid; }
const char* tacit_status_vault_path(const tacit_status* status) {
  return status->status.vault_path.c_str();
}
const char* tacit_status_socket_path(const tacit_status* status) {
  return status->status.socket_path.c_str();
}
int64_t tacit_status_unlocked(const tacit_status* status) { return status->status.unlocked; }
int64_t tacit_status_locks(const tacit_status* status) { return status->status.locks; }
int tacit_status_problem(const tacit_status* status) {
  return static_cast<int>(status->status.problem);
}
const char* tacit_status_problem_message(const tacit_status* status) {
  return status->status.problem_message.c_str();
}
int tacit_status_recovery_key_unconfirmed(const tacit_status* status) {
  return status->status.recovery_key_unconfirmed ? 1 : 0;
}
int tacit_status_read_only(const tacit_status* status) { return status->status.read_only ? 1 : 0; }
int64_t tacit_status_uptime_ms(const tacit_status* status) { return status->status.uptime_ms; }
size_t tacit_status_slot_kind_count(const tacit_status* status) {
  return status->status.slot_kinds.size();
}
int tacit_status_slot_kind(const tacit_status* status, size_t index) {
  const auto& kinds = status->status.slot_kinds;
  return index < kinds.size() ? static_cast<int>(kinds[index]) : 0;
}
int tacit_status_prompter(const tacit_status* status) {
  return static_cast<int>(status->status.prompter);
}
void tacit_status_free(tacit_status* status) { delete status; }

tacit_error* tacit_create(tacit_client* client, int slot_kind, const void* data, size_t size,
                          tacit_buffer** recovery_key) {
  if (recovery_key != nullptr) *recovery_key = nullptr;
  return guarded([&]() -> tacit_error* {
    auto slot = credential(slot_kind, data, size);
    if (!slot) return make_error(slot.error());
    auto key = client->get().create({&*slot, 1}, recovery_key != nullptr);
    if (!key || recovery_key == nullptr) return key.ok() ? nullptr : make_error(key.error());
    return hand_over(std::move(key), recovery_key);
  });
}

tacit_error* tacit_unlock(tacit_client* client, int slot_kind, const void* data, size_t size,
                          int* already_unlocked, int* first_use) {
  if (already_unlocked != nullptr) *already_unlocked = 0;
  if (first_use != nullptr) *first_use = 0;
  return guarded([&]() -> tacit_error* {
    const auto slot = credential(slot_kind, data, size);
    if (!slot) return make_error(slot.error());
    const auto outcome = client->get().unlock(*slot);
    if (!outcome) return make_error(outcome.error());
    if (already_unlocked != nullptr) *already_unlocked = outcome->already_unlocked ? 1 : 0;
    if (first_use != nullptr) *first_use = outcome->first_use ? 1 : 0;
    return nullptr;
  });
}

tacit_error* tacit_lock(tacit_client* client, int* was_unlocked) {
  if (was_unlocked != nullptr) *was_unlocked = 0;
  return guarded([&] { return assign(client->get().lock(), was_unlocked); });
}

tacit_error* tacit_watch_session(tacit_client* client, tacit_session_callback on_change,
                                 void* context) {
  return guarded([&] {
    return finish(client->get().watch_session([&](const tacit::SessionChange& change) {
      return on_change(context, static_cast<int>(change.state), change.cause.c_str()) != 0;
    }));
  });
}
