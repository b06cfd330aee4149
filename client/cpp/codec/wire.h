// What every message's codec uses: protozero's reader and writer (protocol buffers wire format).
#pragma once
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>

#include "client/cpp/channel/message_buffer.h"
#include "tacit/client.h"

namespace tacit::codec {

using Reader = protozero::pbf_reader;
using Writer = MessageWriter;

/// For `switch (reader.tag_and_type())`: a field counts only with its own wire type, so that a
/// hostile reply is skipped and never misread.
constexpr std::uint32_t varint(std::uint32_t field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::varint);
}
constexpr std::uint32_t delimited(std::uint32_t field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::length_delimited);
}

/// Not by protozero 1.7's get_bool, which reads one byte beyond a message that ends in its tag.
inline bool get_flag(Reader& reader) { return reader.get_uint64() != 0; }

inline SecretBytes get_secret(Reader& reader) {
  const auto view = reader.get_view();
  return SecretBytes::copy_of(std::string_view(view.data(), view.size()));
}

inline void add_text(Writer& writer, std::uint32_t field, std::string_view text) {
  writer.add_bytes(field, text.data(), text.size());
}

inline void add_secret(Writer& writer, std::uint32_t field, const SecretBytes& secret) {
  const auto bytes = secret.bytes();
  // Not null even when empty: protozero passes it to memcpy.
  const char* data = bytes.empty() ? "" : reinterpret_cast<const char*>(bytes.data());
  writer.add_bytes(field, data, bytes.size());
}

/// The elements of a message that is one list: field 1, each read by `read_one`.
template <auto read_one>
auto read_list(Reader reader) {
  std::vector<decltype(read_one(Reader()))> out;
  while (reader.next()) {
    if (reader.tag_and_type() == delimited(1)) {
      out.push_back(read_one(reader.get_message()));
    } else {
      reader.skip();
    }
  }
  return out;
}

/// Reads one whole message with `read`; a malformed one is kProtocol.
template <class Read>
auto decode(const SecretBytes& message, Read read) -> Result<decltype(read(Reader()))> {
  try {
    const auto bytes = message.bytes();
    return read(Reader(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  } catch (const protozero::exception&) {
    return Error{Reason::kProtocol, "the daemon's answer is not of this contract (malformed)"};
  }
}

}  // namespace tacit::codec
