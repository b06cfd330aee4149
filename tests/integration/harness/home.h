// A user's folders in a scratch place: what the tests give the daemon instead of a real home.
#pragma once
#include <filesystem>
#include <map>
#include <string>

namespace tacit::test {

/// The environment variable that marks an agent for the daemons of tests, unless their config
/// has an `[agents]` of its own.
inline constexpr char kAgentMarker[] = "TACIT_TEST_AGENT";

/// Made under /tmp with mode 0700, removed at the end whatever lies in it.
class Home {
 public:
  Home();
  ~Home();
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config_file() const { return path_ / "config/tacit/config.toml"; }
  std::filesystem::path vault_dir() const { return path_ / "data/tacit/vault"; }
  std::filesystem::path anchor_file() const { return path_ / "state/tacit/anchor"; }
  std::filesystem::path runtime_dir() const { return path_ / "run"; }
  std::filesystem::path socket() const { return path_ / "run/tacit/tacit.sock"; }

  /// The database that CURRENT names; empty when there is none.
  std::filesystem::path database() const;
  /// Replaces the daemon's config; `kAgentMarker` is added to it.
  void write_config(const std::string& toml) const;
  /// The whole environment of a program that lives here; nothing of the test's own shell but the
  /// options of the sanitizers.
  std::map<std::string, std::string> environment() const;

 private:
  std::filesystem::path path_;
};

/// Whole content of a file; fails the test if it cannot be read.
std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& content);
/// Overwrites the bytes at `offset` in place, as damage behind the daemon's back would.
void patch_file(const std::filesystem::path& path, std::uint64_t offset, const std::string& bytes);

}  // namespace tacit::test
