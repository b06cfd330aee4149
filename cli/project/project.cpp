// `tacit project info|list|unlink|clear`: what the vault knows of projects, and less of it.
#include <algorithm>
#include <memory>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/project/names.h"
#include "cli/session_gate.h"
#include "cli/text_parts.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

struct Info {
  ProjectHere here;
  ProjectPlace place;
  std::uint64_t items = 0;
  std::vector<std::string> profiles;
};

/// The part behind `X/` of the collections that are profiles of `collection`.
std::vector<std::string> profiles_of(const std::vector<Collection>& all,
                                     const std::string& collection) {
  const std::string head = collection + "/";
  std::vector<std::string> profiles;
  for (const Collection& one : all) {
    if (one.name.starts_with(head)) profiles.push_back(one.name.substr(head.size()));
  }
  return profiles;
}

Result<Info> find_info(Context& context) {
  Info info;
  auto here = require_project();
  if (!here.ok()) return here.error();
  info.here = std::move(*here);
  auto place = with_session(
      context, [&](Client& client) { return client.resolve_project(info.here.reference()); });
  if (!place.ok()) {
    return place.error().code == Reason::kNotFound ? unlinked(info.here) : place.error();
  }
  info.place = std::move(*place);
  const auto all = with_session(context, [](Client& client) { return client.all_collections(); });
  if (!all.ok()) return all.error();
  const auto own = std::ranges::find(*all, info.place.collection, &Collection::name);
  if (own != all->end()) info.items = own->item_count;
  info.profiles = profiles_of(*all, info.place.collection);
  return info;
}

void write_folders(JsonWriter& json, const std::vector<KnownFolder>& folders) {
  json.begin_array();
  for (const KnownFolder& one : folders) json.string(one.folder.path);
  json.end_array();
}

Result<void> print_json(const Info& info) {
  JsonWriter json;
  json.begin_object();
  json.member("id", info.here.link.id);
  json.member("collection", info.place.collection);
  json.member("folder", info.here.folder.path);
  json.member("file", info.here.link.file);
  json.member("line", info.here.link.line);
  json.member("trusted", info.place.trusted());
  if (!info.place.trusted()) {
    json.key("trusted_in");
    write_folders(json, info.place.known);
    if (info.place.known_withheld) json.member("trusted_in_withheld", true);
  }
  json.member("items", info.items);
  json.key("profiles");
  json.begin_array();
  for (const std::string& profile : info.profiles) json.string(profile);
  json.end_array();
  json.end_object();
  return print(json.take().bytes());
}

std::string as_text(const Info& info) {
  std::string text =
      "project:    " + info.here.link.id + "\ncollection: " + visible(info.place.collection) +
      "\nfolder:     " + visible(info.here.folder.path) +
      "\nfile:       " + visible(info.here.link.file) + ":" + std::to_string(info.here.link.line) +
      "\nsecrets:    " + std::to_string(info.items) + "\n";
  if (!info.profiles.empty()) text += "profiles:   " + joined(info.profiles) + "\n";
  if (info.place.trusted()) return text + "trusted:    yes\n";
  if (info.place.known_withheld) return text + "trusted:    no; where it is, a policy keeps\n";
  std::vector<std::string> known;
  for (const KnownFolder& one : info.place.known) known.push_back(one.folder.path);
  return text + "trusted:    no; in " + (known.empty() ? "no folder" : joined(known)) + "\n";
}

int run_info(Context& context) {
  const auto info = find_info(context);
  if (!info.ok()) return fail(info.error());
  return finish(context.options.json ? print_json(*info) : print(as_text(*info)));
}

int run_list(Context& context) {
  const auto projects = with_session(context, [](Client& client) { return client.projects(); });
  if (!projects.ok()) return fail(projects.error());
  if (context.options.json) {
    JsonWriter json;
    json.begin_array();
    for (const Project& one : *projects) {
      json.begin_object();
      json.member("id", one.id);
      json.member("collection", one.collection);
      json.member("items", one.item_count);
      json.key("folders");
      write_folders(json, one.folders);
      json.end_object();
    }
    json.end_array();
    return finish(print(json.take().bytes()));
  }
  std::string text;
  for (const Project& one : *projects) {
    text += visible(one.collection) + "  " + std::to_string(one.item_count) +
            (one.item_count == 1 ? " secret" : " secrets");
    if (one.id != one.collection) text += "  " + one.id;
    text += "\n";
    for (const KnownFolder& folder : one.folders) text += "  " + visible(folder.folder.path) + "\n";
  }
  return finish(print(text));
}

/// Of a folder that may be gone: what the vault knows of it.
Result<ProjectHere> project_in(Context& context, const std::string& path) {
  const auto folder = find_folder(path);
  if (!folder.ok() && folder.error().code != Reason::kNotFound) return folder.error();
  const std::string wanted = folder.ok() ? folder->path : path;
  const auto projects = with_session(context, [](Client& client) { return client.projects(); });
  if (!projects.ok()) return projects.error();
  for (const Project& one : *projects) {
    const auto known = std::ranges::find_if(
        one.folders, [&](const KnownFolder& candidate) { return candidate.folder.path == wanted; });
    if (known != one.folders.end()) return ProjectHere{{one.id, wanted, {}, 0}, known->folder};
  }
  return Error{Reason::kNotFound,
               "no project is trusted in " + visible(wanted) +
                   "; `tacit project list` shows where they are, by whole paths"};
}

/// A copy's line names the project, though it was never given there.
Error not_given(const ProjectHere& here, const ProjectPlace& place) {
  std::string known;
  for (const KnownFolder& one : place.known) {
    known += (known.empty() ? "" : ", ") + shell_word(one.folder.path);
  }
  return {Reason::kNotFound,
          "the secrets of the collection `" + visible(place.collection) +
              "` are not given in this folder, so that there is nothing to unlink" +
              (known.empty() ? std::string()
                             : "; they are in " + known +
                                   ", and `tacit project unlink FOLDER` is for "
                                   "those") +
              "; to make this folder none of the project's, take the line out of " +
              visible(here.link.file)};
}

int run_unlink(Context& context, const std::string& path) {
  const auto here = path.empty() ? require_project() : project_in(context, path);
  if (!here.ok()) return fail(here.error());
  if (path.empty()) {
    const auto place = with_session(
        context, [&](Client& client) { return client.resolve_project(here->reference()); });
    if (place.ok() && !place->trusted()) return fail(not_given(*here, *place));
  }
  const auto done = with_session(
      context, [&](Client& client) { return client.unlink_folder(here->link.id, here->folder); });
  if (!done.ok()) {
    return fail(done.error().code == Reason::kNotFound ? unlinked(*here) : done.error());
  }
  return kExitOk;
}

int run_clear(Context& context) {
  if (context.options.collection_given || context.options.global ||
      !context.options.profile.empty()) {
    return fail_usage(
        "project clear: it deletes what is in the collection of the project here; leave -c, -g and "
        "--profile out");
  }
  const auto here = require_project();
  if (!here.ok()) return fail(here.error());
  // Its secrets are not to be deleted from a folder where they are not given.
  if (const auto collection = context.collection(); !collection.ok()) {
    return fail(collection.error());
  }
  const auto cleared =
      with_session(context, [&](Client& client) { return client.clear_project(here->link.id); });
  if (!cleared.ok()) return fail(cleared.error());
  if (context.options.json) {
    JsonWriter json;
    json.begin_object();
    json.member("deleted", *cleared);
    json.end_object();
    return finish(print(json.take().bytes()));
  }
  return finish(print(std::to_string(*cleared) +
                      (*cleared == 1 ? " secret deleted\n" : " secrets deleted\n")));
}

}  // namespace

Action define_project_info(CLI::App&) { return run_info; }

Action define_project_list(CLI::App&) { return run_list; }

Action define_project_unlink(CLI::App& app) {
  auto path = std::make_shared<std::string>();
  app.add_option("FOLDER", *path, "Another folder than this one, which may be gone")->type_name("");
  return [path](Context& context) { return run_unlink(context, *path); };
}

Action define_project_clear(CLI::App&) { return run_clear; }

}  // namespace tacit::cli
