#include "client/cpp/c/handles.h"

#include <exception>
#include <span>

namespace tacit::c {
namespace {

/// Not freed: to make another one there would be no memory.
tacit_error& out_of_memory() {
  static tacit_error error{TACIT_LIMIT, "out of memory"};
  return error;
}

}  // namespace

tacit_error* make_error(const Error& error) noexcept {
  try {
    return new tacit_error{static_cast<int>(error.code), error.message};
  } catch (...) {
    return &out_of_memory();
  }
}

tacit_error* caught() noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return &out_of_memory();
  } catch (const std::exception& problem) {
    return make_error({Reason::kInternal, problem.what()});
  } catch (...) {
    return make_error({Reason::kInternal, "an unknown exception in libtacit"});
  }
}

SecretBytes secret(const void* data, std::size_t size) {
  if (data == nullptr) return {};
  return SecretBytes::copy_of(std::span(static_cast<const unsigned char*>(data), size));
}

Result<Credential> credential(int kind, const void* data, std::size_t size) {
  Credential out;
  switch (kind) {
    case TACIT_SLOT_PASSPHRASE:
      out.kind = Credential::Kind::kPassphrase;
      break;
    case TACIT_SLOT_RECOVERY_KEY:
      out.kind = Credential::Kind::kRecoveryKey;
      break;
    case TACIT_SLOT_KEY_FILE:
      out.kind = Credential::Kind::kKeyFile;
      break;
    default:
      return Error{Reason::kInvalidArgument, "there is no slot kind " + std::to_string(kind)};
  }
  out.secret = secret(data, size);
  return out;
}

}  // namespace tacit::c

int tacit_error_code(const tacit_error* error) { return error->code; }
const char* tacit_error_message(const tacit_error* error) { return error->message.c_str(); }
void tacit_error_free(tacit_error* error) {
  if (error != &tacit::c::out_of_memory()) delete error;
}

const void* tacit_buffer_data(const tacit_buffer* buffer) {
  return tacit::c::data_of(buffer->bytes);
}
size_t tacit_buffer_size(const tacit_buffer* buffer) { return buffer->bytes.size(); }
void tacit_buffer_free(tacit_buffer* buffer) { delete buffer; }
void tacit_wipe(void* data, size_t size) { tacit::wipe(data, size); }

const char* tacit_version(void) { return tacit::version().data(); }
const char* tacit_reason_name(int reason) {
  return tacit::reason_name(static_cast<tacit::Reason>(reason)).data();
}
