// The ground that most tests stand on: a home, a daemon in it, and a vault that opens quickly.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "tests/integration/harness/daemon_process.h"
#include "tests/integration/harness/home.h"
#include "tests/integration/harness/stock_client.h"

namespace tacit::test {

/// Nothing runs until `start`.
class DaemonTest : public testing::Test {
 protected:
  void configure(const std::string& toml) { home_.write_config(toml); }
  void start(const DaemonOptions& options = {});
  /// A vault with one key-file slot, which opens without a derivation; left unlocked.
  void create_vault();
  /// `start` and `create_vault`.
  void start_unlocked(const DaemonOptions& options = {});
  /// Ends the daemon by SIGTERM and starts another in the same home.
  void restart(const DaemonOptions& options = {});
  Outcome unlock();
  /// A client with a connection of its own.
  std::unique_ptr<StockClient> connect() const;

  const std::string key_ = random_bytes(32);
  Home home_;
  std::optional<DaemonProcess> daemon_;
  std::unique_ptr<StockClient> client_;  ///< of the daemon that runs
};

}  // namespace tacit::test
