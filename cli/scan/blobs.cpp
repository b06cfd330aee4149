#include "cli/scan/blobs.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "cli/progress.h"
#include "cli/scan/git.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

/// One of git's objects, and a path that it has somewhere; commits and tags have none.
struct Object {
  std::string id;
  std::string path;
};

/// `:MODE MODE ID ID STATUS`, and its path behind a NUL.
Result<std::vector<Object>> staged_objects() {
  auto git =
      Git::start({"diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-relative",
                  "--diff-filter=d", "--no-ext-diff", "--ignore-submodules=all"});
  if (!git.ok()) return git.error();
  git->close_input();
  std::vector<Object> objects;
  for (;;) {
    const auto line = git->read_until('\0');
    if (!line.ok()) return line.error();
    if (!*line) break;
    const auto path = git->read_until('\0');
    if (!path.ok()) return path.error();
    std::vector<std::string> words;
    for (std::size_t at = 0; at < (*line)->size();) {
      const std::size_t end = std::min((*line)->find(' ', at), (*line)->size());
      words.push_back((*line)->substr(at, end - at));
      at = end + 1;
    }
    if (words.size() != 5 || !*path) {
      return Error{Reason::kIoError, "`git diff --raw` says what it should not"};
    }
    constexpr std::string_view kSubmodule = "160000";
    const bool there = words[3].find_first_not_of('0') != std::string::npos;
    if (there && words[1] != kSubmodule) objects.push_back({words[3], **path});
  }
  if (auto done = git->finish(); !done.ok()) return done.error();
  return objects;
}

Result<std::vector<Object>> objects_of_history() {
  auto git = Git::start({"rev-list", "--objects", "--all"});
  if (!git.ok()) return git.error();
  git->close_input();
  std::vector<Object> objects;
  for (;;) {
    const auto line = git->read_until('\n');
    if (!line.ok()) return line.error();
    if (!*line) break;
    const std::size_t blank = std::min((*line)->find(' '), (*line)->size());
    const bool tree_of_commit = blank + 1 == (*line)->size();
    if (tree_of_commit) continue;
    objects.push_back({(*line)->substr(0, blank),
                       blank < (*line)->size() ? (*line)->substr(blank + 1) : std::string()});
  }
  if (auto done = git->finish(); !done.ok()) return done.error();
  return objects;
}

/// What `git cat-file --batch` says of an object before its content.
struct Header {
  std::string type;
  std::uint64_t size = 0;
};

Result<Header> read_header(Git& git, const Object& object) {
  const auto line = git.read_until('\n');
  if (!line.ok()) return line.error();
  const std::string& text = line->has_value() ? **line : object.id;
  const std::size_t type = text.find(' ');
  const std::size_t size = type == std::string::npos ? type : text.find(' ', type + 1);
  Header header;
  if (size != std::string::npos && text.starts_with(object.id)) {
    header.type = text.substr(type + 1, size - type - 1);
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + size + 1, end, header.size);
    if (error == std::errc{} && stop == end) return header;
  }
  return Error{Reason::kIoError, "git has no object " + object.id + ", of " + visible(object.path) +
                                     "; `git fsck` says more"};
}

/// A file that was only renamed has no object of its own; a name that only a merge brought has.
Result<std::vector<std::string>> names_of_history(const std::vector<Object>& objects) {
  std::set<std::string> names;
  for (const Object& each : objects) {
    if (!each.path.empty()) names.insert(each.path);
  }
  auto git = Git::start({"log", "--all", "--no-show-signature", "--format=", "--name-only", "-z",
                         "--root", "--no-renames", "--no-relative", "--no-ext-diff"});
  if (!git.ok()) return git.error();
  git->close_input();
  for (;;) {
    auto name = git->read_until('\0');
    if (!name.ok()) return name.error();
    if (!*name) break;
    if (!(*name)->empty()) names.insert(std::move(**name));
  }
  if (auto done = git->finish(); !done.ok()) return done.error();
  return std::vector<std::string>(names.begin(), names.end());
}

/// The oldest commit that `git log` tells with these options.
Result<std::string> first_commit(std::vector<std::string> which) {
  std::vector<std::string> arguments{"log", "--all", "--no-show-signature", "--format=%H"};
  arguments.insert(arguments.end(), which.begin(), which.end());
  auto git = Git::start(std::move(arguments));
  if (!git.ok()) return git.error();
  git->close_input();
  std::string last;
  for (;;) {
    auto line = git->read_until('\n');
    if (!line.ok()) return line.error();
    if (!*line) break;
    last = std::move(**line);
  }
  if (auto done = git->finish(); !done.ok()) return done.error();
  return last;
}

Result<std::string> commit_of_blob(const std::string& id) {
  return first_commit({"--find-object=" + id});
}
Result<std::string> commit_of_name(const std::string& path) {
  return first_commit({"--full-history", "--", ":(top,literal)" + path});
}

class BlobScan {
 public:
  explicit BlobScan(Scanner& scanner) : stream_(scanner) {}

  Result<ScanReport> run(const std::vector<Object>& objects, const std::vector<std::string>& names,
                         bool with_commits) {
    if (auto done = take_names(names, with_commits); !done.ok()) return done.error();
    Progress progress("scanning");
    auto git = Git::start({"cat-file", "--batch"});
    if (!git.ok()) return git.error();
    std::size_t asked = 0;
    for (std::size_t i = 0; i < objects.size(); ++i) {
      // Some ahead, and so few that they fit the pipe: neither waits for the other.
      constexpr std::size_t kAhead = 256;
      std::string request;
      for (; asked < objects.size() && asked < i + kAhead; ++asked) {
        request += objects[asked].id + "\n";
      }
      if (!request.empty()) {
        if (auto sent = git->write(request); !sent.ok()) return sent.error();
      }
      if (auto done = take(*git, objects[i], with_commits); !done.ok()) return done.error();
      progress.show(i + 1, objects.size());
    }
    if (auto done = git->finish(); !done.ok()) return done.error();
    return std::move(report_);
  }

 private:
  Result<void> take_names(const std::vector<std::string>& names, bool with_commits) {
    auto found = scan_names(stream_, names);
    if (!found.ok()) return found.error();
    for (NamePlace& each : *found) {
      report_.names.hide(each);
      ScanOrigin origin{each.path, {}, {}};
      if (with_commits) {
        auto commit = commit_of_name(each.path);
        if (!commit.ok()) return commit.error();
        origin.commit = std::move(*commit);
      }
      report_.found.push_back({std::move(origin), std::move(each.place), true});
    }
    return {};
  }

  Result<void> take(Git& git, const Object& object, bool with_commits) {
    const auto header = read_header(git, object);
    if (!header.ok()) return header.error();
    std::uint64_t left = header->size;
    const auto source = [&](std::span<unsigned char> room) -> Result<std::size_t> {
      auto got = git.read(
          room.first(static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), left))));
      if (got.ok() && *got == 0 && left != 0) {
        return Error{Reason::kIoError, "`git cat-file` ended in the middle of " + object.id};
      }
      if (got.ok()) left -= *got;
      return got;
    };
    if (header->type == "tree") {
      while (left != 0) {
        if (const auto got = source(unused_); !got.ok()) return got.error();
      }
    } else {
      const auto places = stream_.scan([&](std::span<unsigned char> room) -> Result<std::size_t> {
        if (left == 0) return std::size_t{0};
        return source(room);
      });
      if (!places.ok()) return places.error();
      ++report_.sources;
      report_.bytes += header->size;
      if (auto told = tell(object, header->type, *places, with_commits); !told.ok()) return told;
    }
    const auto behind = git.read_until('\n');
    if (!behind.ok()) return behind.error();
    return {};
  }

  Result<void> tell(const Object& object, const std::string& type,
                    const std::vector<ScanPlace>& places, bool with_commits) {
    if (places.empty()) return {};
    ScanOrigin origin{object.path, {}, object.id};
    if (type != "blob") {
      origin = {"(message of a " + type + ")", object.id, object.id};
    } else if (with_commits) {
      auto commit = commit_of_blob(object.id);
      if (!commit.ok()) return commit.error();
      origin.commit = std::move(*commit);
    }
    for (const ScanPlace& place : places) report_.found.push_back({origin, place});
    return {};
  }

  StreamScan stream_;
  ScanReport report_;
  std::vector<unsigned char> unused_ = std::vector<unsigned char>(std::size_t{64} << 10);
};

}  // namespace

Result<ScanReport> scan_staged(Scanner& scanner) {
  const auto objects = staged_objects();
  if (!objects.ok()) return objects.error();
  std::vector<std::string> names;
  for (const Object& each : *objects) names.push_back(each.path);
  return BlobScan(scanner).run(*objects, names, false);
}

Result<ScanReport> scan_history(Scanner& scanner) {
  const auto objects = objects_of_history();
  if (!objects.ok()) return objects.error();
  const auto names = names_of_history(*objects);
  if (!names.ok()) return names.error();
  return BlobScan(scanner).run(*objects, *names, true);
}

}  // namespace tacit::cli
