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
std::string shown(const ScanOrigin& origin) {
  return origin.commit.empty() ? visible(origin.path)
                               : origin.commit.substr(0, 12) + ":" + visible(origin.path);
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

void summarise(const ScanReport& scan, const Scanner& scanner) {
  remark("looked for " + counted(scanner.values(), "value", "values") + " in " +
         counted(scan.sources, "file", "files") + ", " + size_text(scan.bytes) + ": " +
         (scan.found.empty() ? "none found" : counted(scan.found.size(), "place", "places")));
  std::string left;
  join(left, scanner.short_values(), "value of under 8 bytes", "values of under 8 bytes");
  join(left, scanner.guarded_values(), "that would have to be asked for (-c COLLECTION asks)",
       "that would have to be asked for (-c COLLECTION asks)");
  if (!left.empty()) remark("not looked for: " + left);
  std::string skipped;
  join(skipped, scan.repositories, "`.git` (--history scans it)", "`.git` (--history scans them)");
  join(skipped, scan.links, "symbolic link", "symbolic links");
  join(skipped, scan.special, "special file", "special files");
  if (!skipped.empty()) remark("skipped: " + skipped);
}

void write(JsonWriter& json, const ScanEntry& entry) {
  json.begin_object();
  json.member("path", entry.origin.path);
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
  for (const ScanEntry& entry : scan.found) write(json, entry);
  json.end_array();
  json.member("files", scan.sources);
  json.member("bytes", scan.bytes);
  json.member("values", scanner.values());
  json.member("short_values", scanner.short_values());
  json.member("guarded_values", scanner.guarded_values());
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
    text += shown(entry.origin) + ":" + std::to_string(entry.place.line) + ": " +
            reference_to(entry.place.item);
    if (entry.place.form != ScanForm::kPlain) {
      text += " (" + std::string(form_name(entry.place.form)) + ")";
    }
    text += "\n";
  }
  return print(text);
}

}  // namespace

int report(const Context& context, const ScanReport& scan, const Scanner& scanner) {
  const auto printed =
      context.options.json ? print(json_of(scan, scanner).bytes()) : print_found(scan);
  if (!printed.ok()) return fail(printed.error());
  for (const std::string& each : scan.unreadable) complain(each);
  if (!context.options.json) summarise(scan, scanner);
  if (!scan.found.empty()) return kExitFound;
  return scan.unreadable.empty() ? kExitOk : kExitFailure;
}

}  // namespace tacit::cli
