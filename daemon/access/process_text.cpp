#include "daemon/access/process_text.h"

#include <limits.h>
#include <sodium.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <charconv>

#include "daemon/crypto/tag.h"  // bytes_of

namespace tacit {
namespace {

constexpr std::size_t kLongestName = 128;
// ld.so(8): what runs inside every program that is started with it.
constexpr std::array<std::string_view, 3> kPreloads{"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT"};
constexpr std::string_view kFolderVariable = "PWD";

// Cuts the next word off; empty at the end.
std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(" \n"));
  text.remove_prefix(word.size());
  return word;
}

template <class Number>
bool read_number(std::string_view word, Number& out) {
  const auto parsed = std::from_chars(word.data(), word.data() + word.size(), out);
  return !word.empty() && parsed.ec == std::errc() && parsed.ptr == word.data() + word.size();
}

// As the kernel encodes it for old programs: minor in bits 0-7 and 20-31, major in 8-19.
dev_t device_of(std::uint32_t number) {
  return makedev((number >> 8) & 0xfff, (number & 0xff) | ((number >> 12) & 0xfff00));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(separator));
    if (!part.empty()) parts.push_back(part);
    text.remove_prefix(std::min(part.size() + 1, text.size()));
  }
  return parts;
}

// The control group of a line `ID:CONTROLLERS:PATH`, if it is the one that systemd keeps: version
// 2's, or version 1's named `systemd`.
std::optional<std::string_view> systemd_path(std::string_view line) {
  const std::size_t first = line.find(':');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = line.find(':', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const std::string_view controllers = line.substr(first + 1, second - first - 1);
  if (!controllers.empty() && controllers != "name=systemd") return std::nullopt;
  return line.substr(second + 1);
}

bool is_hex_id(std::string_view text) {
  return text.size() >= 12 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string unit_of_path(std::string_view path) {
  const std::vector<std::string_view> parts = split(path, '/');
  for (std::size_t i = parts.size(); i-- > 0;) {
    const std::string_view part = parts[i];
    if (part.ends_with(".scope")) {
      const bool login = part.starts_with("session-") || part == "init.scope";
      return login ? std::string() : std::string(part);
    }
    if (part.ends_with(".service")) {
      return part.starts_with("user@") ? std::string() : std::string(part);
    }
    // Without systemd inside: `/docker/ID`, `/lxc/NAME`, `/kubepods/.../ID`.
    if (is_hex_id(part)) return std::string(part);
    if (i > 0 && (parts[i - 1] == "docker" || parts[i - 1].starts_with("lxc"))) {
      return std::string(part);
    }
  }
  return {};
}

}  // namespace

std::optional<ProcessStat> parse_stat(std::string_view text) {
  // The second field, the program's name in parentheses, may hold anything, `) ` too.
  const std::size_t name_begin = text.find('(');
  const std::size_t name_end = text.rfind(')');
  if (name_begin >= name_end || name_end == std::string_view::npos) return std::nullopt;
  ProcessStat stat;
  stat.name = text.substr(name_begin + 1, name_end - name_begin - 1);
  text.remove_prefix(name_end + 1);
  std::int32_t terminal = 0;
  for (int field = 3; field <= 51; ++field) {
    const std::string_view word = next_word(text);
    bool read = true;
    const auto image = [&](std::size_t index) { read = read_number(word, stat.image[index]); };
    switch (field) {
      case 4:
        read = read_number(word, stat.parent);
        break;
      case 6:
        read = read_number(word, stat.session);
        break;
      case 7:
        read = read_number(word, terminal);
        break;
      case 22:
        read = read_number(word, stat.start_time);
        break;
      case 26:
        image(0);
        break;
      case 27:
        image(1);
        break;
      case 28:
        image(2);
        break;
      case 48:
        image(3);
        break;
      case 49:
        image(4);
        break;
      case 50:
        image(5);
        break;
      case 51:
        image(6);
        break;
      default:
        read = !word.empty();
    }
    if (!read) return std::nullopt;
  }
  if (stat.parent < 0 || stat.session < 0) return std::nullopt;
  stat.terminal = terminal == 0 ? 0 : device_of(static_cast<std::uint32_t>(terminal));
  return stat;
}

std::vector<std::string> split_arguments(std::string_view text) {
  std::vector<std::string> arguments;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\0'), text.size());
    arguments.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return arguments;
}

std::string unit_of(std::string_view cgroup) {
  for (const std::string_view line : split(cgroup, '\n')) {
    const auto path = systemd_path(line);
    if (!path) continue;
    if (std::string unit = unit_of_path(*path); !unit.empty()) return unit;
  }
  return {};
}

CgroupId cgroup_id(std::string_view cgroup) {
  CgroupId id;
  const Bytes text = bytes_of(cgroup);
  crypto_generichash(id.data(), id.size(), text.data(), text.size(), nullptr, 0);
  return id;
}

bool is_service_manager(std::string_view cgroup) {
  return std::ranges::any_of(split(cgroup, '\n'), [](std::string_view line) {
    const auto path = systemd_path(line);
    return path && path->ends_with("/init.scope");
  });
}

void EnvironmentScan::name_ended() {
  part_ = Part::kRest;
  if (marker_.empty() && std::ranges::find(markers_, name_) != markers_.end()) {
    part_ = Part::kFirstOfValue;
  } else if (preload_.empty() && std::ranges::find(kPreloads, name_) != kPreloads.end()) {
    part_ = Part::kFirstOfValue;
  } else if (name_ == kFolderVariable && folder_.empty()) {
    part_ = Part::kFolder;
  }
}

void EnvironmentScan::read(std::string_view piece) {
  while (!piece.empty()) {
    if (part_ == Part::kRest) {
      const std::size_t end = piece.find('\0');
      if (end == std::string_view::npos) return;
      piece.remove_prefix(end);
    }
    const char c = piece.front();
    piece.remove_prefix(1);
    if (c == '\0') {
      name_.clear();
      part_ = Part::kName;
    } else if (part_ == Part::kName) {
      if (c == '=') {
        name_ended();
      } else if (name_.size() < kLongestName) {
        name_ += c;
      } else {
        part_ = Part::kRest;  // longer than any name that is looked for
      }
    } else if (part_ == Part::kFirstOfValue) {
      const bool preloads = std::ranges::find(kPreloads, name_) != kPreloads.end();
      (preloads ? preload_ : marker_) = name_;
      part_ = Part::kRest;
    } else if (folder_.size() < PATH_MAX) {
      folder_ += c;
    }
  }
}

}  // namespace tacit
