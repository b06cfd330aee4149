// Whatever a server says, the client ends its call with a message or an error, and reads no
// message beyond its end. First byte: which reply is expected, and whether the rest is
// the server's HTTP/2 stream or one message.
#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "client/cpp/channel/connection.h"
#include "client/cpp/codec/access.h"
#include "client/cpp/codec/admin.h"
#include "client/cpp/codec/projects.h"
#include "client/cpp/codec/renewal.h"
#include "client/cpp/codec/replacement.h"
#include "client/cpp/codec/secrets.h"
#include "client/cpp/codec/session.h"

namespace {

using tacit::SecretBytes;

constexpr std::uint8_t kMessageOnly = 0x80;
constexpr std::uint8_t kGiveUpEarly = 0x40;
constexpr std::uint8_t kReplyKinds = 0x3f;
constexpr std::size_t kMaxStream = 64 * 1024;  // fits the socket's buffer

void require(bool promise) {
  if (!promise) std::abort();
}

void read(std::uint8_t kind, const SecretBytes& message) {
  namespace codec = tacit::codec;
  switch (kind % 40) {
    case 0:
      return (void)codec::status_reply(message);
    case 1:
      return (void)codec::create_reply(message);
    case 2:
      return (void)codec::unlock_reply(message);
    case 3:
      return (void)codec::lock_reply(message);
    case 4:
      return (void)codec::session_event(message);
    case 5:
      return (void)codec::get_batch_reply(message);
    case 6:
      return (void)codec::describe_reply(message);
    case 7:
      return (void)codec::version_reply(message);
    case 8:
      return (void)codec::metadata_list_reply(message);
    case 9:
      return (void)codec::collections_reply(message);
    case 10:
      return (void)codec::watch_reply(message);
    case 11:
      return (void)codec::list_slots_reply(message);
    case 12:
      return (void)codec::add_slot_reply(message);
    case 13:
      return (void)codec::verify_reply(message);
    case 14:
      return (void)codec::backup_reply(message);
    case 15:
      return (void)codec::rotate_reply(message);
    case 16:
      return (void)codec::get_policy_reply(message);
    case 18:
      return (void)codec::explain_reply(message);
    case 19:
      return (void)codec::list_grants_reply(message);
    case 20:
      return (void)codec::add_grant_reply(message);
    case 21:
      return (void)codec::revoke_grants_reply(message);
    case 22:
      return (void)codec::prompt_event(message);
    case 23:
      return (void)codec::question_reply(message);
    case 24:
      return (void)codec::audit_reply(message);
    case 25:
      return (void)codec::verify_audit_reply(message);
    case 27:
      return (void)codec::create_collection_reply(message);
    case 28:
      return (void)codec::deleted_reply(message);
    case 29:
      return (void)codec::all_collections_reply(message);
    case 30:
      return (void)codec::link_project_reply(message);
    case 31:
      return (void)codec::resolve_project_reply(message);
    case 32:
      return (void)codec::trust_folder_reply(message);
    case 33:
      return (void)codec::list_projects_reply(message);
    case 34:
      return (void)codec::begin_scan_reply(message);
    case 35:
      return (void)codec::confirm_scan_reply(message);
    case 36:
      return (void)codec::list_tokens_reply(message);
    case 37:
      return (void)codec::renewal_event(message);
    case 38:
      return (void)codec::show_login_reply(message);
    case 39:
      return (void)codec::replacement_step(message);
    case 40:
      return (void)codec::upload_reply(message);
    case 41:
      return (void)codec::salvage_reply(message);
    case 42:
      return (void)codec::list_old_files_reply(message);
    default: {
      const auto item = codec::get_reply(message);
      require(!item.ok() || item->value.size() <= message.size());
    }
  }
}

void converse(std::uint8_t choice, std::string_view stream) {
  std::array<int, 2> ends{};
  require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
  const tacit::FileDescriptor server(ends[1]);
  tacit::Connection connection{tacit::FileDescriptor(ends[0])};
  require(::send(server.get(), stream.data(), stream.size(), 0) ==
          static_cast<ssize_t>(stream.size()));
  require(::shutdown(server.get(), SHUT_WR) == 0);
  for (int call = 0; call < 2 && connection.usable(); ++call) {
    tacit::MessageBuffer request;
    tacit::Call about;
    about.method = "/tacit.v1.Secrets/Get";
    about.bytes = request.finish();
    about.deadline = tacit::Deadline::after(std::chrono::seconds(5));
    const tacit::CallEnd end = connection.run(about, [&](const SecretBytes& message) {
      require(message.size() <= tacit::kMaxMessageBytes);
      read(choice & kReplyKinds, message);
      return (choice & kGiveUpEarly) == 0;
    });
    if (!end.error) continue;
    require(end.error->code != tacit::Reason::kTimeout);  // the stream had ended
    require(!end.error->message.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > kMaxStream) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  if ((data[0] & kMessageOnly) != 0) {
    read(data[0] & kReplyKinds, SecretBytes::copy_of(rest));
  } else {
    converse(data[0], rest);
  }
  return 0;
}
