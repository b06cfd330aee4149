// The objects behind tacit.h, and how C++ results become C ones.
#pragma once
#include <concepts>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tacit/client.h"
#include "tacit/tacit.h"

struct tacit_client {
  /// Calls wait for the deadline at most, as tacit.h says.
  tacit_client() { options.patience = {}; }

  tacit::ClientOptions options;
  std::optional<tacit::Client> client;  ///< made at the first call with these options

  tacit::Client& get() {
    if (!client) client.emplace(options);
    return *client;
  }
};

struct tacit_error {
  int code;
  std::string message;
};

struct tacit_buffer {
  tacit::SecretBytes bytes;
};

struct tacit_status {
  tacit::DaemonStatus status;
};

struct tacit_item {
  tacit::Metadata metadata;
  std::optional<tacit::SecretBytes> value;
};

struct tacit_items {
  std::vector<tacit_item> items;
};

struct tacit_batch {
  struct Entry {
    std::optional<tacit_error> error;
    tacit::SecretBytes value;
  };
  std::vector<Entry> entries;
};

struct tacit_found {
  struct Entry {
    std::string name;
    std::optional<tacit_item> item;
    std::optional<tacit_error> error;  ///< one of both
  };
  std::vector<Entry> entries;
};

struct tacit_project {
  std::string collection;
  bool created = false;
};

struct tacit_token {
  tacit::TokenInfo info;
};

struct tacit_tokens {
  std::vector<tacit_token> tokens;
};

struct tacit_stopper {
  tacit::Stopper stopper;
};

struct tacit_collections {
  std::vector<tacit::CollectionInfo> collections;
};

struct tacit_slots {
  std::vector<tacit::Slot> slots;
};

struct tacit_changes {
  tacit::SetOptions options;
  bool out_of_memory = false;  ///< one of the setters could not keep what it was given
};

namespace tacit::c {

tacit_error* make_error(const Error& error) noexcept;
/// For what was thrown: without memory, or a bug.
tacit_error* caught() noexcept;

/// A NULL text is an empty one.
inline std::string_view text(const char* raw) { return raw == nullptr ? "" : raw; }
/// A NULL collection means all of them.
inline std::optional<std::string_view> any_or(const char* collection) {
  if (collection == nullptr) return {};
  return collection;
}
inline std::optional<std::uint64_t> version_or_any(std::uint64_t version) {
  if (version == 0) return {};
  return version;
}

/// NULL data is empty.
SecretBytes secret(const void* data, std::size_t size);
/// Error kInvalidArgument for a kind outside enum tacit_slot_kind.
Result<Credential> credential(int kind, const void* data, std::size_t size);

inline const char* data_of(const SecretBytes& bytes) {
  return bytes.empty() ? "" : reinterpret_cast<const char*>(bytes.bytes().data());
}

/// Runs `body`, which returns an error or NULL, and lets nothing thrown out.
template <class Body>
tacit_error* guarded(Body body) noexcept {
  try {
    return body();
  } catch (...) {
    return caught();
  }
}

inline tacit_error* finish(const Result<void>& result) {
  return result.ok() ? nullptr : make_error(result.error());
}

/// Hands a result over as a new object made by `wrap`.
template <class T, class Handle, class Wrap>
tacit_error* hand_over(Result<T> result, Handle** out, Wrap wrap) {
  if (!result) return make_error(result.error());
  *out = new Handle{wrap(std::move(*result))};
  return nullptr;
}
template <class T, class Handle>
tacit_error* hand_over(Result<T> result, Handle** out) {
  return hand_over(std::move(result), out, [](T value) { return value; });
}

/// A plain value, for which `out` may be NULL.
template <class T, class To>
tacit_error* assign(const Result<T>& result, To* out) {
  if (!result) return make_error(result.error());
  if (out != nullptr) *out = static_cast<To>(*result);
  return nullptr;
}

}  // namespace tacit::c
