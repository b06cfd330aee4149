// Servers that are broken, odd or hostile: every answer is an error of the right kind, in time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>

#include "client/cpp/channel/call_status.h"
#include "client/cpp/channel/channel.h"
#include "client/cpp/channel/message_reader.h"
#include "tacit/client.h"
#include "tests/unit/client/raw_server.h"
#include "tests/unit/client/scratch.h"

namespace tacit {
namespace {

using ::testing::HasSubstr;
using namespace testing;  // NOLINT(google-build-using-namespace): frames are spelled out below

ClientOptions options_for(const Scratch& scratch, int deadline_ms = 5000) {
  ClientOptions options;
  options.socket_path = scratch.socket();
  options.autostart = false;
  options.deadline = std::chrono::milliseconds(deadline_ms);
  return options;
}

struct Script {
  const char* name;
  std::string answer;
  Reason expected;
  const char* words;  ///< in the error's message
  bool closes = false;
};

/// A header block that CONTINUATION frames go on with and on (CVE-2024-28182).
std::string endless_headers() {
  std::string bytes = frame(kHeaders, 0, 1, block({{":status", "200"}}));
  for (int i = 0; i < 1000; ++i) bytes += frame(kContinuation, 0, 1, block({{"name", "value"}}));
  return bytes;
}

/// One field of 3,900 bytes put into the dynamic table, then named 16,000 times with a byte each:
/// 62 MB of headers in 20 KB.
std::string hpack_bomb() {
  std::string bytes = block({{":status", "200"}, {"content-type", "application/grpc"}});
  // A literal with indexing (RFC 7541, 6.2.1); a length over 126 goes on in groups of 7 bits.
  bytes += std::string("\x40\x01x\x7f\xbd\x1d", 6) + std::string(127 + 61 + 29 * 128, 'x');
  bytes += std::string(16'000, '\xbe');
  const std::size_t half = bytes.size() / 2;
  return frame(kHeaders, 0, 1, bytes.substr(0, half)) +
         frame(kContinuation, kEndHeaders, 1, bytes.substr(half));
}

/// A refusal whose message is longer than anybody reads.
std::string long_status() {
  std::string bytes = block({{":status", "200"},
                             {"content-type", "application/grpc"},
                             {"grpc-status", "9"},
                             {"tacit-reason", "LOCKED"}});
  const std::string name = "grpc-message";
  bytes += std::string(1, '\0') + static_cast<char>(name.size()) + name;
  bytes += std::string("\x7f\xa1\x5d", 3) + std::string(127 + 33 + 93 * 128, 'm');
  return settings() + frame(kHeaders, kEndHeaders | kEndStream, 1, bytes);
}

std::vector<Script> scripts() {
  const std::string trailers = headers({{"grpc-status", "0"}}, kEndStream);
  const std::string start = settings() + grpc_headers();
  const auto only = [](Fields fields) { return settings() + headers(fields, kEndStream); };
  constexpr std::string_view kGrpc = "application/grpc";
  return {
      {"Http1", "HTTP/1.1 400 Bad Request\r\n\r\n", Reason::kProtocol, "HTTP/2"},
      {"Zeros", std::string(200, '\0'), Reason::kProtocol, "HTTP/2"},
      {"CloseAtOnce", "", Reason::kNoDaemon, "went away", true},
      {"CloseAfterSettings", settings(), Reason::kNoDaemon, "went away", true},
      {"HalfAFrame", start.substr(0, start.size() - 7), Reason::kNoDaemon, "went away", true},
      {"CloseBeforeTheTrailers", start + data_frame(message("")), Reason::kNoDaemon, "went away",
       true},
      {"LengthOf2GiB", start + data_frame(std::string("\0\x7f\xff\xff\xff", 5)), Reason::kProtocol,
       "1 MiB"},
      {"LengthOfOneByteTooMany", start + data_frame(std::string("\0\0\x10\0\x01", 5)),
       Reason::kProtocol, "1 MiB"},
      {"Compressed", start + data_frame(std::string("\1\0\0\0\0", 5)) + trailers, Reason::kProtocol,
       "compressed"},
      {"NoTrailers", start + data_frame(message(""), kEndStream), Reason::kProtocol,
       "without a status"},
      {"StatusInTheFirstHeaders",
       settings() + headers({{":status", "200"}, {"content-type", kGrpc}, {"grpc-status", "0"}}) +
           data_frame(message(""), kEndStream),
       Reason::kProtocol, "without a status"},
      {"NoMessage", start + trailers, Reason::kProtocol, "empty"},
      {"TwoMessages", start + data_frame(message("") + message("")) + trailers, Reason::kProtocol,
       "twice"},
      {"LongerThanDeclared", start + data_frame(message("") + "more") + trailers, Reason::kProtocol,
       "middle of a message"},
      {"ResetInAMessage",
       start + data_frame(message("abc").substr(0, 6)) + frame(kReset, 0, 1, number(2, 4)),
       Reason::kProtocol, "broke the call off"},
      {"GoawayInAMessage",
       start + data_frame(message("abc").substr(0, 6)) +
           frame(kGoaway, 0, 0, number(1, 4) + number(2, 4) + std::string(10'000, 'g')),
       Reason::kNoDaemon, "went away", true},
      {"CutMessage", start + data_frame(message("abc").substr(0, 6)) + trailers, Reason::kProtocol,
       "middle of a message"},
      {"NotProtobuf", start + data_frame(message("\x0a\x7f")) + trailers, Reason::kProtocol,
       "malformed"},
      {"OkOnlyWithoutMessage",
       only({{":status", "200"}, {"content-type", kGrpc}, {"grpc-status", "0"}}), Reason::kProtocol,
       "empty"},
      {"TrailersOnly",
       only({{":status", "200"},
             {"content-type", kGrpc},
             {"grpc-status", "9"},
             {"grpc-message", "it is locked"},
             {"tacit-reason", "LOCKED"}}),
       Reason::kLocked, "it is locked"},
      {"UnknownReason",
       only({{":status", "200"},
             {"content-type", kGrpc},
             {"grpc-status", "5"},
             {"tacit-reason", "BRAND_NEW"}}),
       Reason::kNotFound, "BRAND_NEW"},
      {"ReasonThatIsNeverSent",
       only({{":status", "200"},
             {"content-type", kGrpc},
             {"grpc-status", "13"},
             {"tacit-reason", "NO_DAEMON"}}),
       Reason::kInternal, ""},
      {"LenientPercents",
       only({{":status", "200"},
             {"content-type", kGrpc},
             {"grpc-status", "3"},
             {"grpc-message", "100%25 %zz %4"}}),
       Reason::kInvalidArgument, "100% %zz %4"},
      {"StatusIsNoNumber",
       only({{":status", "200"}, {"content-type", kGrpc}, {"grpc-status", "0x0"}}),
       Reason::kUnspecified, ""},
      {"StatusOutOfRange",
       only({{":status", "200"}, {"content-type", kGrpc}, {"grpc-status", "99999999999"}}),
       Reason::kUnspecified, ""},
      {"WebServer",
       settings() + headers({{":status", "404"}, {"content-type", "text/html"}}) +
           data_frame("<html>", kEndStream),
       Reason::kProtocol, "404"},
      {"OtherContent",
       settings() + headers({{":status", "200"}, {"content-type", "text/html"}}) +
           data_frame(message("")) + trailers,
       Reason::kProtocol, ""},
      {"ResetCancel", settings() + frame(kReset, 0, 1, number(8, 4)), Reason::kCancelled,
       "gave the call up"},
      {"ResetCalm", settings() + frame(kReset, 0, 1, number(11, 4)), Reason::kLimit, "limit"},
      {"ResetInternal", settings() + frame(kReset, 0, 1, number(2, 4)), Reason::kProtocol,
       "broke the call off"},
      {"ResetWithoutError", start + frame(kReset, 0, 1, number(0, 4)), Reason::kProtocol,
       "broke the call off"},
      {"RefusedTwice", settings() + frame(kReset, 0, 1, number(7, 4)), Reason::kNoDaemon,
       "try again"},
      {"DataOnStream0", settings() + frame(kData, 0, 0, "x"), Reason::kProtocol, "HTTP/2"},
      {"AnotherCallsAnswer",
       settings() + frame(kHeaders, kEndHeaders, 3, block({{":status", "200"}})), Reason::kProtocol,
       "HTTP/2"},
      {"ServersOwnStream",
       settings() + frame(kHeaders, kEndHeaders, 2, block({{":status", "200"}})), Reason::kProtocol,
       "HTTP/2"},
      {"PushSwitchedOn", frame(kSettings, 0, 0, number(2, 2) + number(1, 4)), Reason::kProtocol,
       "HTTP/2"},
      {"TinyFramesOnly", frame(kSettings, 0, 0, number(5, 2) + number(1, 4)), Reason::kProtocol,
       "HTTP/2"},
      {"DataBeforeHeaders", settings() + data_frame(message("")), Reason::kProtocol, ""},
      {"MessageAfterTheTrailers", start + trailers + data_frame(message("")), Reason::kProtocol,
       ""},
      {"HeadersWithoutEnd", settings() + endless_headers(), Reason::kProtocol, "HTTP/2"},
      {"HpackBomb", settings() + hpack_bomb() + trailers, Reason::kProtocol, "empty"},
      {"LongStatusMessage", long_status(), Reason::kLocked, "mmmm"},
      {"Push",
       settings() + frame(kSettings, 1, 0, "") +
           frame(kPush, kEndHeaders, 1, number(2, 4) + block({{":method", "GET"}})),
       Reason::kProtocol, "HTTP/2"},
      {"HugeFrame", settings() + std::string("\xff\xff\xff\0\0\0\0\0\1", 9), Reason::kProtocol,
       "HTTP/2"},
      {"BadHpack", settings() + frame(kHeaders, kEndHeaders, 1, "\xff\xff\xff\xff\xff\xff"),
       Reason::kProtocol, "HTTP/2"},
      {"WindowOverflow", settings() + frame(kWindow, 0, 0, number(0x7fffffff, 4)),
       Reason::kProtocol, "HTTP/2"},
      {"Silence", settings(), Reason::kTimeout, "in time"},
      {"SilenceAtOnce", "", Reason::kTimeout, "in time"},
      {"HalfAFrameAndSilence", start.substr(0, start.size() - 7), Reason::kTimeout, "in time"},
      {"HalfAMessageAndSilence", start + data_frame(message("abc").substr(0, 6)), Reason::kTimeout,
       "in time"},
      {"TrailersNeverCome", start + data_frame(message("\x0a\x01v")), Reason::kTimeout, "in time"},
      {"NoCallsTaken", frame(kSettings, 0, 0, number(3, 2) + number(0, 4)), Reason::kTimeout,
       "in time"},
  };
}

class Hostile : public ::testing::TestWithParam<Script> {};

TEST_P(Hostile, IsAnErrorOfItsKind) {
  const Script& script = GetParam();
  const Scratch scratch;
  const RawServer server(scratch.socket(), {script.closes ? answering_and_closing(script.answer)
                                                          : answering(script.answer)});
  Client client(options_for(scratch, script.expected == Reason::kTimeout ? 200 : 5000));
  const auto begin = std::chrono::steady_clock::now();
  const auto item = client.get("", "a");
  ASSERT_FALSE(item.ok());
  EXPECT_EQ(item.error().code, script.expected) << item.error().message;
  EXPECT_THAT(item.error().message, HasSubstr(script.words));
  EXPECT_LT(item.error().message.size(), 5000u);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

INSTANTIATE_TEST_SUITE_P(Servers, Hostile, ::testing::ValuesIn(scripts()),
                         [](const auto& script) { return script.param.name; });

/// Answers the request with `once`, then with `again` for as long as the client listens.
RawServer::Handler never_pausing(std::string once, std::string again) {
  return [once = std::move(once), again = std::move(again)](int fd) {
    if (!read_request(fd)) return;
    send_all(fd, once);
    std::string many;
    while (many.size() < 32 * 1024) many += again;
    // What the client says to it is read, so that only the flood can end the call.
    while (::send(fd, many.data(), many.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(many.size())) {
      char dropped[4096];
      while (::recv(fd, dropped, sizeof dropped, MSG_DONTWAIT) > 0) {
      }
    }
  };
}

/// Whatever a server goes on sending, a call ends at its limit.
class Floods : public ::testing::TestWithParam<std::pair<const char*, std::string>> {};

TEST_P(Floods, DoNotOutlastTheDeadline) {
  const Scratch scratch;
  const RawServer server(scratch.socket(),
                         {never_pausing(settings() + grpc_headers(), GetParam().second)});
  Client client(options_for(scratch, 300));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(client.get("", "a").ok());
  EXPECT_FALSE(client.set("", "a", SecretBytes(1000)).ok());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

INSTANTIATE_TEST_SUITE_P(Servers, Floods,
                         ::testing::Values(std::pair("UnknownFrames", frame(0xbe, 0, 1, "?")),
                                           std::pair("EmptyData", data_frame("")),
                                           std::pair("EmptyMessages", data_frame(message(""))),
                                           std::pair("Pings", frame(kPing, 0, 0, "12345678")),
                                           std::pair("Settings", settings()),
                                           std::pair("Windows", frame(kWindow, 0, 1, number(1, 4))),
                                           std::pair("Resets", frame(kReset, 0, 1, number(8, 4))),
                                           std::pair("Priorities",
                                                     frame(2, 0, 1, number(0, 4) + "p"))),
                         [](const auto& flood) { return std::string(flood.param.first); });

TEST(Floods, AStreamWithoutAMessageEndsAfterItsLimitOfSilence) {
  const Scratch scratch;
  const RawServer server(scratch.socket(),
                         {never_pausing(settings() + grpc_headers(), frame(0xbe, 0, 1, "?"))});
  Channel channel({.socket_path = scratch.socket(), .autostart = false});
  const auto begin = std::chrono::steady_clock::now();
  const auto done =
      channel.stream("/tacit.v1.Secrets/Watch", MessageBuffer(),
                     {{}, std::chrono::milliseconds(300)}, [](const SecretBytes&) { return true; });
  EXPECT_EQ(done.error().code, Reason::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

TEST(Floods, ADripOfBytesDoesNotOutlastTheDeadline) {
  const Scratch scratch;
  const RawServer server(scratch.socket(), {[](int fd) {
                           if (!read_request(fd)) return;
                           for (const char byte : good_answer(std::string(2000, 'v'))) {
                             if (::send(fd, &byte, 1, MSG_NOSIGNAL) != 1) return;
                             pollfd gone{fd, POLLRDHUP, 0};
                             if (::poll(&gone, 1, 20) > 0) return;
                           }
                         }});
  Client client(options_for(scratch, 300));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(client.get("", "a").error().code, Reason::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST(OddServers, AreUnderstood) {
  const std::string good = good_answer("\x0a\x01v");
  const std::string begin = settings();
  const std::string rest = good.substr(begin.size());
  const std::string ok = headers({{"grpc-status", "0"}}, kEndStream);
  const std::string answers[] = {
      good,
      begin + headers({{":status", "103"}}) + rest,
      begin + frame(kPing, 0, 0, "12345678") + rest,
      begin + frame(kGoaway, 0, 0, number(1, 4) + number(0, 4)) + rest,
      // The server resets what it has answered: the answer counts.
      good + frame(kReset, 0, 1, number(0, 4)),
      // Unknown frames and one byte a frame.
      begin + frame(0xbe, 0, 1, "?") + grpc_headers() + data_frame(std::string(1, '\0')) +
          data_frame(std::string("\0\0\0", 3)) + data_frame("\x03") + data_frame("\x0a") +
          data_frame("\x01") + data_frame("v") + data_frame("") + ok,
      // Padded DATA.
      begin + grpc_headers() + frame(kData, 8, 1, "\x02" + message("\x0a\x01v") + "pp") + ok,
  };
  for (const std::string& answer : answers) {
    const Scratch scratch;
    const RawServer server(scratch.socket(), {answering(answer)});
    Client client(options_for(scratch));
    const auto item = client.get("", "a");
    ASSERT_TRUE(item.ok()) << item.error().message;
    EXPECT_EQ(item->value.size(), 1u);
    EXPECT_EQ(server.connections(), 1u);
  }
}

TEST(Retry, OnceWhenProvablyUnprocessed) {
  const std::string refusals[] = {
      settings() + frame(kReset, 0, 1, number(7, 4)),
      settings() + frame(kGoaway, 0, 0, number(0, 4) + number(0, 4)),
  };
  for (const std::string& refusal : refusals) {
    const Scratch scratch;
    const RawServer server(scratch.socket(), {answering(refusal), answering(good_answer())});
    Client client(options_for(scratch));
    const auto version = client.set("", "a", SecretBytes::copy_of("v"));
    EXPECT_TRUE(version.ok());
    EXPECT_EQ(server.connections(), 2u);
  }
}

TEST(Retry, NeverWhenItMayHaveBeenProcessed) {
  const std::string ends[] = {
      "",
      settings(),
      settings() + grpc_headers(),
      settings() + frame(kGoaway, 0, 0, number(1, 4) + number(0, 4)),
      settings() + grpc_headers() + frame(kReset, 0, 1, number(7, 4)),
      settings() + frame(kReset, 0, 1, number(8, 4)),
  };
  for (const std::string& end : ends) {
    const Scratch scratch;
    const RawServer server(scratch.socket(),
                           {answering_and_closing(end), answering(good_answer())});
    Client client(options_for(scratch));
    EXPECT_FALSE(client.set("", "a", SecretBytes::copy_of("v")).ok());
    EXPECT_EQ(server.connections(), 1u);
    server.wait_closed(1);
    EXPECT_TRUE(client.set("", "a", SecretBytes::copy_of("v")).ok());
  }
}

TEST(Idle, AConnectionThatWasClosedMeanwhileIsReplaced) {
  const Scratch scratch;
  const RawServer server(scratch.socket(), {answering_and_closing(good_answer())});
  Client client(options_for(scratch));
  for (std::size_t call = 1; call <= 3; ++call) {
    ASSERT_TRUE(client.get("", "a").ok());
    EXPECT_EQ(server.connections(), call);
    // A call sent before that may have been seen, and is not made again.
    server.wait_closed(call);
  }
}

TEST(Deadlines, HoldWhileSending) {
  const Scratch scratch;
  // Reads nothing, so that the value fills the socket, until the client has gone.
  const RawServer server(scratch.socket(), {[](int fd) {
                           send_all(fd, settings() + frame(kWindow, 0, 0, number(1 << 24, 4)));
                           pollfd gone{fd, POLLRDHUP, 0};
                           ::poll(&gone, 1, 10'000);
                         }});
  {
    Client client(options_for(scratch, 200));
    const auto begin = std::chrono::steady_clock::now();
    const auto version = client.set("", "a", SecretBytes(kMaxValueBytes));
    EXPECT_EQ(version.error().code, Reason::kTimeout);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  }
}

TEST(Deadlines, HoldWhileConnecting) {
  const Scratch scratch;
  const int listener = listen_on_path(scratch.socket(), 0);
  Client first(options_for(scratch, 100));
  Client second(options_for(scratch, 100));
  EXPECT_EQ(first.status().error().code, Reason::kTimeout);  // takes the one place
  EXPECT_EQ(second.status().error().code, Reason::kTimeout);
  ::close(listener);
}

TEST(Status, TimeoutsHaveAtMostEightDigits) {
  EXPECT_EQ(grpc_timeout(0), "0m");
  EXPECT_EQ(grpc_timeout(99'999'999), "99999999m");
  EXPECT_EQ(grpc_timeout(100'000'000), "100000S");
  EXPECT_EQ(grpc_timeout(INT64_MAX), "99999999H");
}

TEST(Reader, TakesBytesInAnySlices) {
  const std::string stream = message("one") + message("") + message("three");
  for (std::size_t slice = 1; slice <= stream.size(); ++slice) {
    MessageReader reader;
    std::vector<std::string> seen;
    for (std::size_t at = 0; at < stream.size(); at += slice) {
      const std::string_view part = std::string_view(stream).substr(at, slice);
      reader.feed({reinterpret_cast<const unsigned char*>(part.data()), part.size()});
    }
    while (reader.has_message()) {
      const SecretBytes taken = reader.take();
      seen.emplace_back(taken.bytes().begin(), taken.bytes().end());
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"one", "", "three"})) << slice;
    EXPECT_FALSE(reader.incomplete());
  }
}

}  // namespace
}  // namespace tacit
