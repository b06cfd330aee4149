#include "cli/import/source.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

#include "cli/env_file.h"
#include "cli/import/env_secrets_store.h"
#include "cli/import/json_items.h"
#include "cli/input.h"
#include "cli/project/names.h"
#include "cli/project/replace_file.h"
#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024 * 1024;

std::string_view text_of(const SecretBytes& content) {
  const auto bytes = content.bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Error absent(const std::string& path) {
  return {Reason::kNotFound, "there is no file " + visible(path)};
}

Error no_file(const std::string& path, const std::string& what_to_do) {
  return {Reason::kInvalidArgument,
          visible(path) + " is a pipe or a device and no file; " + what_to_do};
}

Result<std::string> home() {
  const char* const folder = std::getenv("HOME");
  if (folder != nullptr && *folder == '/') return std::string(folder);
  return Error{Reason::kInvalidArgument, "HOME is not set; give the path of the file"};
}

struct FoundFile {
  SourceFile file;
  SecretBytes content;
  bool by_link = false;  ///< what was named is a symbolic link to it
};

void keep_if_linked(ImportSource& source, const FoundFile& found, const std::string& named) {
  if (found.by_link && source.keeps.empty()) {
    source.keeps = behind_a_link(named, found.file.path);
  }
}

bool is_link(const std::string& path) {
  struct stat facts {};
  return ::lstat(path.c_str(), &facts) == 0 && S_ISLNK(facts.st_mode);
}

/// Such as `<(...)` gives, or /dev/stdin.
bool is_stream(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode);
}

/// None: there is no such file.
Result<std::optional<FoundFile>> read_source(const std::string& path) {
  struct Free {
    void operator()(char* text) const { std::free(text); }
  };
  const std::unique_ptr<char, Free> real(::realpath(path.c_str(), nullptr));
  if (!real) {
    if (is_stream(path)) return no_file(path, "give the path of one");
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<FoundFile>();
    return Error{Reason::kIoError, "cannot open " + visible(path) + ": " + std::strerror(errno)};
  }
  auto read = read_regular(real.get(), kMostBytes);
  if (!read.ok()) return read.error();
  if (!*read) return std::optional<FoundFile>();
  return std::optional(
      FoundFile{{real.get(), (*read)->facts, {}}, std::move((*read)->content), is_link(path)});
}

Result<FoundFile> read_needed(const std::string& path) {
  auto found = read_source(path);
  if (!found.ok()) return found.error();
  if (!*found) return absent(path);
  return std::move(**found);
}

bool is_folder(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
}

bool same_bytes(const SecretBytes& a, const SecretBytes& b) {
  return std::ranges::equal(a.bytes(), b.bytes());
}

/// What a second store has on top of the first one.
Result<void> merge(std::vector<ImportItem>& items, std::vector<ImportItem> more) {
  for (ImportItem& item : more) {
    const auto found = std::ranges::find(items, item.name, &ImportItem::name);
    if (found == items.end()) {
      items.push_back(std::move(item));
    } else if (!same_bytes(found->value, item.value)) {
      return Error{Reason::kInvalidArgument,
                   "`" + visible(item.name) +
                       "` has another value in ~/.python/usersecrets than in ~/.python/envsecrets; "
                       "import the right one of them by its path"};
    }
  }
  return {};
}

Result<std::vector<std::string>> stores_of(const std::string& where) {
  std::string id = where;
  if (where.empty()) {
    const auto here = require_project();
    if (!here.ok()) return here.error();
    id = here->link.id;
  } else if (!check_project_id(where).ok()) {
    return std::vector{is_folder(where) ? where + "/.secrets" : where};
  }
  const auto folder = home();
  if (!folder.ok()) return folder.error();
  return std::vector{*folder + "/.python/usersecrets/" + id + "/.secrets",
                     *folder + "/.python/envsecrets/" + id + "/.secrets"};
}

}  // namespace

Result<ImportSource> open_env_secrets(const std::string& where) {
  const auto paths = stores_of(where);
  if (!paths.ok()) return paths.error();
  ImportSource source;
  for (const std::string& path : *paths) {
    auto found = read_source(path);
    if (!found.ok()) return found.error();
    if (!*found) continue;
    std::vector<std::size_t> nameless;
    auto items = parse_env_secrets(text_of((*found)->content), path, &nameless);
    if (!items.ok()) return items.error();
    if (auto merged = merge(source.items, std::move(*items)); !merged.ok()) return merged.error();
    keep_if_linked(source, **found, path);
    for (const std::size_t line : nameless) {
      const std::string where_it_is = visible(path) + ":" + std::to_string(line);
      source.remarks.push_back(where_it_is +
                               ": a value without a name before `=`, which was left out");
      source.keeps = where_it_is + " has a value without a name, which was left out";
    }
    source.files.push_back(std::move((*found)->file));
  }
  if (!source.files.empty()) return source;
  return paths->size() == 1
             ? absent(paths->front())
             : Error{Reason::kNotFound, "there is neither " + visible(paths->front()) + " nor " +
                                            visible(paths->back())};
}

Result<ImportSource> open_env_file(const std::string& where) {
  const std::string path = where.empty() ? ".env" : where;
  auto found = read_needed(path);
  if (!found.ok()) return found.error();
  auto entries = parse_env_file(text_of(found->content), path);
  if (!entries.ok()) return entries.error();
  const auto id = parse_project_id(text_of(found->content), path);
  if (!id.ok()) return id.error();
  ImportSource source;
  keep_if_linked(source, *found, path);
  if (*id) found->file.left = "USER_SECRETS_ID=" + (*id)->text + "\n";

  std::size_t references = 0;
  for (EnvFileEntry& entry : *entries) {
    if (entry.variable == "USER_SECRETS_ID" || entry.variable == "ENV_SECRETS_ID") continue;
    if (entry.reference) {
      ++references;
      continue;
    }
    ImportItem& item = source.items.emplace_back();
    item.name = std::move(entry.variable);
    item.value = std::move(entry.value);
  }
  if (references > 0) {
    source.remarks.push_back(std::to_string(references) +
                             " of its variables hold references and are left where they are");
    source.keeps = "it holds references, which belong there; take the values out by hand";
  }
  source.files.push_back(std::move(found->file));
  return source;
}

Result<ImportSource> open_dotnet(const std::string& where) {
  if (where.empty()) {
    return Error{
        Reason::kInvalidArgument,
        "which secrets.json? say its path, or the id that <UserSecretsId> of the project's "
        "file names"};
  }
  std::string path = where;
  if (where.find('/') == std::string::npos && ::access(where.c_str(), F_OK) != 0) {
    const auto folder = home();
    if (!folder.ok()) return folder.error();
    path = *folder + "/.microsoft/usersecrets/" + where + "/secrets.json";
  }
  auto found = read_needed(path);
  if (!found.ok()) return found.error();
  auto items = parse_json_items(text_of(found->content), path, JsonStyle::kDotnet);
  if (!items.ok()) return items.error();
  ImportSource source{std::move(*items), {}, {}, {}};
  keep_if_linked(source, *found, path);
  source.files.push_back(std::move(found->file));
  return source;
}

Result<ImportSource> open_json(const std::string& where) {
  if (where.empty()) {
    return Error{Reason::kInvalidArgument, "which file? say its path, or - for standard input"};
  }
  if (where == "-") {
    const auto content = read_all(STDIN_FILENO, kMostBytes, "standard input");
    if (!content.ok()) return content.error();
    auto items = parse_json_items(text_of(*content), "standard input", JsonStyle::kFlat);
    if (!items.ok()) return items.error();
    return ImportSource{std::move(*items), {}, {}, "it is standard input"};
  }
  if (is_stream(where)) {
    return no_file(where, "say - and give it as standard input: `... | tacit import json -`");
  }
  auto found = read_needed(where);
  if (!found.ok()) return found.error();
  auto items = parse_json_items(text_of(found->content), where, JsonStyle::kFlat);
  if (!items.ok()) return items.error();
  ImportSource source{std::move(*items), {}, {}, {}};
  keep_if_linked(source, *found, where);
  source.files.push_back(std::move(found->file));
  return source;
}

std::string behind_a_link(const std::string& link, const std::string& target) {
  return visible(link) + " is a symbolic link to " + visible(target) +
         ", and only a file itself is deleted; name that, or take both away by hand";
}

Result<void> delete_source(const ImportSource& source) {
  for (const SourceFile& file : source.files) {
    struct stat now {};
    if (::lstat(file.path.c_str(), &now) != 0 || !unchanged(file.facts, now)) {
      return Error{Reason::kVersionMismatch,
                   visible(file.path) +
                       " has changed since it was read, so that nothing was deleted; all that was "
                       "read is stored; import again"};
    }
  }
  for (const SourceFile& file : source.files) {
    if (!file.left.empty()) {
      const auto left = as_bytes(file.left);
      if (auto done = replace_file(file.path, {&left, 1}, &file.facts); !done.ok()) return done;
    } else if (::unlink(file.path.c_str()) != 0) {
      return Error{Reason::kIoError,
                   "cannot delete " + visible(file.path) + ": " + std::strerror(errno)};
    }
  }
  return {};
}

}  // namespace tacit::cli
