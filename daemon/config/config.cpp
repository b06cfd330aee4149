#include "daemon/config/config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

#include "client/toml/toml_guard.h"
#include "daemon/base/status.h"
#include "daemon/config/nearest.h"
#include "daemon/config/settings.h"

namespace tacit {
namespace {

constexpr off_t kMaxFileBytes = 1024 * 1024;

// `FILE:LINE:COLUMN: message`, as compilers and editors have it.
absl::Status wrong(const std::string& file, const toml::source_position& at,
                   const std::string& message) {
  return make_error(Reason::kInvalidArgument, file + ":" + std::to_string(at.line) + ":" +
                                                  std::to_string(at.column) + ": " + message);
}

std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
  const auto near = nearest(word, known);
  if (near) return "; did you mean `" + *near + "`?";
  std::string all;
  for (const auto& one : known) all += (all.empty() ? "" : ", ") + one;
  return "; known are " + all;
}

std::vector<std::string> known_tables() {
  std::vector<std::string> tables;
  for (const Setting& setting : settings()) {
    if (tables.empty() || tables.back() != setting.table) tables.emplace_back(setting.table);
  }
  return tables;
}

absl::Status unknown_table(const std::string& file, const toml::key& key) {
  const std::string name(key.str());
  // The commonest slip: a key above its table's heading.
  for (const Setting& setting : settings()) {
    if (name == setting.key) {
      return wrong(file, key.source().begin,
                   "`" + name + "` belongs below `[" + setting.table + "]`");
    }
  }
  return wrong(file, key.source().begin,
               "unknown table `" + name + "`" + suggestion(name, known_tables()));
}

absl::Status store(const std::string& file, const std::string& table, const toml::key& key,
                   const toml::node& value, Config& config) {
  std::vector<std::string> known;
  for (const Setting& setting : settings()) {
    if (table != setting.table) continue;
    known.emplace_back(setting.key);
    if (key.str() != setting.key) continue;
    if (setting.store(value, config)) return absl::OkStatus();
    return wrong(file, value.source().begin,
                 "`" + table + "." + setting.key + "`: expected " + setting.expected);
  }
  const std::string name(key.str());
  return wrong(file, key.source().begin,
               "unknown key `" + table + "." + name + "`" + suggestion(name, known));
}

// What no single key can tell.
absl::Status check_together(const std::string& file, const toml::table& document,
                            const Config& config) {
  if (config.limits.max_connections_per_process <= config.limits.max_connections) {
    return absl::OkStatus();
  }
  const toml::node* culprit = document["limits"]["max_connections_per_process"].node();
  if (!culprit) culprit = document["limits"]["max_connections"].node();
  return wrong(file, culprit->source().begin,
               "`limits.max_connections_per_process` (" +
                   std::to_string(config.limits.max_connections_per_process) +
                   ") must be at most `limits.max_connections` (" +
                   std::to_string(config.limits.max_connections) + ")");
}

absl::Status file_error(const std::string& path, int number, const std::string& what) {
  const bool denied = number == EACCES || number == EPERM;
  return make_error(denied ? Reason::kPermissions : Reason::kIoError,
                    what + " " + path + ": " + std::generic_category().message(number));
}

class ScopedFd {
 public:
  explicit ScopedFd(int fd) : fd_(fd) {}
  ~ScopedFd() {
    if (fd_ >= 0) close(fd_);
  }
  ScopedFd(const ScopedFd&) = delete;
  ScopedFd& operator=(const ScopedFd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// Whoever may write this file may switch the time-outs off.
absl::Status check_file(const std::string& path, const struct stat& info) {
  if (!S_ISREG(info.st_mode)) {
    return make_error(Reason::kPermissions, path + " is no regular file");
  }
  if (info.st_uid != geteuid() && info.st_uid != 0) {
    return make_error(Reason::kPermissions, path + " belongs to uid " +
                                                std::to_string(info.st_uid) + "; run `chown " +
                                                std::to_string(geteuid()) + " " + path + "`");
  }
  if (info.st_mode & (S_IWGRP | S_IWOTH)) {
    return make_error(Reason::kPermissions,
                      path + " is writable by others; run `chmod go-w " + path + "`");
  }
  if (info.st_size > kMaxFileBytes) {
    return make_error(Reason::kInvalidArgument, path + " is larger than 1 MiB");
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> config_keys() {
  std::vector<std::string> keys;
  for (const Setting& setting : settings()) {
    keys.push_back(std::string(setting.table) + "." + setting.key);
  }
  return keys;
}

std::string format_config(const Config& config) {
  std::string text;
  const char* table = "";
  for (const Setting& setting : settings()) {
    if (std::string_view(table) != setting.table) {
      table = setting.table;
      text += (text.empty() ? "[" : "\n[") + std::string(table) + "]\n";
    }
    // No list written is the built-in one, which an empty list would switch off.
    const bool built_in = std::string_view(table) == "agents" && !config.agents.markers_set;
    text += (built_in ? "#" : "") + std::string(setting.key) + " = " +
            (built_in ? "the built-in list" : setting.show(config)) + "\n";
  }
  return text;
}

absl::StatusOr<Config> parse_config(std::string_view text, const std::string& file) {
  if (const auto fault = find_toml_fault(text)) {
    return wrong(file,
                 {static_cast<toml::source_index>(fault->line),
                  static_cast<toml::source_index>(fault->column)},
                 fault->message);
  }
  toml::table document;
  try {
    document = toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    return wrong(file, error.source().begin, std::string(error.description()));
  } catch (const TomlAssertion&) {
    return make_error(Reason::kInvalidArgument,
                      file +
                          ": no valid TOML, and it cannot be told where; look for brackets and "
                          "quotation marks that do not match");
  }
  const std::vector<std::string> tables = known_tables();
  Config config;
  for (const auto& [table_key, table_node] : document) {
    const std::string table(table_key.str());
    if (std::find(tables.begin(), tables.end(), table) == tables.end()) {
      return unknown_table(file, table_key);
    }
    const toml::table* keys = table_node.as_table();
    if (!keys) {
      return wrong(file, table_key.source().begin,
                   "`" + table + "` is a table: write `[" + table + "]` and its keys below");
    }
    for (const auto& [key, value] : *keys) {
      if (auto stored = store(file, table, key, value, config); !stored.ok()) return stored;
    }
  }
  if (auto together = check_together(file, document, config); !together.ok()) return together;
  return config;
}

absl::StatusOr<Config> load_config(const std::string& path) {
  // Non-blocking: a named pipe in its place must not hold up the start.
  const ScopedFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return Config{};
    return file_error(path, errno, "cannot open");
  }
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) return file_error(path, errno, "cannot examine");
  if (auto checked = check_file(path, info); !checked.ok()) return checked;
  std::string text;
  char buffer[4096];
  while (true) {
    const ssize_t size = read(fd.get(), buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return file_error(path, errno, "cannot read");
    if (size == 0) break;
    text.append(buffer, static_cast<std::size_t>(size));
    if (text.size() > static_cast<std::size_t>(kMaxFileBytes)) {
      return make_error(Reason::kInvalidArgument, path + " is larger than 1 MiB");
    }
  }
  return parse_config(text, path);
}

}  // namespace tacit
