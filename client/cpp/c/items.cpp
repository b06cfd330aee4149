#include "client/cpp/c/handles.h"
#include "client/cpp/checks.h"

using namespace tacit::c;  // NOLINT(google-build-using-namespace): these are its definitions

namespace {

tacit_item with_value(tacit::Item item) {
  return {std::move(item.metadata), std::move(item.value)};
}
tacit_item without_value(tacit::Metadata metadata) { return {std::move(metadata), {}}; }

template <class Result>
tacit_error* hand_over_items(Result found, tacit_items** out) {
  return hand_over(std::move(found), out, [](std::vector<tacit::Metadata> all) {
    std::vector<tacit_item> items;
    items.reserve(all.size());
    for (auto& one : all) items.push_back(without_value(std::move(one)));
    return items;
  });
}

tacit_error* check(const tacit_changes* changes) {
  if (changes == nullptr || !changes->out_of_memory) return nullptr;
  return make_error({tacit::Reason::kLimit, "out of memory"});
}

tacit::SetOptions options_of(const tacit_changes* changes) {
  return changes == nullptr ? tacit::SetOptions() : changes->options;
}

template <class Body>
void change(tacit_changes* changes, Body body) noexcept {
  try {
    body(changes->options);
  } catch (...) {
    changes->out_of_memory = true;
  }
}

}  // namespace

tacit_error* tacit_get(tacit_client* client, const char* collection, const char* name,
                       tacit_buffer** out) {
  *out = nullptr;
  return guarded([&] {
    return hand_over(client->get().get(text(collection), text(name)), out,
                     [](tacit::Item item) { return std::move(item.value); });
  });
}

tacit_error* tacit_get_or_ask(tacit_client* client, const char* collection, const char* name,
                              const char* prompt, const tacit_changes* changes,
                              tacit_buffer** out) {
  *out = nullptr;
  return guarded([&]() -> tacit_error* {
    if (tacit_error* error = check(changes)) return error;
    tacit::AskOptions options;
    options.prompt = text(prompt);
    options.attributes = options_of(changes).attributes;
    return hand_over(client->get().get_or_ask(text(collection), text(name), options), out,
                     [](tacit::Item item) { return std::move(item.value); });
  });
}

tacit_error* tacit_get_reference(tacit_client* client, const char* reference, tacit_buffer** out) {
  *out = nullptr;
  return guarded([&]() -> tacit_error* {
    const auto parsed = tacit::parse_reference(text(reference));
    if (!parsed) return make_error(parsed.error());
    return hand_over(client->get().get(*parsed), out);
  });
}

tacit_error* tacit_get_item(tacit_client* client, const char* collection, const char* name,
                            uint64_t version, tacit_item** out) {
  *out = nullptr;
  return guarded([&] {
    return hand_over(client->get().get(text(collection), text(name), version), out, with_value);
  });
}

tacit_error* tacit_describe(tacit_client* client, const char* collection, const char* name,
                            uint64_t version, tacit_item** out) {
  *out = nullptr;
  return guarded([&] {
    return hand_over(client->get().describe(text(collection), text(name), version), out,
                     without_value);
  });
}

tacit_error* tacit_get_batch(tacit_client* client, const char* const* references, size_t count,
                             tacit_batch** out) {
  *out = nullptr;
  return guarded([&]() -> tacit_error* {
    std::vector<tacit::Reference> parsed;
    for (size_t i = 0; i < count; ++i) {
      auto one = tacit::parse_reference(text(references[i]));
      if (!one) return make_error(one.error());
      parsed.push_back(std::move(*one));
    }
    return hand_over(client->get().get_batch(parsed), out,
                     [](std::vector<tacit::Result<tacit::SecretBytes>> all) {
                       std::vector<tacit_batch::Entry> entries(all.size());
                       for (size_t i = 0; i < all.size(); ++i) {
                         if (all[i].ok()) {
                           entries[i].value = std::move(*all[i]);
                         } else {
                           const tacit::Error& error = all[i].error();
                           entries[i].error = {static_cast<int>(error.code), error.message};
                         }
                       }
                       return entries;
                     });
  });
}

size_t tacit_batch_count(const tacit_batch* batch) { return batch->entries.size(); }
const tacit_error* tacit_batch_error(const tacit_batch* batch, size_t index) {
  if (index >= batch->entries.size()) return nullptr;
  const auto& error = batch->entries[index].error;
  return error ? &*error : nullptr;
}
const void* tacit_batch_data(const tacit_batch* batch, size_t index) {
  return index < batch->entries.size() ? data_of(batch->entries[index].value) : nullptr;
}
size_t tacit_batch_size(const tacit_batch* batch, size_t index) {
  return index < batch->entries.size() ? batch->entries[index].value.size() : 0;
}
void tacit_batch_free(tacit_batch* batch) { delete batch; }

tacit_changes* tacit_changes_new(void) {
  try {
    return new tacit_changes;
  } catch (...) {
    return nullptr;
  }
}
void tacit_changes_no_attributes(tacit_changes* changes) {
  change(changes, [](tacit::SetOptions& options) { options.attributes.emplace(); });
}
void tacit_changes_attribute(tacit_changes* changes, const char* key, const char* value) {
  change(changes, [&](tacit::SetOptions& options) {
    if (!options.attributes) options.attributes.emplace();
    options.attributes->insert_or_assign(std::string(text(key)), std::string(text(value)));
  });
}
void tacit_changes_content_type(tacit_changes* changes, const char* content_type) {
  change(changes, [&](tacit::SetOptions& options) { options.content_type = text(content_type); });
}
void tacit_changes_expires(tacit_changes* changes, int64_t when) {
  changes->options.expires = when;
}
void tacit_changes_expected_version(tacit_changes* changes, uint64_t version) {
  changes->options.expected_version = version;
}
void tacit_changes_free(tacit_changes* changes) { delete changes; }

tacit_error* tacit_set(tacit_client* client, const char* collection, const char* name,
                       const void* value, size_t size, const tacit_changes* changes,
                       uint64_t* version) {
  if (version != nullptr) *version = 0;
  return guarded([&]() -> tacit_error* {
    if (auto* error = check(changes)) return error;
    // Before copying what is too large anyway.
    if (const auto good = tacit::check_value(size); !good) return make_error(good.error());
    return assign(
        client->get().set(text(collection), text(name), secret(value, size), options_of(changes)),
        version);
  });
}

tacit_error* tacit_set_metadata(tacit_client* client, const char* collection, const char* name,
                                const tacit_changes* changes, uint64_t* version) {
  if (version != nullptr) *version = 0;
  return guarded([&]() -> tacit_error* {
    if (auto* error = check(changes)) return error;
    return assign(client->get().set_metadata(text(collection), text(name), options_of(changes)),
                  version);
  });
}

tacit_error* tacit_delete(tacit_client* client, const char* collection, const char* name, int purge,
                          uint64_t expected_version) {
  return guarded([&] {
    return finish(client->get().remove(text(collection), text(name), purge != 0,
                                       version_or_any(expected_version)));
  });
}

tacit_error* tacit_rename(tacit_client* client, const char* collection, const char* name,
                          const char* new_collection, const char* new_name, int replace,
                          uint64_t expected_version) {
  return guarded([&] {
    return finish(client->get().rename(text(collection), text(name), text(new_collection),
                                       text(new_name), replace != 0,
                                       version_or_any(expected_version)));
  });
}

tacit_error* tacit_restore(tacit_client* client, const char* collection, const char* name,
                           uint64_t version, uint64_t expected_version, uint64_t* new_version) {
  if (new_version != nullptr) *new_version = 0;
  return guarded([&] {
    return assign(client->get().restore(text(collection), text(name), version,
                                        version_or_any(expected_version)),
                  new_version);
  });
}

tacit_error* tacit_list(tacit_client* client, const char* collection, int names_only,
                        tacit_items** out) {
  *out = nullptr;
  return guarded([&] {
    return hand_over_items(client->get().list(any_or(collection), names_only != 0), out);
  });
}

tacit_error* tacit_search(tacit_client* client, const char* const* keys, const char* const* values,
                          size_t count, const char* collection, tacit_items** out) {
  *out = nullptr;
  return guarded([&] {
    tacit::Attributes wanted;
    for (size_t i = 0; i < count; ++i) wanted.emplace(text(keys[i]), text(values[i]));
    return hand_over_items(client->get().search(wanted, any_or(collection)), out);
  });
}

tacit_error* tacit_history(tacit_client* client, const char* collection, const char* name,
                           tacit_items** out) {
  *out = nullptr;
  return guarded(
      [&] { return hand_over_items(client->get().history(text(collection), text(name)), out); });
}

tacit_error* tacit_watch(tacit_client* client, const char* collection, const char* const* names,
                         size_t count, tacit_change_callback on_change, void* context) {
  return tacit_watch_until(client, collection, names, count, on_change, context, nullptr);
}

tacit_error* tacit_watch_until(tacit_client* client, const char* collection,
                               const char* const* names, size_t count,
                               tacit_change_callback on_change, void* context,
                               const tacit_stopper* stopper) {
  return guarded([&] {
    std::vector<std::string> only;
    for (size_t i = 0; i < count; ++i) only.emplace_back(text(names[i]));
    const auto tell = [&](const tacit::Change& change) {
      return on_change(context, static_cast<int>(change.kind), change.collection.c_str(),
                       change.name.c_str(), change.version) != 0;
    };
    return finish(client->get().watch(any_or(collection), only, tell,
                                      stopper != nullptr ? &stopper->stopper : nullptr));
  });
}

tacit_stopper* tacit_stopper_new(void) {
  try {
    return new tacit_stopper;
  } catch (...) {
    return nullptr;
  }
}
void tacit_stopper_stop(tacit_stopper* stopper) { stopper->stopper.stop(); }
void tacit_stopper_free(tacit_stopper* stopper) { delete stopper; }
