#include "daemon/rpc/scan_desk.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "daemon/crypto/keys.h"  // random_bytes

namespace tacit {
namespace {

std::uint64_t random_number() {
  std::array<unsigned char, 8> bytes{};
  random_bytes(bytes);
  std::uint64_t number = 0;
  for (const unsigned char byte : bytes) number = number << 8 | byte;
  return number;
}

}  // namespace

std::vector<ValueForm> forms_of_all(std::span<const SecretBytes> secrets) {
  std::vector<ValueForm> all;
  for (const SecretBytes& secret : secrets) {
    std::ranges::move(forms_of(secret.bytes()), std::back_inserter(all));
  }
  return all;
}

void ScanBook::add(const ItemMetadata& item, std::span<const SecretBytes> secrets) {
  const std::vector<ValueForm> forms = forms_of_all(secrets);
  if (forms.empty()) {
    ++short_values;
    return;
  }
  items.push_back({item.id, item.where});
  for (std::size_t i = 0; i < forms.size(); ++i) {
    const ValueForm& form = forms[i];
    for (const std::size_t window : form.windows) {
      entries.push_back({scan_fingerprint(form.text.bytes().data() + window, multiplier),
                         static_cast<std::uint32_t>(items.size() - 1),
                         static_cast<std::uint16_t>(i)});
      const ScanReach reach = reach_of(form, window);
      reach_before = std::max(reach_before, reach.before);
      reach_after = std::max(reach_after, reach.after);
    }
  }
}

std::shared_ptr<ScanBook> ScanDesk::begin(const ProcessKey& owner, const AccessVerdict& verdict,
                                          BootTime now) {
  if (books_.size() >= kMaxScans) books_.pop_front();
  auto book = std::make_shared<ScanBook>();
  book->id = random_number();
  book->multiplier = random_number() | 1;
  book->owner = owner;
  book->verdict = verdict;
  book->used = now;
  books_.push_back(book);
  return book;
}

std::shared_ptr<ScanBook> ScanDesk::find(std::uint64_t id, const ProcessKey& owner, BootTime now) {
  std::erase_if(books_, [&](const auto& book) { return now - book->used > kIdle; });
  const auto found = std::ranges::find_if(
      books_, [&](const auto& book) { return book->id == id && book->owner == owner; });
  if (found == books_.end()) return nullptr;
  const std::shared_ptr<ScanBook> book = *found;
  book->used = now;
  books_.splice(books_.end(), books_, found);
  return book;
}

}  // namespace tacit
