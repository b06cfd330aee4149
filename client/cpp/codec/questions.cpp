#include "client/cpp/codec/access.h"
#include "client/cpp/codec/asker.h"

namespace tacit::codec {
namespace {

Program read_program(Reader reader) {
  Program out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.pid = reader.get_int64();
        break;
      case delimited(2):
        out.executable = reader.get_string();
        break;
      case varint(3):
        out.executable_known = get_flag(reader);
        break;
      case delimited(4):
        out.script = reader.get_string();
        break;
      case varint(5):
        out.unnamed_script = get_flag(reader);
        break;
      case varint(6):
        out.interactive_shell = get_flag(reader);
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

Question read_question(Reader reader) {
  Question out;
  out.verb = Verb::kNone;  // not told to a prompter that is not proven
  const auto span = [&reader] { return std::chrono::milliseconds(reader.get_int64()); };
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.id = reader.get_uint64();
        break;
      case varint(2):
        out.kind = static_cast<QuestionKind>(reader.get_enum());
        break;
      case delimited(3):
        out.asker = read_asker(reader.get_message());
        break;
      case varint(4):
        out.verb = static_cast<Verb>(reader.get_enum());
        break;
      case delimited(5):
        out.collection = reader.get_string();
        break;
      case delimited(6):
        out.names.push_back(reader.get_string());
        break;
      case varint(7):
        out.name_count = reader.get_uint32();
        break;
      case varint(8):
        out.needs_credential = get_flag(reader);
        break;
      case varint(9):
        out.each_use = get_flag(reader);
        break;
      case varint(10):
        out.idle = span();
        break;
      case varint(11):
        out.hard = span();
        break;
      case delimited(12):
        out.error = reader.get_string();
        break;
      case delimited(13):
        out.prompt = reader.get_string();
        break;
      case varint(14):
        out.timeout = span();
        break;
      case varint(15):
        out.uses = reader.get_uint32();
        break;
      case varint(16):
        out.lifetime = span();
        break;
      case delimited(17):
        out.change = reader.get_string();
        break;
      case delimited(18):
        out.verification_uri = reader.get_string();
        break;
      case delimited(19):
        out.verification_uri_complete = reader.get_string();
        break;
      case delimited(20):
        out.user_code = reader.get_string();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

PrompterRegistered read_registered(Reader reader) {
  PrompterRegistered out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        out.proven = get_flag(reader);
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

PromptEvent read_event(Reader reader) {
  PromptEvent out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out = read_registered(reader.get_message());
        break;
      case delimited(2):
        out = read_question(reader.get_message());
        break;
      case varint(3):
        out = QuestionWithdrawn{reader.get_uint64()};
        break;
      case delimited(4):
        out = PrompterNotice{reader.get_string()};
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

std::optional<Question> read_optional_question(Reader reader) {
  std::optional<Question> out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out = read_question(reader.get_message());
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

}  // namespace

Asker read_asker(Reader reader) {
  Asker out;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case delimited(1):
        out.chain.push_back(read_program(reader.get_message()));
        break;
      case varint(2):
        out.program = reader.get_uint32();
        break;
      case delimited(3):
        out.terminal = reader.get_string();
        break;
      case delimited(4):
        out.folder = reader.get_string();
        break;
      case delimited(5):
        out.unit = reader.get_string();
        break;
      case delimited(6):
        out.agent_marker = reader.get_string();
        break;
      case delimited(7):
        out.unknown_because = reader.get_string();
        break;
      default:
        reader.skip();
    }
  }
  return out;
}

Result<PromptEvent> prompt_event(const SecretBytes& message) { return decode(message, read_event); }
Result<std::optional<Question>> question_reply(const SecretBytes& message) {
  return decode(message, read_optional_question);
}

}  // namespace tacit::codec
