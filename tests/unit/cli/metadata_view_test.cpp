#include "cli/metadata_view.h"

#include <gtest/gtest.h>

namespace tacit::cli {
namespace {

Metadata item(std::string collection, std::string name) {
  Metadata metadata;
  metadata.collection = std::move(collection);
  metadata.name = std::move(name);
  return metadata;
}

TEST(LineName, StaysOnOneLine) {
  EXPECT_EQ(line_name(item("default", "a b/c"), false), "a b/c");
  EXPECT_EQ(line_name(item("default", "a\nb"), false), "tacit://default/a%0Ab");
  EXPECT_EQ(line_name(item("default", "a\u200db"), false), "tacit://default/a%E2%80%8Db");
  EXPECT_EQ(line_name(item("work", "x"), true), "tacit://work/x");
}

TEST(LineName, IsReadBackAsTheSameItem) {
  for (const char* name : {"a\nb", "tacit://x/y", "plain", "\x1b[31m"}) {
    const auto reference = parse_name_or_reference(line_name(item("c", name), false), "c");
    ASSERT_TRUE(reference.ok());
    EXPECT_EQ(reference->name, name);
    EXPECT_EQ(reference->collection, "c");
  }
}

TEST(WriteMetadata, HasEveryMember) {
  Metadata metadata = item("default", "n");
  metadata.version = 3;
  metadata.value_size = 12;
  metadata.created = 1'800'000'000'000;
  metadata.modified = metadata.created + 1;
  metadata.attributes = {{"k", "v"}};
  JsonWriter json;
  write_metadata(json, metadata);
  const SecretBytes document = json.take();
  EXPECT_EQ(std::string(document.bytes().begin(), document.bytes().end()),
            "{\"collection\":\"default\",\"name\":\"n\",\"version\":3,\"size\":12,"
            "\"created\":\"2027-01-15T08:00:00Z\",\"modified\":\"2027-01-15T08:00:00.001Z\","
            "\"expires\":null,\"content_type\":\"\",\"policy\":\"open\","
            "\"attributes\":{\"k\":\"v\"}}\n");
}

}  // namespace
}  // namespace tacit::cli
