#include "cli/token/oauth/wiped_json.h"

#include <malloc.h>

#include <cstdlib>
#include <string>

namespace tacit::oauth {
namespace {

void wipe_and_free(void* block) {
  if (block != nullptr) wipe(block, ::malloc_usable_size(block));
  std::free(block);
}

Error wrong(const char* name, std::string_view what) {
  return {Reason::kProtocol, "`" + std::string(name) + "` is no " + std::string(what)};
}

}  // namespace

Result<Json> load_object(std::span<const unsigned char> text) {
  json_set_alloc_funcs(std::malloc, wipe_and_free);
  json_error_t error{};
  // Numbers as reals: an integer of any length is one.
  Json top(json_loadb(reinterpret_cast<const char*>(text.data()), text.size(),
                      JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error));
  // It quotes what it stumbled over.
  wipe(error.text, sizeof error.text);
  if (top == nullptr) return Error{Reason::kProtocol, "it is no JSON"};
  if (!json_is_object(top.get())) return Error{Reason::kProtocol, "it is no JSON object"};
  return top;
}

Result<std::optional<std::string_view>> text_member(const json_t* object, const char* name) {
  const json_t* const member = json_object_get(object, name);
  if (member == nullptr || json_is_null(member)) return std::optional<std::string_view>{};
  if (!json_is_string(member)) return wrong(name, "text");
  return std::optional(std::string_view(json_string_value(member), json_string_length(member)));
}

Result<std::optional<bool>> flag_member(const json_t* object, const char* name) {
  const json_t* const member = json_object_get(object, name);
  if (member == nullptr || json_is_null(member)) return std::optional<bool>{};
  if (!json_is_boolean(member)) return wrong(name, "`true` or `false`");
  return std::optional<bool>(json_is_true(member));
}

}  // namespace tacit::oauth
