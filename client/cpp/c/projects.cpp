#include "client/cpp/c/handles.h"

using namespace tacit::c;  // NOLINT(google-build-using-namespace): these are its definitions

namespace {

tacit_found::Entry entry_of(tacit::FoundItem found) {
  tacit_found::Entry entry{std::move(found.where.name), {}, {}};
  if (found.item.ok()) {
    entry.item.emplace(tacit_item{std::move(found.item->metadata), std::move(found.item->value)});
  } else {
    const tacit::Error& error = found.item.error();
    entry.error.emplace(tacit_error{static_cast<int>(error.code), error.message});
  }
  return entry;
}

tacit_error* hand_over_found(tacit::Result<std::vector<tacit::FoundItem>> all, tacit_found** out) {
  return hand_over(std::move(all), out, [](std::vector<tacit::FoundItem> items) {
    std::vector<tacit_found::Entry> entries;
    entries.reserve(items.size());
    for (auto& one : items) entries.push_back(entry_of(std::move(one)));
    return entries;
  });
}

const tacit_found::Entry* entry_at(const tacit_found* found, size_t index) {
  return index < found->entries.size() ? &found->entries[index] : nullptr;
}

/// Runs `body` with the folder of that path.
template <class Body>
tacit_error* in_folder(const char* path, Body body) noexcept {
  return guarded([&]() -> tacit_error* {
    auto folder = tacit::find_folder(std::string(text(path)));
    if (!folder) return make_error(folder.error());
    return body(*std::move(folder));
  });
}

tacit::ProjectRef reference(const char* id, tacit::Folder folder, const char* profile) {
  return {std::string(text(id)), std::move(folder), std::string(text(profile))};
}

tacit::Error untrusted(const tacit::ProjectPlace& place, const tacit::Folder& folder) {
  std::string elsewhere;
  for (const tacit::KnownFolder& one : place.known) {
    elsewhere += (elsewhere.empty() ? ", only in " : ", ") + one.folder.path;
  }
  return {place.reason, "the secrets of the collection " + place.collection + " are not given in " +
                            folder.path + elsewhere +
                            "; run `tacit project trust` there if they are meant to be"};
}

}  // namespace

tacit_error* tacit_get_all(tacit_client* client, const char* collection, tacit_found** out) {
  *out = nullptr;
  return guarded([&] { return hand_over_found(client->get().get_all(text(collection)), out); });
}

tacit_error* tacit_get_project(tacit_client* client, const char* id, const char* folder,
                               const char* profile, tacit_found** out) {
  *out = nullptr;
  return in_folder(folder, [&](tacit::Folder found) {
    return hand_over_found(client->get().get_all(reference(id, std::move(found), profile)), out);
  });
}

size_t tacit_found_count(const tacit_found* found) { return found->entries.size(); }
const char* tacit_found_name(const tacit_found* found, size_t index) {
  const auto* const entry = entry_at(found, index);
  return entry == nullptr ? nullptr : entry->name.c_str();
}
const tacit_item* tacit_found_item(const tacit_found* found, size_t index) {
  const auto* const entry = entry_at(found, index);
  return entry == nullptr || !entry->item ? nullptr : &*entry->item;
}
const tacit_error* tacit_found_error(const tacit_found* found, size_t index) {
  const auto* const entry = entry_at(found, index);
  return entry == nullptr || !entry->error ? nullptr : &*entry->error;
}
void tacit_found_free(tacit_found* found) { delete found; }

tacit_error* tacit_resolve_project(tacit_client* client, const char* id, const char* folder,
                                   const char* profile, tacit_project** out) {
  *out = nullptr;
  return in_folder(folder, [&](const tacit::Folder& found) -> tacit_error* {
    auto place = client->get().resolve_project(reference(id, found, profile));
    if (!place) return make_error(place.error());
    if (!place->trusted()) return make_error(untrusted(*place, found));
    *out = new tacit_project{std::move(place->collection), false};
    return nullptr;
  });
}

tacit_error* tacit_link_project(tacit_client* client, const char* id, const char* folder,
                                const char* collection, tacit_project** out) {
  *out = nullptr;
  return in_folder(folder, [&](const tacit::Folder& found) -> tacit_error* {
    auto linked = client->get().link_project(text(id), found, text(collection));
    if (!linked) return make_error(linked.error());
    *out = new tacit_project{std::move(linked->collection), linked->created};
    return nullptr;
  });
}

const char* tacit_project_collection(const tacit_project* project) {
  return project->collection.c_str();
}
int tacit_project_created(const tacit_project* project) { return project->created ? 1 : 0; }
void tacit_project_free(tacit_project* project) { delete project; }

tacit_error* tacit_clear_project(tacit_client* client, const char* id, uint64_t* items) {
  if (items != nullptr) *items = 0;
  return guarded([&] { return assign(client->get().clear_project(text(id)), items); });
}
