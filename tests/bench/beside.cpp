#include "tests/bench/beside.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>
#include <random>
#include <stdexcept>

#include "tests/bench/house.h"
#include "tests/bench/measure.h"
#include "tests/bench/spread.h"

namespace tacit::bench {

struct ReaderBeside::Shared {
  std::atomic<bool> begun{false};
  std::atomic<bool> stop{false};
  ReadTimes times;
};

ReaderBeside::ReaderBeside(const std::string& socket, int items) {
  void* memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("mmap");
  shared_ = new (memory) Shared;
  child_ = fork();
  if (child_ < 0) throw std::runtime_error("fork");
  if (child_ > 0) {
    // Its first get has been answered.
    for (bool begun = false; !begun; begun = shared_->begun) {
      if (waitpid(child_, nullptr, WNOHANG) == child_) {
        child_ = -1;
        throw std::runtime_error("the reader beside failed at once");
      }
      usleep(1000);
    }
    return;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  try {
    Client client = connect_to(socket);
    Series times;
    std::mt19937 random(1);
    while (!shared_->stop) {
      const int item = std::uniform_int_distribution(0, items - 1)(random);
      times.add(time_us([&] { must(client.get(spread_collection(item), item_name(item))); }));
      shared_->begun = true;
    }
    shared_->times = {times.size(), times.median() / 1000, times.quantile(0.99) / 1000,
                      times.quantile(1) / 1000};
    _exit(0);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "the reader beside: %s\n", error.what());
    _exit(1);
  }
}

ReaderBeside::~ReaderBeside() {
  if (child_ > 0) {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  munmap(shared_, sizeof(Shared));
}

ReadTimes ReaderBeside::stop() {
  shared_->stop = true;
  int status = 0;
  waitpid(child_, &status, 0);
  child_ = -1;
  if (status != 0) throw std::runtime_error("the reader beside failed");
  return shared_->times;
}

}  // namespace tacit::bench
