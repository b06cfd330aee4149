#include "cli/run/settings.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "cli/ask_value.h"
#include "cli/environment.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

using Values = std::vector<Result<SecretBytes>>;

/// The attribute that names the variable of a value, and with another's key behind it, of that.
constexpr std::string_view kVariableAttribute = "env";
constexpr std::string_view kOfAttribute = "env.";

Error wrong(std::string message) { return {Reason::kInvalidArgument, std::move(message)}; }

/// The reference with the project's collection in its place.
Reference whole(const Place& place, Reference reference) {
  if (reference.collection.empty()) reference.collection = place.collection;
  return reference;
}

/// Where all is asked for and not given: it can be had for less.
Error in_bulk(const Error& error) {
  switch (error.code) {
    case Reason::kPolicyDenied:
    case Reason::kUserDenied:
    case Reason::kNoPrompter:
      return {error.code,
              error.message +
                  "; or say by --only or -e what is needed, or let the user allow all of "
                  "it by `tacit grant`"};
    default:
      return error;
  }
}

class Reader {
 public:
  Reader(const Reading& reading, const Wanted& wanted, const Place& place,
         const RunOptions& options)
      : reading_(reading), wanted_(wanted), place_(place), options_(options), inherited_(environ) {}

  Result<std::vector<Setting>> read(std::vector<std::string>* skipped) {
    choose();
    if (auto done = fetch_named(); !done.ok()) return done.error();
    if (auto done = add_named(); !done.ok()) return done.error();
    for (const WantedSecret* each : whole_) {
      if (auto done = add_whole(each->reference); !done.ok()) return done.error();
    }
    if (wanted_.all) {
      if (auto done = add_all(skipped); !done.ok()) return done.error();
    }
    add_of_files();
    if (!complete_) {
      return Error{Reason::kUnspecified, "not every secret can be given"};
    }
    return std::move(settings_);
  }

 private:
  const ProjectRef* project() const { return place_.project ? &*place_.project : nullptr; }

  /// The secrets that are given whatever else is found: nobody is asked about others.
  void choose() {
    std::set<std::string_view> named;
    for (const WantedSecret& each : wanted_.secrets) {
      if (!each.of_file && !each.variable.empty()) named.insert(each.variable);
    }
    for (const WantedSecret& each : wanted_.secrets) {
      const bool there = !each.variable.empty() && inherited_.has(each.variable);
      if (there && (each.of_file || options_.keep_env)) continue;
      if (each.of_file && named.contains(each.variable)) continue;
      if (each.own_name) {
        whole_.push_back(&each);
        continue;
      }
      chosen_.push_back(&each);
      references_.push_back(each.reference);
    }
  }

  template <class Call>
  auto ask(const Use& use, const Call& call) -> decltype(call(std::declval<Client&>())) {
    if (reading_.context != nullptr) return with_session(*reading_.context, use, call);
    return call(*reading_.client);
  }

  Result<void> fetch_named() {
    if (references_.empty()) return {};
    Use use;  // one question for all of them
    for (const Reference& each : references_) {
      const Reference item = whole(place_, each);
      use.items.push_back({item.collection, item.name});
      use.versions.push_back(item.version);
    }
    auto values = ask(use, [&](Client& client) -> Result<Values> {
      auto fetched = client.get_batch(references_, project());
      if (!fetched.ok() || reading_.context == nullptr) return fetched;
      if (auto error = to_mend(*reading_.context, *fetched)) return *std::move(error);
      return fetched;
    });
    if (!values.ok()) return values.error();
    values_ = std::move(*values);
    return {};
  }

  void tell(const std::string& message) {
    complete_ = false;
    reading_.complain(message);
  }

  Error about_it(const Reference& reference, const Error& error) {
    if (reading_.context == nullptr) return error;
    return about(*reading_.context, whole(place_, reference), error);
  }

  Result<void> add_named() {
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      const WantedSecret& each = *chosen_[i];
      Result<SecretBytes>& value = values_[i];
      if (!value.ok() && value.error().code == Reason::kNotFound && options_.ask &&
          reading_.context != nullptr && may_be_asked_for(each.reference).ok()) {
        value = ask_and_store(*reading_.context, whole(place_, each.reference), "");
      }
      if (!value.ok()) {
        const std::string what = each.as == GivenAs::kInput ? "--stdin" : each.variable;
        tell(what + ": " + about_it(each.reference, value.error()).message);
      } else if (each.of_file) {
        of_files_.emplace(each.variable, std::move(*value));
      } else if (auto added = add(each.as, each.variable, std::move(*value), each.reference.name);
                 !added.ok()) {
        return added;
      }
    }
    return {};
  }

  /// One of --only. That the folder is trusted was asked before.
  Result<void> add_whole(const Reference& reference) {
    const Reference at = whole(place_, reference);
    auto item = ask(use_of(Verb::kRead, at),
                    [&](Client& client) { return client.get(at.collection, at.name, at.version); });
    if (!item.ok()) {
      tell("--only: " + about_it(reference, item.error()).message);
      return {};
    }
    std::vector<std::string> skipped;
    if (auto added = add_item(*item, reference.name, skipped); !added.ok()) return added;
    if (skipped.empty()) return {};
    return wrong("`" + visible(skipped.front()) +
                 "` is no name for a variable; say -e VARIABLE=" + visible(shown_name(at)));
  }

  /// Its value, and those attributes that have a variable, too.
  Result<void> add_item(Item& item, const std::string& name, std::vector<std::string>& skipped) {
    const Attributes& attributes = item.metadata.attributes;
    const auto own = attributes.find(std::string(kVariableAttribute));
    if (own != attributes.end()) {
      if (auto good = check_variable(name, own->first, own->second); !good.ok()) return good;
    }
    const std::string& variable = own == attributes.end() ? name : own->second;
    if (!is_variable_name(variable)) {
      skipped.push_back(variable);
    } else if (auto added = add(GivenAs::kVariable, variable, std::move(item.value), name);
               !added.ok()) {
      return added;
    }
    for (const auto& [key, named] : attributes) {
      if (!key.starts_with(kOfAttribute)) continue;
      if (auto good = check_variable(name, key, named); !good.ok()) return good;
      const auto meant = attributes.find(key.substr(kOfAttribute.size()));
      if (meant == attributes.end()) {
        return wrong("`" + visible(name) + "` has the attribute `" + visible(key) +
                     "`, and not the one it is about");
      }
      if (!is_variable_name(named)) {
        skipped.push_back(named);
      } else if (auto added =
                     add(GivenAs::kVariable, named, SecretBytes::copy_of(meant->second), name);
                 !added.ok()) {
        return added;
      }
    }
    return {};
  }

  /// What an attribute says is meant; a name alone may be anything.
  static Result<void> check_variable(const std::string& item, const std::string& attribute,
                                     const std::string& variable) {
    if (!variable.empty() && variable.find('=') == std::string::npos &&
        variable.find('\0') == std::string::npos) {
      return {};
    }
    return wrong("the attribute `" + visible(attribute) + "` of `" + visible(item) + "` is `" +
                 visible(variable) +
                 "`, which no variable can be called: a name is not empty and has no = or NUL");
  }

  Result<void> add(GivenAs as, std::string variable, SecretBytes value, const std::string& item) {
    if (!variable.empty()) {
      if (options_.keep_env && inherited_.has(variable)) return {};
      const auto [before, fresh] = from_.emplace(variable, item);
      if (!fresh) {
        return wrong("both `" + visible(before->second) + "` and `" + visible(item) +
                     "` are for the variable " + variable +
                     "; leave one out, or give it another "
                     "attribute `env`");
      }
    }
    settings_.push_back({as, std::move(variable), std::move(value), true, item});
    return {};
  }

  Result<void> add_all(std::vector<std::string>* skipped) {
    Use use;
    auto items = ask(use, [&](Client& client) -> Result<std::vector<FoundItem>> {
      auto found =
          project() != nullptr ? client.get_all(*project()) : client.get_all(wanted_.collection);
      if (!found.ok() || reading_.context == nullptr) return found;
      use.items.clear();
      for (const FoundItem& each : *found) {
        if (!each.item.ok() && stands_before_all(*reading_.context, each.item.error())) {
          use.items.push_back(each.where);
        }
      }
      if (use.items.empty()) return found;
      return Error{Reason::kNoPrompter, "the user has to be asked"};
    });
    if (!items.ok()) return in_bulk(items.error());
    std::vector<std::string> of_no_variable;
    for (FoundItem& each : *items) {
      const std::string& name = each.where.name;
      if (!each.item.ok()) {
        tell("`" + visible(name) + "`: " + each.item.error().message +
             "; say --only for what is needed, to do without it");
        continue;
      }
      if (auto added = add_item(*each.item, name, of_no_variable); !added.ok()) return added;
    }
    if (skipped != nullptr) *skipped = std::move(of_no_variable);
    return {};
  }

  void add_of_files() {
    const auto free = [&](const std::string& variable) {
      return !inherited_.has(variable) && !from_.contains(variable);
    };
    for (auto& [variable, value] : of_files_) {
      if (free(variable))
        settings_.push_back({GivenAs::kVariable, variable, std::move(value), true, {}});
    }
    for (const EnvFileEntry& each : wanted_.plain) {
      if (!free(each.variable)) continue;
      settings_.push_back({GivenAs::kVariable, each.variable, each.value.clone(), false, {}});
    }
  }

  const Reading& reading_;
  const Wanted& wanted_;
  const Place& place_;
  const RunOptions& options_;
  const Environment inherited_;
  std::vector<const WantedSecret*> chosen_;
  std::vector<Reference> references_;  ///< of `chosen_`
  std::vector<const WantedSecret*> whole_;
  Values values_;  ///< of `references_`
  std::map<std::string, SecretBytes> of_files_;
  std::map<std::string, std::string> from_;  ///< variable -> which item it is of
  std::vector<Setting> settings_;
  bool complete_ = true;
};

bool same(const Setting& one, const Setting& other) {
  return one.as == other.as && one.variable == other.variable &&
         std::ranges::equal(one.value.bytes(), other.value.bytes());
}

}  // namespace

Result<Place> find_place(Context& context, const Wanted& wanted) {
  const bool bare = wanted.all || std::ranges::any_of(wanted.secrets, [](const auto& each) {
                      return each.reference.collection.empty();
                    });
  if (!wanted.project || !bare) return Place{{}, wanted.collection};
  auto folder = find_folder(wanted.project->folder);
  if (!folder.ok()) return folder.error();
  ProjectRef project{wanted.project->id, std::move(*folder), wanted.profile};
  auto found =
      with_session(context, [&](Client& client) { return client.resolve_project(project); });
  if (!found.ok()) {
    if (found.error().code != Reason::kNotFound) {
      return wanted.all ? in_bulk(found.error()) : found.error();
    }
    return Error{Reason::kNotFound, visible(wanted.project->file) + ": " + found.error().message};
  }
  if (!found->trusted()) {
    std::string known;
    for (const KnownFolder& each : found->known) known += " " + visible(each.folder.path);
    return Error{found->reason, "the secrets of the project that " + visible(wanted.project->file) +
                                    " names are not given in this folder" +
                                    (known.empty() ? "" : ", but in" + known) +
                                    "; if they should be, run `tacit project trust` here"};
  }
  return Place{std::move(project), std::move(found->collection)};
}

Result<std::vector<Setting>> read_settings(const Reading& reading, const Wanted& wanted,
                                           const Place& place, const RunOptions& options,
                                           std::vector<std::string>* skipped) {
  return Reader(reading, wanted, place, options).read(skipped);
}

std::vector<std::string> changed(const std::vector<Setting>& before,
                                 const std::vector<Setting>& now) {
  std::vector<std::string> names;
  const auto add_missing = [&](const auto& from, const auto& in) {
    for (const Setting& each : from) {
      const bool there = std::ranges::any_of(in, [&](const Setting& it) { return same(each, it); });
      const std::string name = each.as == GivenAs::kInput ? "--stdin" : each.variable;
      if (!there && std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  };
  add_missing(before, now);
  add_missing(now, before);
  return names;
}

std::vector<std::string> gone_from(const std::vector<Setting>& before,
                                   const std::vector<Setting>& now) {
  std::vector<std::string> names;
  for (const Setting& each : before) {
    if (each.item.empty() || std::ranges::find(names, each.item) != names.end()) continue;
    if (std::ranges::find(now, each.item, &Setting::item) == now.end()) names.push_back(each.item);
  }
  return names;
}

std::vector<Watched> to_watch(Client& client, const Wanted& wanted, const Place& place) {
  std::map<std::string, std::set<std::string>> names;  // empty set: all of it
  if (wanted.all) names[place.collection];
  for (const WantedSecret& each : wanted.secrets) {
    const Reference item = whole(place, each.reference);
    if (wanted.all && item.collection == place.collection) continue;
    names[item.collection].insert(item.name);
  }
  // What may not be told of inheritance is not inherited from, as far as this process sees.
  if (const auto collections = client.all_collections(); collections.ok()) {
    std::map<std::string, std::string> parents;
    for (const Collection& each : *collections) parents[each.name] = each.parent;
    constexpr int kMostParents = 32;
    for (const auto& [collection, wanted_names] : std::map(names)) {
      std::string parent = parents[collection];
      for (int i = 0; i < kMostParents && !parent.empty(); ++i, parent = parents[parent]) {
        const auto known = names.find(parent);
        if (wanted_names.empty()) {
          names[parent].clear();
        } else if (known == names.end() || !known->second.empty()) {
          names[parent].insert(wanted_names.begin(), wanted_names.end());
        }
      }
    }
  }
  std::vector<Watched> result;
  for (auto& [collection, of_it] : names) {
    result.push_back({collection, std::vector<std::string>(of_it.begin(), of_it.end())});
  }
  return result;
}

}  // namespace tacit::cli
