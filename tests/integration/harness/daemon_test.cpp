#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {

void DaemonTest::start(const DaemonOptions& options) {
  daemon_.emplace(home_, options);
  client_ = connect();
}

void DaemonTest::create_vault() {
  pb::CreateRequest request;
  *request.add_credentials() = key_file(key_);
  ASSERT_TRUE(succeeded(client_->create(request)));
}

void DaemonTest::start_unlocked(const DaemonOptions& options) {
  start(options);
  create_vault();
}

void DaemonTest::restart(const DaemonOptions& options) {
  client_.reset();
  const Exit exit = daemon_->stop();
  ASSERT_EQ(exit.code, 0) << exit.errors;
  daemon_.reset();
  start(options);
}

Outcome DaemonTest::unlock() { return client_->unlock(key_file(key_)); }

std::unique_ptr<StockClient> DaemonTest::connect() const {
  return std::make_unique<StockClient>(home_.socket());
}

}  // namespace tacit::test
