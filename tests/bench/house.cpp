#include "tests/bench/house.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace tacit::bench {
namespace {

void make_folder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    throw std::runtime_error("cannot make " + path + ": " + std::strerror(errno));
  }
}

}  // namespace

Folders::Folders(const std::string& root) : root_(root) {
  make_folder(root_);
  for (const char* name : {"/home", "/config", "/data", "/state", "/run"})
    make_folder(root_ + name);
  // Who runs the bench may be marked as an agent, and would be asked.
  make_folder(root_ + "/config/tacit");
  std::ofstream config(root_ + "/config/tacit/config.toml");
  config << "[agents]\nmarkers = [\"TACIT_BENCH_AGENT\"]\n";
  if (!config.flush()) throw std::runtime_error("cannot write the config in " + root_);
}

Strings Folders::environment() const {
  return {"HOME=" + root_ + "/home",
          "PATH=/usr/bin:/bin",
          "LANG=C.UTF-8",
          "XDG_CONFIG_HOME=" + root_ + "/config",
          "XDG_DATA_HOME=" + data_home(),
          "XDG_STATE_HOME=" + state_home(),
          "XDG_RUNTIME_DIR=" + runtime(),
          "TACIT_AUTOSTART=0",
          "TACIT_NO_INPUT=1"};
}

Client connect_to(const std::string& socket) {
  ClientOptions options;
  options.socket_path = socket;
  options.autostart = false;
  return Client(options);
}

void must(Result<void> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
}

House::House(const Programs& programs, const std::string& scratch, int items)
    : programs_(programs), folders_(scratch + "/house"), floor_socket_(scratch + "/floor.sock") {
  floor_ =
      std::make_unique<Server>(Strings{programs_.floor_server, floor_socket_}, Strings{}, scratch);
  daemon_ = std::make_unique<Server>(Strings{programs_.tacitd}, folders_.environment(), scratch);
  Client client = connect_to(socket());
  Credential credential;
  credential.secret = SecretBytes::copy_of("bench passphrase");
  must(client.create({&credential, 1}, false));
  for (int i = 0; i < items; ++i) {
    must(client.set(kDefaultCollection, name_of(i),
                    SecretBytes::copy_of("0123456789abcdef0123456789abcdef")));
  }
}

}  // namespace tacit::bench
