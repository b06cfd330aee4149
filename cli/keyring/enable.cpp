// `tacit keyring`: which `keyring` pip and uv find; `enable` and `disable`, whether it is Tacit's.
#include <limits.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include "cli/exit_code.h"
#include "cli/json.h"
#include "cli/keyring/keyring.h"
#include "cli/keyring/on_path.h"
#include "cli/options.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string folder;
};

/// The folder's `keyring`, as an absolute path.
Result<fs::path> link_path(const Options& options) {
  if (!options.folder.empty()) {
    std::error_code failed;
    const auto folder = fs::absolute(options.folder, failed);
    if (!failed) return (folder / kKeyringName).lexically_normal();
    return Error{Reason::kIoError, "--folder: " + failed.message()};
  }
  const char* const home = std::getenv("HOME");
  if (home == nullptr || *home != '/') {
    return Error{Reason::kInvalidArgument, "HOME is no absolute path; name a folder with --folder"};
  }
  return fs::path(home) / ".local/bin" / kKeyringName;
}

Result<fs::path> this_program() {
  std::array<char, PATH_MAX> target;
  const ssize_t length = ::readlink("/proc/self/exe", target.data(), target.size());
  if (length > 0) return fs::path(std::string(target.data(), static_cast<std::size_t>(length)));
  return Error{Reason::kIoError, std::string("/proc/self/exe: ") + std::strerror(errno)};
}

Error failed_at(const fs::path& path, const std::string& doing) {
  return {Reason::kIoError, "cannot " + doing + " " + path.string() + ": " + std::strerror(errno)};
}

Error foreign(const fs::path& link) {
  return {Reason::kAlreadyExists,
          link.string() +
              " is another program and stays; name a folder with --folder that comes before it "
              "in PATH"};
}

bool there(const fs::path& path) {
  std::error_code failed;
  return fs::symlink_status(path, failed).type() != fs::file_type::not_found;
}

bool is_our_link(const fs::path& path) {
  std::error_code failed;
  return fs::is_symlink(path, failed) && is_tacit_keyring(path.string());
}

Result<void> make_link(const fs::path& link) {
  const auto program = this_program();
  if (!program.ok()) return program.error();
  std::error_code failed;
  fs::create_directories(link.parent_path(), failed);
  if (failed) {
    return Error{Reason::kIoError,
                 "cannot make the folder " + link.parent_path().string() + ": " + failed.message()};
  }
  if (::symlink(program->c_str(), link.c_str()) == 0) return {};
  if (errno != EEXIST) return failed_at(link, "make the link");
  if (!is_our_link(link)) return foreign(link);
  if (fs::read_symlink(link, failed) == *program && !failed) return {};
  // To another installation, perhaps one that is gone.
  const fs::path fresh = link.string() + ".tacit-" + std::to_string(::getpid());
  if (::symlink(program->c_str(), fresh.c_str()) != 0) return failed_at(fresh, "make the link");
  if (::rename(fresh.c_str(), link.c_str()) == 0) return {};
  const Error error = failed_at(link, "replace");
  ::unlink(fresh.c_str());
  return error;
}

/// True: it was there.
Result<bool> remove_link(const fs::path& link) {
  if (!there(link)) return false;
  if (!is_our_link(link)) {
    return Error{Reason::kAlreadyExists, link.string() + " is another program and stays"};
  }
  if (::unlink(link.c_str()) != 0) return failed_at(link, "remove");
  return true;
}

/// What the tools find, behind the sentence `done`, if any.
int tell(const Context& context, const std::string& done) {
  const auto all = keyrings_on_path();
  if (context.options.json) {
    JsonWriter json;
    json.begin_array();
    for (const KeyringProgram& one : all) {
      json.begin_object();
      json.member("path", one.path);
      json.member("tacit", one.is_tacit);
      json.end_object();
    }
    json.end_array();
    return finish(print(json.take().bytes()));
  }
  std::string text = done;
  if (all.empty()) text += "no folder of PATH has a keyring; pip and uv find none\n";
  bool first = true;
  for (const KeyringProgram& one : all) {
    text += (first ? "pip and uv find " : "behind it: ") + visible(one.path) +
            (one.is_tacit ? ", Tacit's\n" : ", another one\n");
    first = false;
  }
  return finish(print(text));
}

int enable(Context& context, const Options& options) {
  const auto link = link_path(options);
  if (!link.ok()) return fail(link.error());
  const auto made = make_link(*link);
  if (!made.ok()) return fail(made.error());
  const auto all = keyrings_on_path();
  if (all.empty() || !all.front().is_tacit) {
    remark("put " + link->parent_path().string() +
           " first in PATH, before that has any effect; see `tacit keyring`");
  }
  return tell(context, visible(link->string()) + " is Tacit's\n");
}

int disable(Context& context, const Options& options) {
  const auto link = link_path(options);
  if (!link.ok()) return fail(link.error());
  const auto removed = remove_link(*link);
  if (!removed.ok()) return fail(removed.error());
  return tell(context, visible(link->string()) + (*removed ? " is gone\n" : " was not there\n"));
}

Action with_folder(CLI::App& app, int (*act)(Context&, const Options&)) {
  auto options = std::make_shared<Options>();
  add_path(app, "--folder", options->folder, "Where the link `keyring` is [~/.local/bin]")
      ->type_name("FOLDER");
  return [options, act](Context& context) { return act(context, *options); };
}

}  // namespace

Action define_keyring(CLI::App&) {
  return [](Context& context) { return tell(context, ""); };
}

Action define_keyring_enable(CLI::App& app) { return with_folder(app, enable); }

Action define_keyring_disable(CLI::App& app) { return with_folder(app, disable); }

}  // namespace tacit::cli
