// Bytes on the daemon's socket: what accepts, reads HTTP/2 and judges calls, with an honest client
// beside it, which is answered after every input. First byte: two bits how long the sender stays
// for answers, one whether the preface is left to the input, the rest where it is cut in two.
#include <grpcpp/grpcpp.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/crypto/keys.h"
#include "daemon/daemon.h"
#include "daemon/rpc/call_meter.h"
#include "tacit/v1/secrets.grpc.pb.h"
#include "tacit/v1/session.grpc.pb.h"
#include "tests/integration/harness/raw_connection.h"

// libFuzzer's own; each byte that an input sets here counts as a place of the code reached. gRPC is
// not instrumented, so what it answers tells the inputs apart.
__attribute__((section("__libfuzzer_extra_counters"))) static std::uint8_t answers[1 << 12];

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);
// Threads that come and go look like leaks; the tests of the preset asan look for those.
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }

namespace {

namespace pb = tacit::v1;
using tacit::test::RawConnection;

constexpr std::size_t kFrameHeader = 9;

void require(bool promise, const char* what) {
  if (promise) return;
  (void)std::fprintf(stderr, "http2_fuzz: %s\n", what);
  std::abort();
}

/// All parts of the daemon in this process, for as long as it lives.
class House {
 public:
  House() {
    std::string pattern = std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp";
    pattern += "/tacit-fuzz-XXXXXX";
    require(mkdtemp(pattern.data()) != nullptr, "no place for the vault");
    dir_ = pattern;
    for (const char* name :
         {"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"}) {
      setenv(name, dir_.c_str(), 1);
    }
    require(tacit::init_crypto(), "no source of random numbers");
    tacit::Config config;
    config.session.lock_on_sleep = false;
    config.log.level = tacit::LogLevel::kError;
    config.agents.markers_set = true;  // and none is one
    tacit::Limits limits;
    limits.kdf_at_floor = true;
    limits.backoff.free_failures = limits.backoff.free_failures_in_all = UINT32_MAX;
    auto endpoint = tacit::listen_on(socket());
    require(endpoint.ok(), "cannot listen");
    auto daemon = tacit::Daemon::make(config, limits, *std::move(endpoint),
                                      tacit::make_logger(config.log.level));
    require(daemon.ok(), "no daemon");
    daemon_ = *std::move(daemon);
    // Inputs come from the honest client's own process, and leave most of their calls unanswered.
    tacit::meter_numbers({});
    std::promise<void> serving;
    std::thread([this, &serving] { daemon_->run([&] { serving.set_value(); }); }).detach();
    serving.get_future().wait();
  }

  std::string socket() const { return dir_ + "/tacit/tacit.sock"; }
  void remove() const {
    std::error_code ignored;
    std::filesystem::remove_all(dir_, ignored);
  }

 private:
  std::string dir_;
  std::unique_ptr<tacit::Daemon> daemon_;
};

/// A stock client on a connection that stays.
class Honest {
 public:
  explicit Honest(const std::string& socket)
      : channel_(grpc::CreateChannel("unix:" + socket, grpc::InsecureChannelCredentials())),
        session_(pb::Session::NewStub(channel_)),
        secrets_(pb::Secrets::NewStub(channel_)) {
    pb::CreateRequest create;
    *create.add_credentials() = key();
    pb::CreateReply created;
    must(call(*session_, &pb::Session::Stub::Create, create, created));
    store();
  }

  /// Inputs may lock the vault or change the item: both are a client's right.
  void is_served() {
    pb::GetReply reply;
    grpc::Status status = get(reply);
    if (status.error_code() == grpc::StatusCode::FAILED_PRECONDITION) {
      pb::UnlockRequest unlock;
      *unlock.mutable_credential() = key();
      pb::UnlockReply unlocked;
      must(call(*session_, &pb::Session::Stub::Unlock, unlock, unlocked));
      status = get(reply);
    }
    if (status.error_code() == grpc::StatusCode::NOT_FOUND ||
        (status.ok() && reply.value() != kValue)) {
      store();
      status = get(reply);
    }
    must(status);
    require(reply.value() == kValue, "the honest client got a wrong value");
  }

 private:
  static constexpr char kValue[] = "honest value";

  static pb::Credential key() {
    pb::Credential credential;
    credential.set_key_file(std::string(32, 'k'));
    return credential;
  }
  template <class Stub, class Request, class Reply>
  grpc::Status call(Stub& stub,
                    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                    const Request& request, Reply& reply) {
    grpc::ClientContext context;
    // libFuzzer's own limit for an input comes sooner, and keeps the input.
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    return (stub.*method)(&context, request, &reply);
  }
  static void must(const grpc::Status& status) {
    require(status.ok(), ("the honest client: " + status.error_message()).c_str());
  }
  grpc::Status get(pb::GetReply& reply) {
    pb::GetRequest request;
    request.mutable_item()->set_name("honest");
    return call(*secrets_, &pb::Secrets::Stub::Get, request, reply);
  }
  void store() {
    pb::SetRequest request;
    request.mutable_item()->set_name("honest");
    request.set_value(kValue);
    pb::SetReply reply;
    must(call(*secrets_, &pb::Secrets::Stub::Set, request, reply));
  }

  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<pb::Session::Stub> session_;
  std::unique_ptr<pb::Secrets::Stub> secrets_;
};

struct World {
  House house;
  Honest honest{house.socket()};
};
World* world = nullptr;  // never destroyed: gRPC's threads go on to the end

/// Which frames came, in which order, and what those that end something say of it.
void note(const std::string& received) {
  std::size_t last = 0;
  for (std::size_t at = 0; at + kFrameHeader <= received.size();) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(received[at + i]); };
    const std::size_t length = std::size_t{byte(0)} << 16 | std::size_t{byte(1)} << 8 | byte(2);
    const std::size_t type = byte(3) % 16;
    ++answers[last * 16 + type];
    const bool reset = type == 3 && length == 4;
    const bool go_away = type == 7 && length >= 8;
    if ((reset || go_away) && at + kFrameHeader + length <= received.size()) {
      ++answers[256 + type * 16 + byte(kFrameHeader + (reset ? 3 : 7)) % 16];
    }
    // Trailers and first headers of different calls and statuses differ in their length.
    if (type == 1) ++answers[1024 + std::min<std::size_t>(length, 1023)];
    last = type;
    at += kFrameHeader + length;
  }
}

/// Where each whole frame begins; the last entry is the end of the last of them.
std::vector<std::size_t> frames_of(const std::uint8_t* data, std::size_t size) {
  std::vector<std::size_t> begins{1};
  for (std::size_t at = 1; at + kFrameHeader <= size;) {
    at += kFrameHeader +
          (std::size_t{data[at]} << 16 | std::size_t{data[at + 1]} << 8 | data[at + 2]);
    if (at > size) break;
    begins.push_back(at);
  }
  return begins;
}

}  // namespace

/// Mutates within the frames, so that what follows a change is still read as frames.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned int seed) {
  const std::vector<std::size_t> begins = frames_of(data, size);
  const unsigned int kind = seed % 8;
  seed /= 8;
  if (begins.size() < 2 || kind == 0) return LLVMFuzzerMutate(data, size, max_size);
  const std::size_t index = seed % (begins.size() - 1);
  const std::size_t begin = begins[index], end = begins[index + 1];
  const std::vector<std::uint8_t> rest(data + end, data + size);
  std::size_t at = end;
  switch (kind) {
    case 1:  // gone
      at = begin;
      break;
    case 2:  // twice
      if (size + (end - begin) > max_size) return size;
      std::copy(data + begin, data + end, data + end);
      at = end + (end - begin);
      break;
    case 3:  // type, flags or stream
      LLVMFuzzerMutate(data + begin + 3, 6, 6);
      break;
    case 4:  // no longer cut, or cut elsewhere
      LLVMFuzzerMutate(data, 1, 1);
      break;
    default: {  // the payload, with its length
      const std::size_t room = max_size - rest.size() - begin - kFrameHeader;
      if (room == 0) return size;  // LLVMFuzzerMutate takes 0 for no limit
      const std::size_t length =
          LLVMFuzzerMutate(data + begin + kFrameHeader, end - begin - kFrameHeader, room);
      for (int i = 0; i < 3; ++i) {
        data[begin + static_cast<std::size_t>(i)] =
            static_cast<std::uint8_t>(length >> (16 - 8 * i));
      }
      at = begin + kFrameHeader + length;
    }
  }
  std::copy(rest.begin(), rest.end(), data + at);
  return at + rest.size();
}

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  world = new World;
  on_exit(
      [](int status, void*) {
        world->house.remove();
        std::_Exit(status);  // threads of gRPC would meet its destructors
      },
      nullptr);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::uint8_t how = data[0];
  std::string bytes = (how & 4) != 0 ? "" : tacit::test::kHttp2Preface;
  bytes.append(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t cut = bytes.size() * (how >> 3) / 32;
  RawConnection connection(world->house.socket());
  std::string received;
  // It may have hung up after the first part.
  if (cut == 0 || connection.send(bytes.substr(0, cut))) connection.send(bytes.substr(cut));
  if ((how & 3) != 0) received = connection.receive(std::chrono::milliseconds(how & 3));
  connection.end_sending();
  received += connection.receive(std::chrono::seconds(60));
  require(connection.ended(), "the daemon keeps a connection whose client has ended it");
  note(received);
  world->honest.is_served();
  return 0;
}
