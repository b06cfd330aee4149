#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <span>
#include <system_error>

#include "client/cpp/c/handles.h"

using namespace tacit::c;  // NOLINT(google-build-using-namespace): these are its definitions

namespace {

/// Runs `body` with the credential that authorizes it.
template <class Body>
tacit_error* authorized(int kind, const void* data, size_t size, Body body) noexcept {
  return guarded([&]() -> tacit_error* {
    const auto authorization = credential(kind, data, size);
    if (!authorization) return make_error(authorization.error());
    return body(*authorization);
  });
}

/// 0 or an errno.
int write_all(int fd, std::span<const unsigned char> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes = bytes.subspan(static_cast<size_t>(count));
    } else if (errno == EAGAIN) {
      pollfd entry{fd, POLLOUT, 0};
      ::poll(&entry, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

tacit_error* tacit_list_slots(tacit_client* client, tacit_slots** out) {
  *out = nullptr;
  return guarded([&] { return hand_over(client->get().slots(), out); });
}

tacit_error* tacit_add_slot(tacit_client* client, int auth_kind, const void* auth, size_t auth_size,
                            int kind, const void* data, size_t size, uint32_t* index,
                            tacit_buffer** recovery_key) {
  if (index != nullptr) *index = 0;
  if (recovery_key != nullptr) *recovery_key = nullptr;
  return authorized(
      auth_kind, auth, auth_size, [&](const tacit::Credential& authorization) -> tacit_error* {
        const bool generated = kind == TACIT_SLOT_RECOVERY_KEY && data == nullptr;
        if (generated && recovery_key == nullptr) {
          return make_error({tacit::Reason::kInvalidArgument,
                             "a new recovery key needs somewhere to be returned"});
        }
        const auto wanted = credential(kind, data, size);
        if (!wanted) return make_error(wanted.error());
        auto slot = client->get().add_slot(authorization, generated ? nullptr : &*wanted);
        if (!slot) return make_error(slot.error());
        if (index != nullptr) *index = slot->index;
        if (generated) *recovery_key = new tacit_buffer{std::move(slot->recovery_key)};
        return nullptr;
      });
}

tacit_error* tacit_remove_slot(tacit_client* client, int auth_kind, const void* auth,
                               size_t auth_size, uint32_t index) {
  return authorized(auth_kind, auth, auth_size, [&](const tacit::Credential& authorization) {
    return finish(client->get().remove_slot(authorization, index));
  });
}

tacit_error* tacit_change_passphrase(tacit_client* client, int auth_kind, const void* auth,
                                     size_t auth_size, int index, const void* passphrase,
                                     size_t size) {
  return authorized(auth_kind, auth, auth_size, [&](const tacit::Credential& authorization) {
    std::optional<std::uint32_t> which;
    if (index >= 0) which = static_cast<std::uint32_t>(index);
    return finish(client->get().change_passphrase(authorization, which, secret(passphrase, size)));
  });
}

tacit_error* tacit_confirm_recovery_key(tacit_client* client) {
  return guarded([&] { return finish(client->get().confirm_recovery_key()); });
}

tacit_error* tacit_accept_rollback(tacit_client* client, int auth_kind, const void* auth,
                                   size_t auth_size) {
  return authorized(auth_kind, auth, auth_size, [&](const tacit::Credential& authorization) {
    return finish(client->get().accept_rollback(authorization));
  });
}

tacit_error* tacit_rotate(tacit_client* client, int auth_kind, const void* auth, size_t auth_size) {
  return authorized(auth_kind, auth, auth_size, [&](const tacit::Credential& authorization) {
    return finish(client->get().rotate(authorization, nullptr));
  });
}

tacit_error* tacit_verify(tacit_client* client, tacit_finding_callback on_finding, void* context,
                          uint64_t* findings) {
  if (findings != nullptr) *findings = 0;
  return guarded([&] {
    return finish(client->get().verify([&](const tacit::VerifyProgress& progress) {
      if (progress.finding == tacit::Reason::kUnspecified) return;
      if (findings != nullptr) ++*findings;
      if (on_finding == nullptr) return;
      on_finding(context, static_cast<int>(progress.finding), progress.message.c_str(),
                 progress.collection.c_str(), progress.name.c_str());
    }));
  });
}

tacit_error* tacit_backup(tacit_client* client, int fd) {
  return guarded([&]() -> tacit_error* {
    int problem = 0;
    const auto done =
        client->get().backup([&](std::span<const unsigned char> chunk, std::uint64_t) {
          problem = write_all(fd, chunk);
          return problem == 0;
        });
    if (problem != 0) {
      return make_error(
          {problem == ENOSPC ? tacit::Reason::kDiskFull : tacit::Reason::kIoError,
           "the copy could not be written: " + std::generic_category().message(problem)});
    }
    return finish(done);
  });
}
