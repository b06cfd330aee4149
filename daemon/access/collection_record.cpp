#include "daemon/access/collection_record.h"

#include <algorithm>

#include "daemon/base/status.h"
#include "daemon/vault/codec.h"

namespace tacit {
namespace {

constexpr std::uint8_t kKeptLayout = 4;
constexpr std::uint8_t kFolderLayout = 5;
constexpr std::uint8_t kProjectFlag = 1;
constexpr std::size_t kKeptBytes = 1 + 1 + 16 + 8;
constexpr std::size_t kFolderFixedBytes = 1 + 8 + 8 + 8 + 2;
constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

absl::StatusOr<ProjectId> project_id_from(std::string_view text) {
  ProjectId id{};
  std::size_t digits = 0;
  bool good = text.size() == kForm.size();
  for (std::size_t i = 0; good && i < kForm.size(); ++i) {
    if (kForm[i] == '-') {
      good = text[i] == '-';
      continue;
    }
    const int value = digit(text[i]);
    good = value >= 0;
    if (good) id[digits / 2] = static_cast<unsigned char>(id[digits / 2] << 4 | value);
    ++digits;
  }
  if (good) return id;
  return make_error(Reason::kInvalidArgument,
                    "a project's id is a UUID as text: 8-4-4-4-12 hexadecimal digits in lower "
                    "case, as in 0f8fad5b-d9cb-469f-a165-70867728950e");
}

std::string project_id_text(const ProjectId& id) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out(kForm);
  std::size_t digits = 0;
  for (char& c : out) {
    if (c == '-') continue;
    c = kHex[digits % 2 == 0 ? id[digits / 2] >> 4 : id[digits / 2] & 15];
    ++digits;
  }
  return out;
}

bool is_canonical(std::string_view path) {
  if (path.empty() || path.front() != '/' || path.size() > kMaxFolderBytes ||
      path.find('\0') != std::string_view::npos) {
    return false;
  }
  if (path == "/") return true;
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return true;
}

SecretBytes encode_kept(const KeptCollection& record) {
  SecretBytes out(kKeptBytes);
  FieldWriter writer(out.writable());
  writer.u8(kKeptLayout);
  writer.u8(record.project ? kProjectFlag : 0);
  writer.raw(record.project.value_or(ProjectId{}));
  writer.i64(record.since);
  return out;
}

std::optional<KeptCollection> decode_kept(const SecretBytes& record) {
  FieldReader in(record.bytes());
  KeptCollection out;
  const std::uint8_t layout = in.u8();
  const std::uint8_t flags = in.u8();
  ProjectId project{};
  in.array(project);
  out.since = in.i64();
  if (!in.done() || layout != kKeptLayout || flags > kProjectFlag ||
      (flags == 0 && project != ProjectId{})) {
    return std::nullopt;
  }
  if (flags != 0) out.project = project;
  return out;
}

SecretBytes encode_folder(const ProjectFolder& folder) {
  SecretBytes out(kFolderFixedBytes + folder.path.size());
  FieldWriter writer(out.writable());
  writer.u8(kFolderLayout);
  writer.u64(folder.device);
  writer.u64(folder.inode);
  writer.i64(folder.trusted);
  writer.text(folder.path);
  return out;
}

std::optional<ProjectFolder> decode_folder(const SecretBytes& record) {
  FieldReader in(record.bytes());
  ProjectFolder out;
  const std::uint8_t layout = in.u8();
  out.device = in.u64();
  out.inode = in.u64();
  out.trusted = in.i64();
  out.path = in.text();
  if (!in.done() || layout != kFolderLayout || !is_canonical(out.path)) return std::nullopt;
  return out;
}

}  // namespace tacit
