// The store of `pass`: a file NAME.gpg for each entry.
#include <cstdlib>
#include <filesystem>

#include "cli/import/gpg.h"
#include "cli/import/pass_entry.h"
#include "cli/import/source.h"
#include "cli/project/replace_file.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = 4 * 1024 * 1024;  // of an encrypted file, and of what is in it
constexpr std::string_view kSuffix = ".gpg";

std::string default_store() {
  const char* const chosen = std::getenv("PASSWORD_STORE_DIR");
  if (chosen != nullptr && *chosen != '\0') return chosen;
  const char* const home = std::getenv("HOME");
  return home == nullptr ? "" : std::string(home) + "/.password-store";
}

struct Entry {
  std::string name;  ///< as `pass show` takes it
  std::string path;
};

/// Hidden files and folders (.git, .gpg-id, .extensions) are pass's own.
Result<std::vector<Entry>> entries_of(const fs::path& store) {
  std::vector<Entry> entries;
  std::error_code error;
  fs::recursive_directory_iterator at(store, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with('.')) {
      at.disable_recursion_pending();
      continue;
    }
    if (!at->is_regular_file() || !name.ends_with(kSuffix)) continue;
    std::string whole = at->path().lexically_relative(store).string();
    whole.resize(whole.size() - kSuffix.size());
    entries.push_back({std::move(whole), at->path().string()});
  }
  if (error) {
    return Error{Reason::kIoError,
                 "cannot read the folder " + visible(store.string()) + ": " + error.message()};
  }
  return entries;
}

}  // namespace

Result<ImportSource> open_pass(const std::string& where, const ImportProgress& progress) {
  const auto store = find_folder(where.empty() ? default_store() : where);
  if (!store.ok()) return store.error();
  const auto gpg = Gpg::find();
  if (!gpg.ok()) return gpg.error();
  const auto entries = entries_of(store->path);
  if (!entries.ok()) return entries.error();
  ImportSource source;
  std::size_t done = 0;
  for (const Entry& entry : *entries) {
    // Only for its facts: whether it is the same file when it is to be deleted.
    const auto file = read_regular(entry.path, kMostBytes);
    if (!file.ok()) return file.error();
    const auto content = gpg->decrypt(entry.path, kMostBytes);
    if (!content.ok()) return content.error();
    const auto bytes = content->bytes();
    auto items =
        parse_pass_entry(entry.name, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    for (ImportItem& item : items) source.items.push_back(std::move(item));
    if (items.size() > 1) {
      source.remarks.push_back("`" + visible(entry.name) +
                               "` has lines that are no `key: value`; they go to `" +
                               visible(entry.name) + "/notes`");
    }
    if (*file) source.files.push_back({entry.path, (*file)->facts, {}});
    std::error_code unknown;
    if (source.keeps.empty() && fs::is_symlink(entry.path, unknown)) {
      source.keeps = behind_a_link(entry.path, fs::canonical(entry.path, unknown).string());
    }
    progress(++done, entries->size());
  }
  return source;
}

}  // namespace tacit::cli
