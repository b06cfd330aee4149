#include "tests/integration/harness/home.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>

namespace tacit::test {
namespace fs = std::filesystem;

Home::Home() {
  // Short, so that the socket's path fits whatever TMPDIR says.
  char name[] = "/tmp/tacit-XXXXXX";
  if (mkdtemp(name) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp");
  path_ = name;
  for (const char* folder : {"config/tacit", "data", "state", "run"}) {
    fs::create_directories(path_ / folder);
  }
  // The daemon asks no more of a runtime folder than the specification gives: 0700.
  for (const char* folder : {"config", "data", "state", "run"}) {
    fs::permissions(path_ / folder, fs::perms::owner_all);
  }
  write_config("");
}

Home::~Home() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path Home::database() const {
  std::ifstream current(vault_dir() / "CURRENT");
  std::string name;
  if (!std::getline(current, name)) return {};
  return vault_dir() / name;
}

void Home::write_config(const std::string& toml) const {
  // Who runs the tests may be marked as an agent, which no test means unless it says so itself.
  const bool chosen = toml.find("agents") != std::string::npos;
  const std::string markers = "\n[agents]\nmarkers = [\"" + std::string(kAgentMarker) + "\"]\n";
  write_file(config_file(), chosen ? toml : toml + markers);
}

std::map<std::string, std::string> Home::environment() const {
  std::map<std::string, std::string> variables{
      {"HOME", path_},
      {"PATH", "/usr/bin:/bin"},
      {"LANG", "C.UTF-8"},
      {"XDG_CONFIG_HOME", path_ / "config"},
      {"XDG_DATA_HOME", path_ / "data"},
      {"XDG_STATE_HOME", path_ / "state"},
      {"XDG_RUNTIME_DIR", runtime_dir()},
  };
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) variables[name] = value;
  }
  return variables;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

void write_file(const fs::path& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  ASSERT_TRUE(file) << path;
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

void patch_file(const fs::path& path, std::uint64_t offset, const std::string& bytes) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0) << path;
  EXPECT_EQ(pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)),
            static_cast<ssize_t>(bytes.size()));
  close(fd);
}

}  // namespace tacit::test
