// The connection over its life: forks, restarts, cancelled calls, untrusted servers.
#include "client/cpp/channel/channel.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <thread>

#include "client/cpp/channel/call_status.h"
#include "client/cpp/codec/secrets.h"
#include "tacit/client.h"
#include "tests/unit/client/raw_server.h"
#include "tests/unit/client/scratch.h"
#include "tests/unit/client/stock_server.h"

namespace tacit {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using testing::Scratch;
using testing::StockServer;

constexpr uid_t kNobody = 65534;

ClientOptions options_for(const Scratch& scratch, int deadline_ms = 10'000) {
  ClientOptions options;
  options.socket_path = scratch.socket();
  options.autostart = false;
  options.deadline = milliseconds(deadline_ms);
  return options;
}

ChannelOptions channel_for(const Scratch& scratch) { return {scratch.socket(), false}; }

/// Exit code of `body` in a forked child.
template <class Body>
int in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// What a call that ended with this status tells.
Error ended_with(const char* status, const char* message, const char* reason) {
  CallStatus end;
  end.header(":status", "200", false);
  end.header("grpc-status", status, true);
  end.header("grpc-message", message, true);
  if (*reason != '\0') end.header("tacit-reason", reason, true);
  return end.error();
}

TEST(CallStatus, WhatGrpcItselfRefusesSaysWhatToDo) {
  const Error too_long = ended_with("8", "Received message larger than max (3 vs. 2)", "");
  EXPECT_EQ(too_long.code, Reason::kValueTooLarge);
  EXPECT_THAT(too_long.message, HasSubstr("768 KiB"));
  EXPECT_THAT(too_long.message, HasSubstr("larger than max (3 vs. 2)"));
  const Error full = ended_with("8", "Resource exhausted", "");
  EXPECT_EQ(full.code, Reason::kLimit);
  EXPECT_THAT(full.message, HasSubstr("try again"));
  const Error own = ended_with("8", "too many wrong passphrases; wait 3 s", "BACKOFF");
  EXPECT_EQ(own.code, Reason::kBackoff);
  EXPECT_EQ(own.message, "too many wrong passphrases; wait 3 s");
}

TEST(Channel, ADeadlineEndsTheCallAndNotTheConnection) {
  const Scratch scratch;
  StockServer server(scratch.socket());
  Channel channel(channel_for(scratch));
  const auto begin = std::chrono::steady_clock::now();
  const auto reply = channel.unary("/tacit.v1.Secrets/Get", codec::get_request({"", "slow"}, 0, {}),
                                   {milliseconds(100), {}});
  EXPECT_EQ(reply.error().code, Reason::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  EXPECT_TRUE(channel.unary("/tacit.v1.Session/Status", MessageBuffer(), {}).ok());
}

TEST(Channel, AnAnswerBeforeTheRequestIsSentWhole) {
  const Scratch scratch;
  StockServer server(scratch.socket());
  Channel channel(channel_for(scratch));
  for (int i = 0; i < 20; ++i) {
    MessageBuffer large;
    large.append_zeros(kMaxMessageBytes);
    const auto reply =
        channel.unary("/tacit.v1.Secrets/NoSuchCall", std::move(large), {milliseconds(5000), {}});
    EXPECT_EQ(reply.error().code, Reason::kUnsupported) << reply.error().message;
    ASSERT_TRUE(channel.unary("/tacit.v1.Session/Status", MessageBuffer(), {}).ok());
  }
}

TEST(Channel, AMessageOverItsLimitIsRefusedHere) {
  const Scratch scratch;
  StockServer server(scratch.socket());
  Channel channel(channel_for(scratch));
  MessageBuffer large;
  large.append_zeros(kMaxMessageBytes + 1);
  EXPECT_EQ(channel.unary("/tacit.v1.Session/Status", std::move(large), {}).error().code,
            Reason::kValueTooLarge);
}

TEST(Channel, CancelledStreamsLeakNoWindow) {
  const Scratch scratch;
  StockServer server(scratch.socket());
  Channel channel(channel_for(scratch));
  // Each would send 12.5 MiB; the connection's window is 4.
  for (int i = 0; i < 30; ++i) {
    int seen = 0;
    const auto done =
        channel.stream("/tacit.v1.Secrets/History", codec::history_request({"", "huge"}, {}),
                       {milliseconds(5000), {}}, [&](const SecretBytes& message) {
                         EXPECT_GT(message.size(), 64u * 1024);
                         return ++seen < i % 5;
                       });
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  int all = 0;
  const auto done =
      channel.stream("/tacit.v1.Secrets/History", codec::history_request({"", "huge"}, {}),
                     {milliseconds(5000), {}}, [&](const SecretBytes&) {
                       ++all;
                       return true;
                     });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(all, 200);
}

TEST(Channel, ASilentStreamEndsAfterItsLimitOfSilence) {
  const Scratch scratch;
  StockServer server(scratch.socket());
  Channel channel(channel_for(scratch));
  int seen = 0;
  const auto done = channel.stream("/tacit.v1.Secrets/Watch", codec::watch_request({}, {}, {}),
                                   {{}, milliseconds(200)}, [&](const SecretBytes&) {
                                     ++seen;
                                     return true;
                                   });
  EXPECT_EQ(done.error().code, Reason::kTimeout);
  EXPECT_EQ(seen, 4);
}

TEST(Fork, TheChildConnectsAnewAndTheParentGoesOn) {
  const Scratch scratch;
  StockServer server(scratch.socket());
  Client client(options_for(scratch));
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(client.status().ok());
    EXPECT_EQ(in_child([&] { return client.status().ok() && client.status().ok() ? 0 : 1; }), 0);
    // The child ends without a word on the parent's connection.
    EXPECT_EQ(in_child([&] {
                Client moved(std::move(client));
                return 0;
              }),
              0);
    ASSERT_TRUE(client.status().ok());
  }
}

TEST(Fork, InTheMiddleOfAWatch) {
  const Scratch scratch;
  StockServer server(scratch.socket());
  Client client(options_for(scratch));
  int changes = 0;
  const auto done = client.watch({}, {}, [&](const Change&) {
    EXPECT_EQ(in_child([&] {
                Client own(options_for(scratch));
                return own.status().ok() ? 0 : 1;
              }),
              0);
    return ++changes < 4;
  });
  EXPECT_TRUE(done.ok());
}

TEST(Restart, IsNotNoticed) {
  const Scratch scratch;
  Client client(options_for(scratch));
  for (int i = 0; i < 3; ++i) {
    StockServer server(scratch.socket());
    EXPECT_TRUE(client.status().ok());
    EXPECT_TRUE(client.status().ok());
  }
  const auto none = client.status();
  EXPECT_EQ(none.error().code, Reason::kNoDaemon);
  EXPECT_THAT(none.error().message, HasSubstr(scratch.socket()));
}

TEST(Restart, ACallOfWhichNoByteLeftIsMadeAgain) {
  const Scratch scratch;
  int held = -1;
  // Looks open until the next write finds that nobody reads any more.
  const auto deaf = [&](int fd) {
    ASSERT_TRUE(testing::read_request(fd));
    ::shutdown(fd, SHUT_RD);
    testing::send_all(fd, testing::good_answer());
    held = ::dup(fd);
  };
  const testing::RawServer server(scratch.socket(),
                                  {deaf, testing::answering(testing::good_answer())});
  {
    Client client(options_for(scratch));
    ASSERT_TRUE(client.status().ok());
    const auto second = client.status();
    EXPECT_TRUE(second.ok()) << second.error().message;
    EXPECT_EQ(server.connections(), 2u);
  }
  ::close(held);
}

TEST(Signal, EndsAWatchAndNothingElse) {
  const Scratch scratch;
  const StockServer server(scratch.socket());
  Client client(options_for(scratch));
  struct sigaction handler {};
  handler.sa_handler = [](int) {};
  handler.sa_flags = SA_RESTART;
  struct sigaction before {};
  ASSERT_EQ(::sigaction(SIGALRM, &handler, &before), 0);
  // Again and again, so that one comes while the watch waits.
  const itimerval often{{0, 20'000}, {0, 20'000}};
  ASSERT_EQ(::setitimer(ITIMER_REAL, &often, nullptr), 0);
  const auto watched = client.watch_session([](const SessionChange&) { return true; });
  const auto other = client.status();
  const itimerval off{};
  ::setitimer(ITIMER_REAL, &off, nullptr);
  ::sigaction(SIGALRM, &before, nullptr);
  ASSERT_FALSE(watched.ok());
  EXPECT_EQ(watched.error().code, Reason::kCancelled) << watched.error().message;
  EXPECT_TRUE(other.ok());
}

TEST(Restart, AShutdownEndsAWatchWithNoDaemon) {
  const Scratch scratch;
  auto server = std::make_unique<StockServer>(scratch.socket());
  Client client(options_for(scratch));
  std::thread stopper;
  const auto done = client.watch({}, {}, [&](const Change& change) {
    if (change.version == 3) stopper = std::thread([&] { server->stop(50); });
    return true;
  });
  stopper.join();
  EXPECT_FALSE(done.ok());
  EXPECT_TRUE(done.error().code == Reason::kNoDaemon || done.error().code == Reason::kCancelled)
      << done.error().message;
  server = std::make_unique<StockServer>(scratch.socket());
  EXPECT_TRUE(client.status().ok());
}

TEST(Restart, OnlyOfAChangeItIsOpenWhetherItWasMade) {
  const Scratch scratch;
  const auto gone = [](int fd) { ASSERT_TRUE(testing::read_request(fd)); };
  const testing::RawServer server(scratch.socket(), {gone, gone, gone});
  Client client(options_for(scratch));
  const auto read = client.get("default", "x");
  EXPECT_EQ(read.error().code, Reason::kNoDaemon);
  EXPECT_THAT(read.error().message, HasSubstr("went away"));
  const auto watched = client.watch({}, {}, [](const Change&) { return true; });
  EXPECT_EQ(watched.error().code, Reason::kNoDaemon);
  EXPECT_THAT(watched.error().message, HasSubstr("went away"));
  const auto changed = client.set("default", "x", SecretBytes::copy_of("v"));
  EXPECT_EQ(changed.error().code, Reason::kNoDaemon);
  EXPECT_THAT(changed.error().message, HasSubstr("may or may not"));
}

TEST(Stop, EndsEveryCallAtOnce) {
  const Scratch scratch;
  Stopper stopper;
  // Stops the call once it has come, and never answers.
  const auto silent = [&](int fd) {
    ASSERT_TRUE(testing::read_request(fd));
    stopper.stop();
    testing::read_to_end(fd);
  };
  const testing::RawServer server(scratch.socket(), {silent});
  ClientOptions options = options_for(scratch, 60'000);
  options.stopper = &stopper;
  Client client(std::move(options));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(client.get("default", "x").error().code, Reason::kCancelled);
  // It stays stopped.
  EXPECT_EQ(client.set("default", "x", SecretBytes::copy_of("v")).error().code, Reason::kCancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST(Host, GetsNoSignalAndNoInheritedDescriptor) {
  const Scratch scratch;
  const testing::RawServer server(scratch.socket(),
                                  {[](int fd) { testing::send_all(fd, testing::settings()); }});
  struct sigaction before {};
  ::sigaction(SIGPIPE, nullptr, &before);
  ASSERT_EQ(before.sa_handler, SIG_DFL);
  Client client(options_for(scratch));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.set("", "a", SecretBytes(kMaxValueBytes)).error().code, Reason::kNoDaemon);
  }
}

TEST(Host, StandardStreamsStayFree) {
  const Scratch scratch;
  StockServer server(scratch.socket());
  EXPECT_EQ(in_child([&] {
              ::close(0);
              ::close(1);
              ::close(2);
              Client client(options_for(scratch));
              if (!client.status().ok()) return 1;
              return ::fcntl(0, F_GETFD) == -1 && ::fcntl(1, F_GETFD) == -1 ? 0 : 2;
            }),
            0);
}

TEST(Trust, AServerOfAnotherUserGetsNotOneByte) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to run a server as another user";
  const Scratch scratch;
  const int listener = testing::listen_on_path(scratch.socket(), -1);
  const pid_t child = ::fork();
  if (child == 0) {
    // The kernel tells the client the user who called listen.
    if (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0 || ::listen(listener, 4) != 0) ::_exit(9);
    const int fd = ::accept(listener, nullptr, nullptr);
    char byte = 0;
    ::_exit(::read(fd, &byte, 1) == 0 ? 0 : 1);
  }
  Client client(options_for(scratch));
  Result<DaemonStatus> status = client.status();
  // Until the child listens nobody answers.
  for (int i = 0; i < 1000 && status.error().code == Reason::kNoDaemon; ++i) {
    ::poll(nullptr, 0, 5);
    status = client.status();
  }
  EXPECT_EQ(status.error().code, Reason::kDaemonUntrusted);
  EXPECT_THAT(status.error().message, HasSubstr("uid 65534"));
  int result = 0;
  ::waitpid(child, &result, 0);
  EXPECT_EQ(result, 0) << "the server read something";
  ::close(listener);
}

TEST(Trust, AFolderThatOthersWriteIsRefused) {
  const Scratch scratch;
  StockServer server(scratch.socket());
  Client client(options_for(scratch));
  ::chmod(scratch.path().c_str(), 0770);
  EXPECT_EQ(client.status().error().code, Reason::kDaemonUntrusted);
  ::chmod(scratch.path().c_str(), 0700);
  EXPECT_TRUE(client.status().ok());
}

TEST(Trust, AFolderOfAnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to give a folder away";
  const Scratch scratch;
  StockServer server(scratch.socket());
  Client client(options_for(scratch));
  ASSERT_EQ(::chown(scratch.path().c_str(), kNobody, kNobody), 0);
  EXPECT_EQ(client.status().error().code, Reason::kDaemonUntrusted);
  ASSERT_EQ(::chown(scratch.path().c_str(), 0, 0), 0);
}

TEST(Places, ALongPathARelativeOneAndAFileThatIsNoSocket) {
  const Scratch scratch;
  ClientOptions options = options_for(scratch);
  options.socket_path = "tacit.sock";
  EXPECT_EQ(Client(options).status().error().code, Reason::kInvalidArgument);
  options.socket_path = "/" + std::string(107, 'a');
  const auto status = Client(options).status();
  EXPECT_EQ(status.error().code, Reason::kInvalidArgument);
  EXPECT_THAT(status.error().message, HasSubstr("TACIT_SOCKET"));
  ::close(::open(scratch.socket().c_str(), O_CREAT | O_WRONLY, 0600));
  EXPECT_EQ(Client(options_for(scratch)).status().error().code, Reason::kNoDaemon);
}

TEST(Places, AreTriedInTheirOrder) {
  const Scratch scratch;
  ClientOptions anywhere;
  anywhere.autostart = false;
  const std::string runtime = scratch.path() + "/XDG_RUNTIME_DIR/tacit";
  std::filesystem::create_directory(runtime);
  std::filesystem::permissions(runtime, std::filesystem::perms::owner_all);
  Client client(anywhere);
  {
    StockServer server(runtime + "/tacit.sock");
    EXPECT_TRUE(client.status().ok());
    ::setenv("TACIT_SOCKET", scratch.socket().c_str(), 1);
    EXPECT_EQ(Client(anywhere).status().error().code, Reason::kNoDaemon);
    StockServer chosen(scratch.socket());
    EXPECT_TRUE(Client(anywhere).status().ok());
    ::unsetenv("TACIT_SOCKET");
  }
}

}  // namespace
}  // namespace tacit
