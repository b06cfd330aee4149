#include "daemon/rpc/limits.h"

#include <gtest/gtest.h>

#include "daemon/base/status.h"

namespace tacit {
namespace {

TEST(Limits, ConnectionsFitTheDescriptors) {
  for (const std::uint64_t descriptors : {128u, 256u, 1024u, 4096u, 65536u, 1048576u}) {
    Limits limits;
    limits.fit_descriptors(descriptors);
    const NumberRange range = numbers_for(limits, descriptors);
    EXPECT_GE(limits.max_connections, 1u) << descriptors;
    EXPECT_LE(limits.max_connections, 1024u) << descriptors;
    EXPECT_LE(limits.max_connections_per_process, limits.max_connections) << descriptors;
    EXPECT_LE(static_cast<std::uint64_t>(range.first + range.count), descriptors);
    EXPECT_GE(range.count, static_cast<int>(2 * limits.max_connections))
        << descriptors << ": numbers have no room to rotate";
  }
}

TEST(Limits, AnAmpleLimitChangesNothing) {
  Limits limits;
  limits.fit_descriptors(65536);
  EXPECT_EQ(limits.max_connections, 1024u);
  EXPECT_EQ(limits.max_connections_per_process, 64u);
}

TEST(Limits, AreSetByName) {
  Limits limits;
  EXPECT_TRUE(limits.set("max_connections=48").ok());
  EXPECT_EQ(limits.max_connections, 48u);
  EXPECT_TRUE(limits.set("first_call=250").ok());
  EXPECT_EQ(limits.first_call, std::chrono::milliseconds(250));
  for (const char* bad :
       {"", "max_connections", "max_connections=", "max_connections=x", "max_connections=1x",
        "max_connections=-1", "nothing=1", "max_connections=4294967296", "chunk_bytes=1048576"}) {
    EXPECT_EQ(reason_of(limits.set(bad)), Reason::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace tacit
