// Collections, projects and scans: what Client speaks of them. The members are those of
// proto/tacit/v1/{collections,projects,scan}.proto, which say more.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tacit/access.h"  // UnixMillis, ItemRef
#include "tacit/result.h"

namespace tacit {

/// One collection (proto: Collection).
struct Collection {
  std::string id;  ///< 16 bytes
  std::string name;
  std::uint64_t item_count = 0;
  std::string parent;      ///< empty: none
  bool profile = false;    ///< `parent` follows from the name
  bool kept = false;       ///< stays when its last item goes
  std::string project_id;  ///< empty: none
};

/// A folder as the system knows it (proto: Folder).
struct Folder {
  std::string path;  ///< absolute, canonical, as the system tells it: it may be no text
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
};
/// The folder at `path`, symbolic links followed. kNotFound: there is none; kIoError: it cannot be
/// looked at; the message names the path.
Result<Folder> find_folder(const std::string& path);

/// A project in a folder (proto: ProjectRef).
struct ProjectRef {
  std::string id;
  Folder folder;
  std::string profile;  ///< empty: none
};

/// A UUID as text, 8-4-4-4-12 digits in lower case; else kInvalidArgument, which says so.
Result<void> check_project_id(std::string_view id);

struct KnownFolder {
  Folder folder;
  bool same_folder = false;  ///< the folder asked about was moved from here
  UnixMillis trusted = 0;
};

/// proto: ResolveProjectReply.
struct ProjectPlace {
  std::string collection;
  Reason reason = Reason::kUnspecified;  ///< or kUntrustedFolder
  std::vector<KnownFolder> known;        ///< with a reason
  bool known_withheld = false;           ///< `known` is not for this program

  bool trusted() const { return reason == Reason::kUnspecified; }
};

struct Project {
  std::string id;
  std::string collection;
  std::vector<KnownFolder> folders;
  std::uint64_t item_count = 0;
  UnixMillis linked = 0;
};

struct LinkedProject {
  std::string collection;
  bool created = false;
};

struct TrustedFolder {
  std::string collection;
  std::string moved_from;  ///< empty: it was not moved
};

/// How a value stands in data.
enum class ScanForm { kPlain = 1, kBase64 = 2, kHex = 3, kUrl = 4 };

/// What Client::begin_scan gives, for Scanner (proto: BeginScanReply).
struct ScanSieve {
  std::uint64_t scan_id = 0;
  std::uint64_t multiplier = 0;
  std::vector<std::uint32_t> fingerprints;
  std::uint32_t reach_before = 0;
  std::uint32_t reach_after = 0;
  std::uint64_t values = 0;
  std::uint64_t short_values = 0;
  std::uint64_t guarded_values = 0;
  bool complete = false;
};

/// For Client::confirm_scan (proto: ScanPart). The data is the caller's.
struct ScanPart {
  std::span<const unsigned char> data;
  std::vector<std::uint32_t> places;
};

/// proto: ScanMatch.
struct ScanHit {
  std::uint32_t part = 0;
  std::uint32_t place = 0;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  ScanForm form = ScanForm::kPlain;
  ItemRef item;
};

}  // namespace tacit
