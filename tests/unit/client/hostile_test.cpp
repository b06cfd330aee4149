// Servers that are broken, odd or hostile: every answer is an error of the right kind, in time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>

#include "client/cpp/channel/call_status.h"
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
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

INSTANTIATE_TEST_SUITE_P(Servers, Hostile, ::testing::ValuesIn(scripts()),
                         [](const auto& script) { return script.param.name; });

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
