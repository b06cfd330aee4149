// Many values in one round trip.
#include <algorithm>
#include <map>
#include <tuple>

#include "client/cpp/checks.h"
#include "client/cpp/client_impl.h"

namespace tacit {
namespace {

Error refusal_of(codec::BatchEntry& entry) {
  const Reason reason = entry.reason != Reason::kUnspecified
                            ? entry.reason
                            : reason_from_code(static_cast<int>(std::min(entry.status_code, 100u)));
  return {reason, std::move(entry.message)};
}

struct ByPlace {
  bool operator()(const ItemRef& a, const ItemRef& b) const {
    return std::tie(a.collection, a.name) < std::tie(b.collection, b.name);
  }
};

/// The renewals that a batch calls for, each once, and whose they are.
template <class Renewal>
struct Wanted {
  std::vector<Renewal> renewals;
  std::vector<std::pair<std::size_t, std::size_t>> positions;  ///< in the batch, in `renewals`

  void add(std::size_t position, Renewal renewal) {
    const auto [known, is_new] = known_.emplace(renewal.item, renewals.size());
    if (is_new) renewals.push_back(std::move(renewal));
    positions.emplace_back(position, known->second);
  }

 private:
  std::map<ItemRef, std::size_t, ByPlace> known_;
};

}  // namespace

Result<std::vector<Result<Item>>> Client::Impl::read_batch(std::span<const Reference> references,
                                                           const ProjectRef* project) {
  std::vector<Result<Item>> out;
  for (std::size_t i = 0; i < references.size(); ++i) {
    out.emplace_back(Error{Reason::kProtocol, "the daemon left this one out of its answer"});
  }
  std::optional<Error> odd;
  const auto done = follow(
      "/tacit.v1.Secrets/GetBatch", codec::get_batch_request(references, interaction(), project),
      stream_limits(), codec::get_batch_reply, [&](codec::BatchEntry entry) {
        if (entry.index >= out.size()) {
          odd = Error{Reason::kProtocol, "the daemon answered what was not asked"};
          return false;
        }
        if (entry.status_code == 0 && entry.item) {
          out[entry.index] = *std::move(entry.item);
        } else {
          out[entry.index] = refusal_of(entry);
        }
        return true;
      });
  if (odd) return *std::move(odd);
  if (!done) return done.error();
  return out;
}

Result<std::vector<Result<SecretBytes>>> Client::get_batch(std::span<const Reference> references,
                                                           const ProjectRef* project) {
  std::vector<Result<SecretBytes>> out;
  if (references.empty()) return out;
  if (references.size() > kMaxBatch) {
    return Error{Reason::kInvalidArgument, "more than 1,000 references at once; ask in parts"};
  }
  for (const Reference& reference : references) {
    if (auto good = check_item({reference.collection, reference.name}); !good) return good.error();
  }
  auto items = impl_->read_batch(references, project);
  if (!items) return items.error();

  Wanted<Impl::Renewal> wanted;
  for (std::size_t i = 0; i < references.size(); ++i) {
    ItemRef asked{references[i].collection, references[i].name};
    auto renewal = impl_->renewal_for((*items)[i], asked);
    if (!renewal || references[i].version != 0) continue;
    if (renewal->needed && project != nullptr && asked.collection.empty()) {
      auto place = resolve_project(*project);
      if (!place) return place.error();
      renewal->item.collection = std::move(place->collection);
    }
    wanted.add(i, *std::move(renewal));
  }
  if (!wanted.renewals.empty()) {
    const auto renewed = impl_->renew(wanted.renewals, {});
    std::vector<Reference> again;
    std::vector<std::size_t> places;
    for (const auto& [place, which] : wanted.positions) {
      if (renewed[which]) {
        again.push_back(references[place]);
        places.push_back(place);
      } else if (wanted.renewals[which].needed) {
        (*items)[place] = renewed[which].error();
      }
    }
    auto fresh = again.empty() ? Result<std::vector<Result<Item>>>(std::vector<Result<Item>>())
                               : impl_->read_batch(again, project);
    if (!fresh) return fresh.error();
    for (std::size_t i = 0; i < places.size(); ++i) {
      Result<Item>& now = (*items)[places[i]];
      // What was due is good still.
      if ((*fresh)[i] || !now) now = std::move((*fresh)[i]);
    }
  }
  for (std::size_t i = 0; i < references.size(); ++i) {
    Result<Item>& item = (*items)[i];
    out.push_back(item ? pick(*std::move(item), references[i]) : Result<SecretBytes>(item.error()));
  }
  return out;
}

Result<std::vector<FoundItem>> Client::Impl::found_items(
    MessageBuffer request, const std::function<Result<std::string>()>& home) {
  std::vector<FoundItem> out;
  const auto done =
      follow("/tacit.v1.Secrets/GetBatch", std::move(request), patient_limits(),
             codec::get_batch_reply, [&](codec::BatchEntry entry) {
               if (entry.status_code == 0 && entry.item) {
                 ItemRef where{entry.item->metadata.collection, entry.item->metadata.name};
                 out.push_back({std::move(where), *std::move(entry.item)});
               } else {
                 ItemRef where = std::move(entry.failed);
                 out.push_back({std::move(where), refusal_of(entry)});
               }
               return true;
             });
  if (!done) return done.error();

  Wanted<Renewal> wanted;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (auto renewal = renewal_for(out[i].item, out[i].where)) {
      wanted.add(i, *std::move(renewal));
    }
  }
  if (wanted.renewals.empty()) return out;
  const auto renewed = renew(wanted.renewals, {});
  for (const auto& [place, which] : wanted.positions) {
    FoundItem& found = out[place];
    if (!renewed[which]) {
      if (!found.item) found.item = renewed[which].error();
      continue;
    }
    auto fresh = get_as_it_is({found.where.collection, found.where.name}, 0);
    if (!fresh && found.item) continue;
    if (fresh && found.item) {
      fresh->metadata.inherited = found.item->metadata.inherited;
    } else if (fresh) {
      auto asked = home();
      if (!asked) return asked.error();
      const std::string collection = asked->empty() ? std::string(kDefaultCollection) : *asked;
      fresh->metadata.inherited = found.where.collection != collection;
    }
    found.item = std::move(fresh);
  }
  return out;
}

}  // namespace tacit
