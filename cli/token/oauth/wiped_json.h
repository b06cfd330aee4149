// JSON by jansson, whose every block is wiped.
#pragma once
#include <jansson.h>

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "tacit/result.h"
#include "tacit/secret_bytes.h"

namespace tacit::oauth {

struct ReleaseJson {
  void operator()(json_t* value) const { json_decref(value); }
};
using Json = std::unique_ptr<json_t, ReleaseJson>;

/// An object (RFC 8259). Error kProtocol, quoting nothing: it is none, or has a member twice.
Result<Json> load_object(std::span<const unsigned char> text);

// Members of an object. Absent or null: nothing. Error kProtocol, naming the member: of another
// type.
Result<std::optional<std::string_view>> text_member(const json_t* object, const char* name);
Result<std::optional<bool>> flag_member(const json_t* object, const char* name);

}  // namespace tacit::oauth
