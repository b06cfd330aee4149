// The C interface through the shared library, and what that library needs and shows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tacit/reason.h"
#include "tacit/tacit.h"
#include "tests/unit/client/scratch.h"
#include "tests/unit/client/stock_server.h"

namespace tacit {
namespace {

std::vector<std::string> lines_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::vector<std::string> out;
  std::array<char, 4096> line{};
  while (std::fgets(line.data(), line.size(), pipe.get()) != nullptr) {
    out.emplace_back(line.data());
    out.back().pop_back();
  }
  return out;
}

TEST(Library, CInterfaceFromC) {
  const testing::Scratch scratch;
  const testing::StockServer server(scratch.socket());
  const std::string command = std::string(C_INTERFACE_TEST) + " " + scratch.socket() + " '" +
                              testing::kPassphrase + "' " + scratch.path() + "/backup";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

#ifndef TACIT_SANITIZER  // whose runtimes are needed on top
TEST(Library, NeedsNghttp2AndLibcOnly) {
  std::set<std::string> needed;
  for (const std::string& line : lines_of("objdump -p " LIBTACIT_SO)) {
    std::smatch match;
    if (std::regex_search(line, match, std::regex("NEEDED +(\\S+)"))) needed.insert(match[1].str());
  }
  // libm belongs to libc; the loader is named where thread-local storage is used.
  needed.erase("libm.so.6");
  needed.erase("ld-linux-x86-64.so.2");
  EXPECT_EQ(needed, (std::set<std::string>{"libc.so.6", "libnghttp2.so.14"}));
}
#endif

TEST(Library, ShowsExactlyTheFunctionsOfItsHeader) {
  std::ifstream header(TACIT_H);
  std::stringstream text;
  text << header.rdbuf();
  const std::string source = text.str();
  std::set<std::string> declared;
  const std::regex declaration("TACIT_API[^;(]*?(tacit_\\w+)\\(");
  for (std::sregex_iterator at(source.begin(), source.end(), declaration), end; at != end; ++at) {
    declared.insert((*at)[1]);
  }
  std::set<std::string> shown;
  for (const std::string& line : lines_of("nm -D --defined-only " LIBTACIT_SO)) {
    const std::string symbol = line.substr(line.rfind(' ') + 1);
    if (symbol == "TACIT_0.1") continue;
    const auto at = symbol.find("@@TACIT_0.1");
    EXPECT_NE(at, std::string::npos) << symbol;
    shown.insert(symbol.substr(0, at));
  }
  EXPECT_GT(declared.size(), 90u);
  EXPECT_EQ(shown, declared);
}

TEST(Library, HeaderHasTheReasonsOfTheContract) {
  std::ifstream header(TACIT_H);
  std::string line;
  int seen = 0;
  while (std::getline(header, line) && line.find("enum tacit_vault_state") == std::string::npos) {
    std::smatch match;
    if (!std::regex_search(line, match, std::regex("TACIT_([A-Z_]+) = (\\d+)"))) continue;
    EXPECT_EQ(match[1].str(), reason_name(static_cast<Reason>(std::stoi(match[2])))) << line;
    ++seen;
  }
  EXPECT_EQ(seen, v1::Reason_descriptor()->value_count());
}

}  // namespace
}  // namespace tacit
