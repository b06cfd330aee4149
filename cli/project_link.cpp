#include "cli/project_link.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "cli/text_parts.h"
#include "client/cpp/base/file_descriptor.h"
#include "client/cpp/terminal/display_text.h"
#include "tacit/secret_bytes.h"

namespace tacit::cli {
namespace {

constexpr std::size_t kMaxFileBytes = 1024 * 1024;
constexpr std::array<std::string_view, 2> kNames{"USER_SECRETS_ID", "ENV_SECRETS_ID"};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// What stands behind `=`, if the line sets an id.
std::optional<std::string_view> value_of_id(std::string_view line) {
  constexpr std::string_view kExport = "export";
  line = trimmed(line);
  if (line.starts_with(kExport) && line.size() > kExport.size() && is_blank(line[kExport.size()])) {
    line = trimmed(line.substr(kExport.size()));
  }
  const auto equals = line.find('=');
  if (equals == std::string_view::npos) return {};
  if (std::ranges::find(kNames, trimmed(line.substr(0, equals))) == kNames.end()) return {};
  return trimmed(line.substr(equals + 1));
}

std::string_view without_comment(std::string_view value) {
  for (std::size_t i = 1; i < value.size(); ++i) {
    if (value[i] == '#' && is_blank(value[i - 1])) return trimmed(value.substr(0, i));
  }
  return value;
}

/// In lower case; none: no UUID.
std::optional<std::string> uuid(std::string_view text) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() != kForm.size()) return {};
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'F' ? static_cast<char>(text[i] + 32) : text[i];
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (kForm[i] == '-' ? c != '-' : !digit) return {};
    result += c;
  }
  return result;
}

Error io_error(const std::string& what) {
  const bool absent = errno == ENOENT || errno == ENOTDIR;
  return {absent ? Reason::kNotFound : Reason::kIoError,
          "cannot read " + visible(what) + ": " + std::strerror(errno)};
}

struct FoundFile {
  SecretBytes content;  ///< its lines are the values of others, so it is wiped
  std::optional<std::string> not_believed;
};

/// None: there is no such regular file, or it is another user's and not to be read.
Result<std::optional<FoundFile>> read_regular(const std::string& path) {
  const auto unreadable = [&path]() -> Result<std::optional<FoundFile>> {
    return Error{Reason::kIoError, "cannot read " + visible(path) + ": " + std::strerror(errno)};
  };
  struct stat link {};
  if (::lstat(path.c_str(), &link) != 0) {
    if (errno == ENOENT) return std::optional<FoundFile>();
    return unreadable();
  }
  // Not waiting for the writer of a pipe of that name.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file) {
    const bool gone = errno == ENOENT || errno == ENXIO;
    if (gone || link.st_uid != ::geteuid()) return std::optional<FoundFile>();
    return unreadable();
  }
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode))
    return std::optional<FoundFile>();
  FoundFile found{{}, why_not_believed(link, facts)};
  const Error too_large{Reason::kLimit,
                        visible(path) + " has over 1 MiB, which no `.env` of a project has"};
  const auto limit = [&]() -> Result<std::optional<FoundFile>> {
    if (found.not_believed) return std::optional<FoundFile>();
    return too_large;
  };
  if (facts.st_size > static_cast<off_t>(kMaxFileBytes)) return limit();
  SecretBytes content(kMaxFileBytes + 1);  // it may grow meanwhile
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = ::read(file.get(), content.writable().data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable();
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kMaxFileBytes) return limit();
  content.truncate(size);
  found.content = std::move(content);
  return std::optional(std::move(found));
}

}  // namespace

Result<std::optional<ProjectId>> parse_project_id(std::string_view content, std::string_view file) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (content.starts_with(kByteOrderMark)) content.remove_prefix(kByteOrderMark.size());
  std::optional<ProjectId> found;
  for (std::size_t line = 1; !content.empty(); ++line) {
    const std::size_t end = std::min(content.find('\n'), content.size());
    const auto value = value_of_id(content.substr(0, end));
    content.remove_prefix(std::min(end + 1, content.size()));
    if (!value) continue;
    const auto wrong = [&](const std::string& what) {
      return Error{Reason::kInvalidArgument,
                   visible(file) + ":" + std::to_string(line) + ": " + what};
    };
    auto id = uuid(without_quotes(without_comment(*value)));
    if (!id) {
      return wrong("the project's id is no UUID (8-4-4-4-12 hexadecimal digits)");
    }
    if (!found) {
      found = ProjectId{std::move(*id), line};
    } else if (found->text != *id) {
      return wrong("another project's id than line " + std::to_string(found->line) +
                   "'s; leave one of them");
    }
  }
  return found;
}

std::optional<std::string> why_not_believed(const struct stat& link, const struct stat& file) {
  const uid_t user = ::geteuid();
  for (const struct stat* const one : {&link, &file}) {
    if (one->st_uid != user) {
      return "belongs to another user (uid " + std::to_string(one->st_uid) + ")";
    }
  }
  if ((file.st_mode & S_IWOTH) != 0) return "can be written by everybody";
  return {};
}

Result<std::optional<ProjectLink>> find_project(const std::string& folder,
                                                std::vector<std::string>* passed_by) {
  struct Free {
    void operator()(char* text) const { std::free(text); }
  };
  const std::unique_ptr<char, Free> real(::realpath(folder.c_str(), nullptr));
  if (!real) return io_error(folder);
  for (std::string place = real.get();;) {
    const std::string file = (place == "/" ? "" : place) + "/.env";
    auto found = read_regular(file);
    if (!found.ok()) return found.error();
    if (*found) {
      const auto bytes = (*found)->content.bytes();
      auto id = parse_project_id({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file);
      const auto& not_believed = (*found)->not_believed;
      if (not_believed && (!id.ok() || *id)) {
        if (passed_by != nullptr) passed_by->push_back(visible(file) + " " + *not_believed);
      } else if (!id.ok()) {
        return id.error();
      } else if (*id) {
        return std::optional(ProjectLink{std::move((*id)->text), place, file, (*id)->line});
      }
    }
    if (place == "/") return std::optional<ProjectLink>();
    place.resize(std::max<std::size_t>(place.rfind('/'), 1));
  }
}

}  // namespace tacit::cli
