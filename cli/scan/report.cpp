#include "cli/scan/report.h"

#include <array>
#include <cstdio>

#include "cli/exit_code.h"
#include "cli/json.h"
#include "cli/text_parts.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

std::string_view form_name(ScanForm form) {
  switch (form) {
    case ScanForm::kPlain:
      return "plain";
    case ScanForm::kBase64:
      return "base64";
    case ScanForm::kHex:
      return "hex";
    case ScanForm::kUrl:
      return "url";
  }
  return "unknown";
}

std::string reference_to(const ItemRef& item) {
  Reference reference;
  reference.collection = item.collection;
  reference.name = item.name;
  return to_string(reference);
}

/// As `git show` takes it, where there is a commit.
std::string shown(const ScanReport& scan, const ScanOrigin& origin) {
  const std::string path = visible(scan.names(origin.path));
  return origin.commit.empty() ? path : origin.commit.substr(0, 12) + ":" + path;
}

std::string size_text(std::uint64_t bytes) {
  std::array<char, 32> text{};
  const auto count = static_cast<double>(bytes);
  if (bytes < 10'000) {
    std::snprintf(text.data(), text.size(), "%.0f bytes", count);
  } else if (bytes < 10'000'000) {
    std::snprintf(text.data(), text.size(), "%.0f kB", count / 1e3);
  } else {
    std::snprintf(text.data(), text.size(), "%.0f MB", count / 1e6);
  }
  return text.data();
}

/// `, ` between what is not empty.
void join(std::string& text, std::uint64_t count, std::string_view one, std::string_view many) {
  if (count != 0) text += (text.empty() ? "" : ", ") + counted(count, one, many);
}

void summarise(const Context& context, const ScanReport& scan, const Scanner& scanner) {
  remark("looked for " + counted(scanner.values(), "value", "values") + " in " +
         counted(scan.sources, "file", "files") + ", " + size_text(scan.bytes) + ": " +
         (scan.found.empty() ? "none found" : counted(scan.found.size(), "place", "places")));
  if (scanner.untold() != 0) {
    remark("of values that stand in very many places of a file " +
           counted(scanner.untold(), "place is not told", "places are not told"));
  }
  std::string left;
  join(left, scanner.short_values(), "value of under 8 bytes", "values of under 8 bytes");
  const std::string_view guarded = context.options.collection_given
                                       ? "that would have to be asked for"
                                       : "that would have to be asked for (-c COLLECTION asks)";
  join(left, scanner.guarded_values(), guarded, guarded);
  if (!left.empty()) remark("not looked for: " + left);
  std::string skipped;
  join(skipped, scan.repositories, "`.git` (--history scans it)", "`.git` (--history scans them)");
  join(skipped, scan.links, "symbolic link", "symbolic links");
  join(skipped, scan.special, "special file", "special files");
  if (!skipped.empty()) remark("skipped: " + skipped);
}

void write(JsonWriter& json, const ScanReport& scan, const ScanEntry& entry) {
  json.begin_object();
  json.member("path", scan.names(entry.origin.path));
  json.member("in", entry.in_name ? "name" : "content");
  json.member("line", entry.place.line);
  json.member("offset", entry.place.offset);
  json.member("length", entry.place.length);
  json.member("form", form_name(entry.place.form));
  json.member("collection", entry.place.item.collection);
  json.member("name", entry.place.item.name);
  if (!entry.origin.commit.empty()) json.member("commit", entry.origin.commit);
  if (!entry.origin.blob.empty()) json.member("blob", entry.origin.blob);
  json.end_object();
}

SecretBytes json_of(const ScanReport& scan, const Scanner& scanner) {
  JsonWriter json;
  json.begin_object();
  json.key("found");
  json.begin_array();
  for (const ScanEntry& entry : scan.found) write(json, scan, entry);
  json.end_array();
  json.member("files", scan.sources);
  json.member("bytes", scan.bytes);
  json.member("values", scanner.values());
  json.member("short_values", scanner.short_values());
  json.member("guarded_values", scanner.guarded_values());
  json.member("untold", scanner.untold());
  json.member("links", scan.links);
  json.member("special", scan.special);
  json.member("repositories", scan.repositories);
  json.member("unreadable", static_cast<std::uint64_t>(scan.unreadable.size()));
  json.end_object();
  return json.take();
}

Result<void> print_found(const ScanReport& scan) {
  std::string text;
  for (const ScanEntry& entry : scan.found) {
    text += shown(scan, entry.origin);
    if (!entry.in_name) text += ":" + std::to_string(entry.place.line);
    text += ": " + reference_to(entry.place.item);
    std::string how = entry.in_name ? "in the name" : "";
    if (entry.place.form != ScanForm::kPlain) {
      how += (how.empty() ? "" : ", ") + std::string(form_name(entry.place.form));
    }
    text += how.empty() ? "\n" : " (" + how + ")\n";
  }
  return print(text);
}

}  // namespace

int report(const Context& context, const ScanReport& scan, const Scanner& scanner) {
  const auto printed =
      context.options.json ? print(json_of(scan, scanner).bytes()) : print_found(scan);
  if (!printed.ok()) return fail(printed.error());
  for (const UnreadableFile& each : scan.unreadable) {
    complain("cannot read " + visible(scan.names(each.path)) + ": " + each.reason);
  }
  const bool silent = scan.of_message && scan.found.empty();
  if (!context.options.json && !silent) summarise(context, scan, scanner);
  if (!scan.found.empty()) return kExitFound;
  return scan.unreadable.empty() ? kExitOk : kExitFailure;
}

}  // namespace tacit::cli
