#include "daemon/rpc/scan_service.h"

#include <algorithm>
#include <map>
#include <utility>

#include "daemon/rpc/convert.h"
#include "daemon/rpc/slices.h"
#include "daemon/tokens/token_value.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxItems = 20'000;
constexpr std::size_t kMaxData = std::size_t{900} << 10;
constexpr int kMaxPlaces = 256;
constexpr std::size_t kFingerprintsAtOnce = 50'000;
constexpr std::size_t kMaxReply = std::size_t{512} << 10;
/// Forms of so many items are kept while places are looked at.
constexpr std::size_t kFormsKept = 16;

}  // namespace

struct ScanService::Begun {
  std::shared_ptr<ScanBook> book;
  std::optional<std::string> collection;
  Vault::Cursor cursor;
  std::vector<ItemMetadata> rows;
  std::size_t next = 0;
  bool filled = false;
  std::vector<std::uint32_t> fingerprints;  ///< to be told, each once
  std::size_t told = 0;
};

struct ScanService::Confirmed {
  std::shared_ptr<ScanBook> book;
  int part = 0;
  int place = 0;
  int places = 0;                                         ///< of all parts
  std::size_t bytes = 0;                                  ///< of the reply, about
  std::map<std::uint32_t, std::vector<ValueForm>> forms;  ///< by the item's position; for one slice
};

ScanService::ScanService(Core& core, Server& server) : core_(core) {
  server.add_service(service_);
  server.add(service_, {"Scan.Begin", 2, true}, this, &ScanService::begin);
  server.add(service_, {"Scan.Confirm", 4, true}, this, &ScanService::confirm);
}

void ScanService::begin(StreamCall<v1::BeginScanRequest, v1::BeginScanReply>& call) {
  const v1::BeginScanRequest& request = call.request();
  const auto collection = collection_from(request.has_collection(), request.collection());
  if (!collection.ok()) return call.fail(collection.status());
  const Wanted wanted{.collection = *collection, .filtered = true, .may_ask = may_ask(request)};
  authorized(core_, call, wanted,
             [this, &call, collection = *collection](const AccessVerdict& verdict) {
               const ProcessKey& owner = call.peer().process->key;
               auto begun = std::make_shared<Begun>();
               begun->book = desk_.begin(owner, verdict, core_.clock.now());
               begun->collection = collection;
               call.stream([this, begun](v1::BeginScanReply& reply) -> absl::StatusOr<Step> {
                 if (begun->filled) return tell(*begun, reply);
                 return fill_book(*begun);
               });
             });
}

absl::StatusOr<Step> ScanService::fill_book(Begun& begun) {
  const Slice slice(core_.limits);
  ScanBook& book = *begun.book;
  const absl::Status done =
      core_.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::Status {
        while (!slice.over()) {
          if (begun.next == begun.rows.size()) {
            if (begun.cursor.done) {
              begun.filled = true;
              return absl::OkStatus();
            }
            auto rows = vault.list(begun.collection, true, begun.cursor, kRowsAtOnce);
            if (!rows.ok()) return rows.status();
            begun.rows = *std::move(rows);
            begun.next = 0;
            continue;
          }
          const ItemMetadata& row = begun.rows[begun.next++];
          if (!core_.access.shows(book.verdict, row, Verb::kRead)) {
            ++book.guarded_values;
            continue;
          }
          if (book.items.size() >= kMaxItems) {
            return make_error(Reason::kLimit,
                              "a scan looks for at most 20,000 values; name a collection");
          }
          absl::StatusOr<Item> item = vault.get(row.where);
          // Gone since it was listed.
          if (reason_of(item.status()) == Reason::kNotFound) continue;
          if (!item.ok()) return item.status();
          const auto secrets = secrets_of(*std::move(item));
          if (!secrets.ok()) return secrets.status();
          book.add(row, *secrets);
        }
        return absl::OkStatus();
      });
  if (!done.ok()) return done;
  if (!begun.filled) return Step::kAgain;
  std::ranges::sort(book.entries, {}, &ScanBook::Entry::fingerprint);
  for (const ScanBook::Entry& entry : book.entries) {
    if (begun.fingerprints.empty() || begun.fingerprints.back() != entry.fingerprint) {
      begun.fingerprints.push_back(entry.fingerprint);
    }
  }
  return Step::kAgain;
}

Step ScanService::tell(Begun& begun, v1::BeginScanReply& reply) {
  const ScanBook& book = *begun.book;
  if (begun.told > begun.fingerprints.size()) return Step::kEnd;
  reply.set_scan_id(book.id);
  reply.set_multiplier(book.multiplier);
  const std::size_t end = std::min(begun.told + kFingerprintsAtOnce, begun.fingerprints.size());
  for (; begun.told < end; ++begun.told) reply.add_fingerprints(begun.fingerprints[begun.told]);
  if (end == begun.fingerprints.size()) {
    ++begun.told;  // beyond the end: the last was told
    reply.set_reach_before(static_cast<std::uint32_t>(book.reach_before));
    reply.set_reach_after(static_cast<std::uint32_t>(book.reach_after));
    reply.set_values(book.items.size());
    reply.set_short_values(book.short_values);
    reply.set_guarded_values(book.guarded_values);
    reply.set_complete(true);
  }
  return Step::kSend;
}

void ScanService::confirm(Confirmation& call) {
  const v1::ConfirmScanRequest& request = call.request();
  std::size_t bytes = 0;
  int places = 0;
  bool inside = true;
  for (const v1::ScanPart& part : request.parts()) {
    bytes += part.data().size();
    places += part.places_size();
    for (const std::uint32_t place : part.places()) {
      inside =
          inside && part.data().size() >= kScanWindow && place <= part.data().size() - kScanWindow;
    }
  }
  if (bytes > kMaxData || places > kMaxPlaces || !inside) {
    return call.fail(make_error(Reason::kInvalidArgument,
                                "at most 900 KiB of data with 256 places inside it are confirmed "
                                "at once"));
  }
  if (const auto gate = core_.session.unlocked(Use::kPassive); !gate.ok()) {
    return call.fail(gate.status());
  }
  auto work = std::make_shared<Confirmed>();
  work->places = places;
  work->book = desk_.find(request.scan_id(), call.peer().process->key, core_.clock.now());
  AuditEntry entry;
  entry.asker = work->book ? work->book->verdict.asker : call.peer().asker->now();
  entry.verb = call.verb();
  entry.method = call.name();
  entry.verdict = work->book ? AuditVerdict::kAllowed : AuditVerdict::kDenied;
  entry.rule = work->book ? "scan" : "no scan";
  core_.audit.note(entry).IgnoreError();  // a read, as Begin
  if (!work->book) {
    return call.fail(make_error(Reason::kNotFound,
                                "the scan is over: the vault was locked, or it was not used for "
                                "long; begin it anew"));
  }
  call.in_slices([this, work, &call] {
    const absl::StatusOr<bool> all = look(*work, call);
    if (!all.ok()) return call.fail(all.status());
    if (!*all) return call.again();
    call.finish(absl::OkStatus());
  });
}

absl::StatusOr<bool> ScanService::look(Confirmed& work, Confirmation& call) {
  const Slice slice(core_.limits);
  const v1::ConfirmScanRequest& request = call.request();
  const absl::Status done =
      core_.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::Status {
        for (bool looked = false; work.part < request.parts_size();) {
          const v1::ScanPart& part = request.parts(work.part);
          if (work.place == part.places_size()) {
            ++work.part;
            work.place = 0;
            continue;
          }
          if (std::exchange(looked, true) && slice.over()) return absl::OkStatus();
          absl::Status status = look_at(vault, work, part, part.places(work.place++), call.reply());
          if (!status.ok()) return status;
        }
        return absl::OkStatus();
      });
  work.forms.clear();
  if (!done.ok()) return done;
  return work.part == request.parts_size();
}

absl::StatusOr<const std::vector<ValueForm>*> ScanService::forms_now(Vault& vault, Confirmed& work,
                                                                     std::uint32_t item) {
  if (const auto there = work.forms.find(item); there != work.forms.end()) return &there->second;
  if (work.forms.size() >= kFormsKept) work.forms.clear();
  const ScanBook::Scanned& scanned = work.book->items[item];
  std::vector<ValueForm>& fresh = work.forms[item];
  const auto ids = vault.find(scanned.where);
  if (!ids.ok()) return ids.status();
  // Renamed, deleted or guarded since the scan was begun: it has no forms any more.
  if (!*ids || !(*ids)->live || (*ids)->item != scanned.id) return &fresh;
  ItemMetadata row;
  row.id = scanned.id;
  row.collection_id = (*ids)->collection;
  row.where = scanned.where;
  if (!core_.access.shows(work.book->verdict, row, Verb::kRead)) return &fresh;
  absl::StatusOr<Item> there = vault.get(scanned.where);
  if (!there.ok()) return there.status();
  const auto secrets = secrets_of(*std::move(there));
  if (!secrets.ok()) return secrets.status();
  fresh = forms_of_all(*secrets);
  return &fresh;
}

absl::Status ScanService::look_at(Vault& vault, Confirmed& work, const v1::ScanPart& part,
                                  std::uint32_t place, v1::ConfirmScanReply& reply) {
  const ScanBook& book = *work.book;
  const std::span<const unsigned char> data(
      reinterpret_cast<const unsigned char*>(part.data().data()), part.data().size());
  const std::uint32_t fingerprint = scan_fingerprint(data.data() + place, book.multiplier);
  const auto of_fingerprint = [](const ScanBook::Entry& entry, std::uint32_t wanted) {
    return entry.fingerprint < wanted;
  };
  for (auto at =
           std::lower_bound(book.entries.begin(), book.entries.end(), fingerprint, of_fingerprint);
       at != book.entries.end() && at->fingerprint == fingerprint; ++at) {
    const ScanBook::Entry& entry = *at;
    const auto found = forms_now(vault, work, entry.item);
    if (!found.ok()) return found.status();
    const std::vector<ValueForm>& forms = **found;
    if (entry.form >= forms.size()) continue;
    const ValueForm& form = forms[entry.form];
    // Which of its windows it is; of two that are alike either one may be right.
    std::optional<ScanExtent> extent;
    for (const std::size_t window : form.windows) {
      if (!extent) extent = stands_at(form, window, data, place);
    }
    if (!extent) continue;
    const ItemName& where = book.items[entry.item].where;
    const std::size_t bytes = where.collection.size() + where.name.size() + 64;
    if (work.bytes + bytes > kMaxReply) {
      if (work.places == 1) return absl::OkStatus();
      return make_error(Reason::kLimit, "too many matches for one answer; confirm fewer places");
    }
    work.bytes += bytes;
    v1::ScanMatch& match = *reply.add_matches();
    match.set_part(static_cast<std::uint32_t>(work.part));
    match.set_place(place);
    match.set_offset(static_cast<std::uint32_t>(extent->offset));
    match.set_length(static_cast<std::uint32_t>(extent->length));
    match.set_form(static_cast<v1::ScanForm>(form.kind));
    fill(where, *match.mutable_item());
  }
  return absl::OkStatus();
}

}  // namespace tacit
