// tacitd. Its parts, in the order in which they come up; daemon/ARCHITECTURE.md has the map.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <utility>
#include <variant>

#include "daemon/base/status.h"
#include "daemon/config/config.h"
#include "daemon/crypto/keys.h"
#include "daemon/daemon.h"
#include "daemon/log/log.h"
#include "daemon/options.h"
#include "daemon/os/activation.h"
#include "daemon/os/endpoint.h"
#include "daemon/os/harden.h"
#include "daemon/os/locked_memory.h"
#include "daemon/os/older_boots.h"
#include "daemon/os/wipe.h"
#include "daemon/rpc/call_meter.h"
#include "daemon/rpc/read_tail.h"
#include "tacit/paths.h"

namespace tacit {
namespace {

// All the keys that may be alive, a page each and one for libsodium's canary.
constexpr std::uint64_t kLockedBytes = KeyBytes::kMaxAlive * 2 * 4096;

absl::Status protect_process() {
  if (absl::Status status = harden_process(); !status.ok()) return status;
  if (syscall_filter_available()) {
    if (absl::Status status = install_syscall_filter(); !status.ok()) return status;
  }
  if (!init_crypto()) return make_error(Reason::kInternal, "no source of random numbers");
  if (absl::Status status = check_wipe(); !status.ok()) return status;
  if (absl::Status status = check_read_tail(); !status.ok()) return status;
  if (absl::Status status = check_call_meter(); !status.ok()) return status;
  return check_memory_lock(kLockedBytes);
}

absl::StatusOr<Config> read_config(const Options& options) {
  return load_config(options.config_file.empty() ? user_paths().config_file : options.config_file);
}

/// For whoever asks about the settings alone.
absl::Status tell_config(const Options& options) {
  absl::StatusOr<Config> config = read_config(options);
  if (!config.ok()) return config.status();
  if (!options.show_config) return absl::OkStatus();
  const std::string text = format_config(*config);
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return absl::OkStatus();
  return make_error(Reason::kIoError, "cannot write the settings to standard output");
}

absl::StatusOr<Limits> read_limits(const Options& options, const Config& config) {
  Limits limits;
  limits.max_connections = config.limits.max_connections;
  limits.max_connections_per_process = config.limits.max_connections_per_process;
  limits.idle_connection = config.limits.idle_connection;
  for (const std::string& limit : options.limits) {
    if (absl::Status set = limits.set(limit); !set.ok()) return set;
  }
  return limits;
}

absl::StatusOr<Endpoint> open_endpoint(const Options& options) {
  absl::StatusOr<std::vector<ActivatedSocket>> activated = take_activated_sockets();
  if (!activated.ok()) return activated.status();
  if (!activated->empty()) return adopt_listener(std::move(activated->front().fd));
  if (!options.socket_path.empty()) return listen_on(options.socket_path);
  absl::StatusOr<std::string> path = choose_socket_path();
  if (!path.ok()) return path.status();
  for (const SocketPlace& place : socket_places(getuid())) {
    if (place.source == "state folder" && !user_paths().state_dir.empty()) {
      remove_older_boots(place.path.substr(0, place.path.find_last_of('/')));
    }
  }
  return listen_on(*path);
}

absl::Status serve(const Options& options, Readiness& readiness) {
  if (absl::Status status = protect_process(); !status.ok()) return status;
  absl::StatusOr<Config> config = read_config(options);
  if (!config.ok()) return config.status();
  absl::StatusOr<Limits> limits = read_limits(options, *config);
  if (!limits.ok()) return limits.status();
  const Logger log = make_logger(config->log.level);
  absl::StatusOr<Endpoint> endpoint = open_endpoint(options);
  if (!endpoint.ok()) return endpoint.status();
  const std::string path = endpoint->path();
  absl::StatusOr<std::unique_ptr<Daemon>> daemon =
      Daemon::make(*config, *limits, *std::move(endpoint), log);
  if (!daemon.ok()) return daemon.status();
  (*daemon)->run([&] {
    log->info("tacitd {} serves on {}", TACIT_VERSION, path);
    readiness.ready("serving on " + path);
  });
  readiness.stopping();
  if ((*daemon)->stuck_in_derivation()) {
    (*daemon)->close_endpoint();
    std::_Exit(EXIT_SUCCESS);
  }
  return absl::OkStatus();
}

int run(int argc, char** argv) {
  const std::variant<Options, ExitNow> parsed = parse_options(argc, argv);
  if (const auto* exit_now = std::get_if<ExitNow>(&parsed)) return exit_now->code;
  const auto& options = std::get<Options>(parsed);
  Readiness readiness(options.ready_fd);
  const bool ask_only = options.check_config || options.show_config;
  const absl::Status served = ask_only ? tell_config(options) : serve(options, readiness);
  if (served.ok()) return EXIT_SUCCESS;
  const std::string message(served.message());
  (void)std::fprintf(stderr, "tacitd: %s\n", message.c_str());
  readiness.failed(message);
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace tacit

int main(int argc, char** argv) {
  try {
    return tacit::run(argc, argv);
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "tacitd: %s\n", error.what());
  } catch (...) {
    (void)std::fputs("tacitd: ended by an unknown exception\n", stderr);
  }
  return EXIT_FAILURE;
}
