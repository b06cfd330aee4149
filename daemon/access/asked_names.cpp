#include "daemon/access/asked_names.h"

#include <algorithm>

namespace tacit {
namespace {

std::string with_versions(std::string name, std::vector<std::uint64_t> versions) {
  std::ranges::sort(versions);
  versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
  const bool newest = versions.front() == 0;
  if (newest && versions.size() == 1) return name;
  name += newest ? " (newest, " : " (";
  name += versions.size() - (newest ? 1 : 0) == 1 ? "version" : "versions";
  const char* before = " ";
  for (std::size_t i = newest ? 1 : 0; i < versions.size(); ++i) {
    name += before + std::to_string(versions[i]);
    before = ", ";
  }
  return name + ")";
}

}  // namespace

void AskedNames::add(const std::string& name, std::uint64_t version) {
  const auto known = std::ranges::find(all_, name, &decltype(all_)::value_type::first);
  if (known == all_.end()) {
    all_.push_back({name, {version}});
  } else {
    known->second.push_back(version);
  }
}

std::vector<std::string> AskedNames::take() {
  std::vector<std::string> names;
  names.reserve(all_.size());
  for (auto& [name, versions] : std::exchange(all_, {})) {
    names.push_back(with_versions(std::move(name), std::move(versions)));
  }
  return names;
}

}  // namespace tacit
