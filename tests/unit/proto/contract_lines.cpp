#include "tests/unit/proto/contract_lines.h"

#include <google/protobuf/descriptor.h>

#include "tacit/v1/access.pb.h"
#include "tacit/v1/admin.pb.h"
#include "tacit/v1/collections.pb.h"
#include "tacit/v1/common.pb.h"
#include "tacit/v1/projects.pb.h"
#include "tacit/v1/renewal.pb.h"
#include "tacit/v1/replacement.pb.h"
#include "tacit/v1/scan.pb.h"
#include "tacit/v1/secrets.pb.h"
#include "tacit/v1/session.pb.h"

namespace tacit {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::ServiceDescriptor;

std::string type_of(const FieldDescriptor& field) {
  std::string type = field.type_name();
  if (const auto* message = field.message_type()) type = message->full_name();
  if (const auto* values = field.enum_type()) type = values->full_name();
  if (field.is_repeated()) return "repeated " + type;
  if (field.real_containing_oneof() == nullptr && field.has_optional_keyword()) {
    return "optional " + type;
  }
  return type;
}

void add(const EnumDescriptor& values, std::set<std::string>& lines) {
  for (int i = 0; i < values.value_count(); ++i) {
    lines.insert("enum " + values.full_name() + "." + values.value(i)->name() + " = " +
                 std::to_string(values.value(i)->number()));
  }
}

void add(const Descriptor& message, std::set<std::string>& lines) {
  lines.insert("message " + message.full_name());
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    std::string line = "field " + field.full_name() + " = " + std::to_string(field.number()) + " " +
                       type_of(field);
    if (const auto* oneof = field.real_containing_oneof()) line += " in oneof " + oneof->name();
    lines.insert(line);
  }
  for (int i = 0; i < message.enum_type_count(); ++i) add(*message.enum_type(i), lines);
  for (int i = 0; i < message.nested_type_count(); ++i) add(*message.nested_type(i), lines);
}

void add(const ServiceDescriptor& service, std::set<std::string>& lines) {
  for (int i = 0; i < service.method_count(); ++i) {
    const auto& method = *service.method(i);
    lines.insert("rpc " + method.full_name() + " (" + (method.client_streaming() ? "stream " : "") +
                 method.input_type()->full_name() + ") returns (" +
                 (method.server_streaming() ? "stream " : "") + method.output_type()->full_name() +
                 ")");
  }
}

void add(const FileDescriptor& file, std::set<std::string>& lines) {
  for (int i = 0; i < file.service_count(); ++i) add(*file.service(i), lines);
  for (int i = 0; i < file.message_type_count(); ++i) add(*file.message_type(i), lines);
  for (int i = 0; i < file.enum_type_count(); ++i) add(*file.enum_type(i), lines);
}

}  // namespace

std::set<std::string> contract_lines() {
  std::set<std::string> lines;
  for (const FileDescriptor* file :
       {v1::Metadata::descriptor()->file(), v1::StatusReply::descriptor()->file(),
        v1::GetReply::descriptor()->file(), v1::Slot::descriptor()->file(),
        v1::Grant::descriptor()->file(), v1::Collection::descriptor()->file(),
        v1::Project::descriptor()->file(), v1::ScanMatch::descriptor()->file(),
        v1::TokenInfo::descriptor()->file(), v1::OldFile::descriptor()->file()}) {
    add(*file, lines);
  }
  return lines;
}

}  // namespace tacit
