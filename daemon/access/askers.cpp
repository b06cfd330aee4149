#include "daemon/access/askers.h"

#include <limits.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <utility>

namespace tacit {
namespace {

std::string executable_of(pid_t pid, std::uint64_t start_time) {
  std::array<char, PATH_MAX> target;
  const std::string link = "/proc/" + std::to_string(pid) + "/exe";
  const ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
  // The pid may be another's by now: only a process of the same start time is the asker.
  if (length <= 0 || process_start_time(pid) != start_time) return {};
  return std::string(target.data(), static_cast<std::size_t>(length));
}

class FoundAsker final : public AskerLookup {
 public:
  explicit FoundAsker(std::shared_ptr<const Asker> asker) : asker_(std::move(asker)) {}
  void then(absl::AnyInvocable<void(std::shared_ptr<const Asker>)> function) override {
    function(asker_);
  }
  std::shared_ptr<const Asker> now() const override { return asker_; }

 private:
  std::shared_ptr<const Asker> asker_;
};

class ProcessAskers final : public Askers {
 public:
  std::shared_ptr<AskerLookup> look_up(const PeerIdentity& identity) override {
    Program program;
    program.pid = identity.pid;
    program.start_time = identity.start_time;
    program.executable = executable_of(identity.pid, identity.start_time);
    auto asker = std::make_shared<Asker>();
    asker->chain.push_back(std::move(program));
    return std::make_shared<FoundAsker>(std::move(asker));
  }
};

}  // namespace

std::unique_ptr<Askers> make_askers(AskersSetup) { return std::make_unique<ProcessAskers>(); }

std::string describe_program(const Program& program) {
  const std::string pid = "pid " + std::to_string(program.pid);
  std::string_view path = program.executable;
  if (path.empty()) return pid;
  path.remove_prefix(path.rfind('/') + 1);
  std::string name;
  for (const char c : path) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) name += c;
  }
  return name + " (" + pid + ")";
}

}  // namespace tacit
