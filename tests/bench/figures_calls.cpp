// Calls on an open connection. The floor is an empty unary call of the same client on a stock
// gRPC server of the same shape (floor_server.cpp).
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "tests/bench/figures.h"

namespace tacit::bench {
namespace {

/// Calls in a row on one side before it is the other's turn: enough for a server to be warm.
constexpr int kTurn = 25;
constexpr int kProcesses = 4;

void get(Client& client, int item) { must(client.get(kDefaultCollection, House::name_of(item))); }

void empty_call(Client& client) { must(client.confirm_recovery_key()); }

std::string tail(const char* what, const Series& series) {
  char text[64];
  std::snprintf(text, sizeof text, "%s p99 %.0f us", what, series.quantile(0.99));
  return text;
}

/// Calls a second of one process until the others stop too.
template <class Call>
double rate_until(const volatile bool* stop, Call&& call) {
  long calls = 0;
  const double time = time_us([&] {
    for (; !*stop; ++calls) call();
  });
  return static_cast<double>(calls) / time * 1e6;
}

double get_rate(int index, const volatile bool* stop, void* socket) {
  Client client = connect_to(*static_cast<std::string*>(socket));
  return rate_until(stop, [&] { get(client, index); });
}

double empty_call_rate(int /*index*/, const volatile bool* stop, void* socket) {
  Client client = connect_to(*static_cast<std::string*>(socket));
  return rate_until(stop, [&] { empty_call(client); });
}

/// A file that is appended to durably: what a set is held against.
class DurableLog {
 public:
  explicit DurableLog(const std::string& path)
      : fd_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    if (fd_ < 0) throw std::runtime_error("cannot open " + path + ": " + std::strerror(errno));
  }
  ~DurableLog() { close(fd_); }
  DurableLog(const DurableLog&) = delete;
  DurableLog& operator=(const DurableLog&) = delete;

  void append() {
    // The size of a small item's row with its value.
    unsigned char record[512] = {1};
    if (write(fd_, record, sizeof record) != static_cast<ssize_t>(sizeof record) ||
        fdatasync(fd_) != 0) {
      throw std::runtime_error(std::string("append + fdatasync: ") + std::strerror(errno));
    }
  }

 private:
  int fd_;
};

}  // namespace

void figure_warm_get(House& house, Effort effort, const Report& report) {
  Client daemon = connect_to(house.socket());
  Client floor = connect_to(house.floor_socket());
  Series gets;
  Series empty_calls;
  const int turns = effort == Effort::kQuick ? 200 : 1000;
  for (int turn = -10; turn < turns; ++turn) {
    for (int i = 0; i < kTurn; ++i) {
      const double time = time_us([&] { empty_call(floor); });
      if (turn >= 0) empty_calls.add(time);
    }
    for (int i = 0; i < kTurn; ++i) {
      const double time = time_us([&] { get(daemon, 0); });
      if (turn >= 0) gets.add(time);
    }
  }
  Figure figure;
  figure.name = "warm get through libtacit, p50";
  figure.floor_name = "empty call on a stock gRPC server";
  figure.unit = "us";
  figure.value = gets.median();
  figure.floor = empty_calls.median();
  figure.target = 1.15;
  figure.runs = gets.size();
  figure.note = tail("get", gets) + ", " + tail("empty call", empty_calls);
  report.add(figure);
}

void figure_throughput(House& house, Effort effort, const Report& report) {
  std::string daemon = house.socket();
  std::string floor = house.floor_socket();
  Series gets;
  Series empty_calls;
  const int turns = effort == Effort::kQuick ? 5 : 15;
  for (int turn = 0; turn < turns; ++turn) {
    empty_calls.add(sum_of_processes(kProcesses, 0.5, empty_call_rate, &floor));
    gets.add(sum_of_processes(kProcesses, 0.5, get_rate, &daemon));
  }
  Figure figure;
  figure.name = "gets a second, 4 client processes";
  figure.floor_name = "empty calls on a stock gRPC server";
  figure.unit = "calls/s";
  figure.value = gets.median();
  figure.floor = empty_calls.median();
  figure.target = 50'000;
  figure.absolute = true;
  figure.at_least = true;
  figure.runs = gets.size();
  figure.note = std::to_string(sysconf(_SC_NPROCESSORS_ONLN)) + " cores";
  report.add(figure);
}

void figure_durable_set(House& house, Effort effort, const Report& report) {
  Client daemon = connect_to(house.socket());
  DurableLog log(house.folders().root() + "/append.log");
  const SecretBytes value = SecretBytes::copy_of("0123456789abcdef0123456789abcdef");
  Series sets;
  Series appends;
  const int turns = effort == Effort::kQuick ? 100 : 500;
  for (int turn = -5; turn < turns; ++turn) {
    for (int i = 0; i < 10; ++i) {
      const double time = time_us([&] { log.append(); });
      if (turn >= 0) appends.add(time);
    }
    for (int i = 0; i < 10; ++i) {
      const std::string name = "set-" + std::to_string((turn + 5) % 20 * 10 + i);
      const double time = time_us([&] { must(daemon.set(kDefaultCollection, name, value)); });
      if (turn >= 0) sets.add(time);
    }
  }
  Figure figure;
  figure.name = "set, acknowledged durable, p50";
  figure.floor_name = "append + fdatasync";
  figure.unit = "us";
  figure.value = sets.median();
  figure.floor = appends.median();
  figure.target = 2;
  figure.runs = sets.size();
  figure.note = tail("set", sets) + ", " + tail("append", appends);
  report.add(figure);
}

namespace {

/// One reader for `seconds`, alone or beside a process that writes without pause.
double reader_p99(const std::string& socket, double seconds, bool beside_writer) {
  struct Context {
    std::string socket;
    bool write;
  } context{socket, beside_writer};
  return sum_of_processes(
      beside_writer ? 2 : 1, seconds,
      [](int index, const volatile bool* stop, void* raw) {
        const auto& mine = *static_cast<Context*>(raw);
        Client client = connect_to(mine.socket);
        if (index == 1) {
          const SecretBytes value = SecretBytes::copy_of("0123456789abcdef");
          while (!*stop) must(client.set(kDefaultCollection, "written", value));
          return 0.0;
        }
        Series times;
        while (!*stop) times.add(time_us([&] { get(client, 0); }));
        return times.quantile(0.99);
      },
      &context);
}

}  // namespace

void figure_get_beside_writer(House& house, Effort effort, const Report& report) {
  Series quiet;
  Series beside;
  const int turns = effort == Effort::kQuick ? 5 : 15;
  for (int turn = 0; turn < turns; ++turn) {
    quiet.add(reader_p99(house.socket(), 0.5, false));
    beside.add(reader_p99(house.socket(), 0.5, true));
  }
  Figure figure;
  figure.name = "get beside one writer, p99";
  figure.floor_name = "p99 of the same without a writer";
  figure.unit = "us";
  figure.value = beside.median();
  figure.floor = quiet.median();
  figure.target = 2;
  figure.runs = beside.size();
  report.add(figure);
}

}  // namespace tacit::bench
