// What an audit record keeps, and that nothing else is taken for one.
#include "daemon/access/audit_record.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/crypto/tag.h"

namespace tacit {
namespace {

Program program(pid_t pid, const std::string& executable) {
  Program out;
  out.pid = pid;
  out.start_time = 99;
  out.executable = executable;
  return out;
}

AuditRecord full_record() {
  Asker asker;
  asker.chain = {program(12, "/usr/bin/tacit"), program(11, "/usr/bin/python3.11")};
  asker.chain[1].file_known = true;
  asker.chain[1].script = "/home/ann/job.py";
  asker.chain[1].unnamed_script = true;
  asker.program = 1;
  asker.terminal = "/dev/pts/3";
  asker.folder = "/home/ann";
  asker.unit = "job.service";
  asker.agent_marker = "SOME_AGENT";
  asker.unknown_because = "its parent cannot be read";
  AuditRecord record;
  record.time = 1'700'000'000'000;
  record.last_time = 1'700'000'000'900;
  record.count = 41;
  record.lost = 7;
  record.verdict = AuditVerdict::kDenied;
  record.verb = Verb::kRead;
  record.method = "Secrets.Get";
  record.rule = "deny";
  record.event = "an event\nof two lines";
  record.item = ItemName{"default", "mail"};
  record.item_tag.fill(5);
  record.asker = std::make_shared<const Asker>(asker);
  return record;
}

TEST(AuditRecordCoding, EverythingComesBack) {
  const AuditRecord record = full_record();
  const auto back = decode_audit_record(encode_audit_record(record));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->time, record.time);
  EXPECT_EQ(back->last_time, record.last_time);
  EXPECT_EQ(back->count, 41u);
  EXPECT_EQ(back->lost, 7u);
  EXPECT_EQ(back->verdict, AuditVerdict::kDenied);
  EXPECT_EQ(back->verb, Verb::kRead);
  EXPECT_EQ(back->method, "Secrets.Get");
  EXPECT_EQ(back->rule, "deny");
  EXPECT_EQ(back->event, record.event);
  EXPECT_EQ(back->item->collection, "default");
  EXPECT_EQ(back->item->name, "mail");
  EXPECT_EQ(back->item_tag, record.item_tag);
  ASSERT_TRUE(back->asker);
  ASSERT_EQ(back->asker->chain.size(), 2u);
  EXPECT_EQ(back->asker->asking().script, "/home/ann/job.py");
  EXPECT_TRUE(back->asker->asking().file_known);
  EXPECT_TRUE(back->asker->asking().unnamed_script);
  EXPECT_FALSE(back->asker->chain[0].file_known);
  EXPECT_EQ(back->asker->chain[0].pid, 12);
  EXPECT_EQ(back->asker->terminal, "/dev/pts/3");
  EXPECT_EQ(back->asker->folder, "/home/ann");
  EXPECT_EQ(back->asker->unit, "job.service");
  EXPECT_EQ(back->asker->agent_marker, "SOME_AGENT");
  EXPECT_EQ(back->asker->unknown_because, "its parent cannot be read");
}

TEST(AuditRecordCoding, AChangeAndACollectionAsSuchComeBack) {
  AuditRecord record = full_record();
  record.change = "read: ask -> open";
  auto back = decode_audit_record(encode_audit_record(record));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->change, "read: ask -> open");
  EXPECT_EQ(back->item->name, "mail");
  record.change.clear();
  record.item->name.clear();
  back = decode_audit_record(encode_audit_record(record));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->change, "");
  EXPECT_EQ(back->item->collection, "default");
  EXPECT_EQ(back->item->name, "");
}

TEST(AuditRecordCoding, OnlyWhatNeedsTheSecondLayoutHasIt) {
  AuditRecord record = full_record();
  EXPECT_EQ(encode_audit_record(record).bytes()[0], 1);
  record.change = "read: ask -> open";
  const SecretBytes body = encode_audit_record(record);
  EXPECT_EQ(body.bytes()[0], 2);
  // In the first layout there is no change, and in the second there is no need for an empty one.
  std::vector<unsigned char> bytes(body.bytes().begin(), body.bytes().end());
  bytes[0] = 1;
  EXPECT_FALSE(decode_audit_record(SecretBytes::copy_of(bytes)));
  bytes[0] = 3;
  EXPECT_FALSE(decode_audit_record(SecretBytes::copy_of(bytes)));
}

/// A record as the first release wrote it, byte by byte.
TEST(AuditRecordCoding, ARecordOfTheFirstLayoutIsStillRead) {
  std::vector<unsigned char> bytes = {1, 1, 4, 0};
  const auto number = [&](std::uint64_t value) {
    for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<unsigned char>(value >> (8 * i)));
  };
  const auto text = [&](const std::string& value) {
    bytes.push_back(static_cast<unsigned char>(value.size()));
    bytes.push_back(0);
    bytes.insert(bytes.end(), value.begin(), value.end());
  };
  const std::uint64_t numbers[] = {1'700'000'000'000, 1'700'000'000'000, 1, 0};
  for (const std::uint64_t value : numbers) number(value);
  for (const char* value : {"Admin.AddSlot", "admin", ""}) text(value);
  const auto record = decode_audit_record(SecretBytes::copy_of(bytes));
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->method, "Admin.AddSlot");
  EXPECT_EQ(record->rule, "admin");
  EXPECT_EQ(record->change, "");
  EXPECT_FALSE(record->item.has_value());
  EXPECT_TRUE(same_bytes(encode_audit_record(*record).bytes(), bytes));
}

TEST(AuditRecordCoding, ATypicalReadIsSmall) {
  AuditRecord record = full_record();
  record.event.clear();
  Asker asker = *record.asker;
  asker.unknown_because.clear();
  record.asker = std::make_shared<const Asker>(asker);
  EXPECT_LT(encode_audit_record(record).size(), 300u);
}

TEST(AuditRecordCoding, OneByteMoreOrLessIsNoRecord) {
  AuditRecord record = full_record();
  record.change = "read: ask -> open";
  const SecretBytes body = encode_audit_record(record);
  const Bytes bytes = body.bytes();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_audit_record(SecretBytes::copy_of(bytes.first(size)))) << size;
  }
  std::vector<unsigned char> longer(bytes.begin(), bytes.end());
  longer.push_back(0);
  EXPECT_FALSE(decode_audit_record(SecretBytes::copy_of(longer)));
}

TEST(AuditRecordCoding, WhatIsDecodedEncodesToTheSameBytes) {
  AuditRecord record = full_record();
  record.change = "read: ask -> open";
  const SecretBytes body = encode_audit_record(record);
  for (std::size_t at = 0; at < body.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::vector<unsigned char> bytes(body.bytes().begin(), body.bytes().end());
      bytes[at] = static_cast<unsigned char>(bytes[at] ^ flip);
      if (const auto other = decode_audit_record(SecretBytes::copy_of(bytes))) {
        EXPECT_TRUE(same_bytes(encode_audit_record(*other).bytes(), bytes)) << at;
      }
    }
  }
}

TEST(AuditText, IsBoundedAndWellFormed) {
  EXPECT_EQ(audit_text("plain"), "plain");
  EXPECT_EQ(audit_text(""), "");
  EXPECT_EQ(audit_text("a\xff\xfe z"), "a?? z");
  EXPECT_EQ(audit_text(std::string("nul\0!", 5)), "nul?!");
  EXPECT_EQ(audit_text("caf\xc3"), "caf?");
  EXPECT_EQ(audit_text(std::string(5000, 'x')).size(), kMaxAuditText);
  std::string wide;
  for (int i = 0; i < 1000; ++i) wide += "\xe2\x82\xac";
  EXPECT_EQ(audit_text(wide).size(), kMaxAuditText - kMaxAuditText % 3);
}

TEST(AuditAsker, KeepsTheOneThatAsksOfALongChain) {
  Asker asker;
  for (int i = 0; i < 40; ++i) {
    asker.chain.push_back(program(i + 1, "/bin/p" + std::to_string(i)));
  }
  asker.program = 20;
  asker.chain[20].script = std::string(5000, 's');
  const auto kept = audit_asker(asker);
  EXPECT_EQ(kept->chain.size(), kMaxAuditPrograms);
  EXPECT_EQ(kept->asking().executable, "/bin/p20");
  EXPECT_EQ(kept->asking().script.size(), kMaxAuditText);
  EXPECT_EQ(kept->chain[0].executable, "/bin/p0");
}

}  // namespace
}  // namespace tacit
