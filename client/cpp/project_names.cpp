#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "tacit/projects.h"

namespace tacit {

Result<Folder> find_folder(const std::string& path) {
  const auto failed = [&path](int error) {
    const bool absent = error == ENOENT || error == ENOTDIR;
    return Error{absent ? Reason::kNotFound : Reason::kIoError,
                 "`" + path + "` is no folder that can be used: " + std::strerror(error)};
  };
  if (path.find('\0') != std::string::npos) {
    return Error{Reason::kInvalidArgument, "a folder's path holds no NUL"};
  }
  struct Free {
    void operator()(char* text) const { std::free(text); }
  };
  const std::unique_ptr<char, Free> real(::realpath(path.c_str(), nullptr));
  if (!real) return failed(errno);
  struct stat found {};
  if (::stat(real.get(), &found) != 0) return failed(errno);
  if (!S_ISDIR(found.st_mode)) return failed(ENOTDIR);
  return Folder{real.get(), found.st_dev, found.st_ino};
}

Result<void> check_project_id(std::string_view id) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  const bool good =
      id.size() == kForm.size() && std::ranges::equal(id, kForm, [](char c, char form) {
        if (form == '-') return c == '-';
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      });
  if (good) return {};
  return Error{Reason::kInvalidArgument,
               "a project's id is a UUID as text: 8-4-4-4-12 hexadecimal digits in lower case, as "
               "in 0f8fad5b-d9cb-469f-a165-70867728950e"};
}

}  // namespace tacit
