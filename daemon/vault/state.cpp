#include "daemon/vault/state.h"

#include "daemon/vault/codec.h"

namespace tacit {
namespace {

constexpr std::uint16_t kStateLayout = 1;

std::uint64_t lane_of(const WideTag& row, std::size_t lane) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{row[8 * lane + i]} << (8 * i);
  return value;
}

}  // namespace

void RowSum::add(const WideTag& row) noexcept {
  ++count;
  for (std::size_t i = 0; i < lanes.size(); ++i) lanes[i] += lane_of(row, i);
}

void RowSum::subtract(const WideTag& row) noexcept {
  --count;
  for (std::size_t i = 0; i < lanes.size(); ++i) lanes[i] -= lane_of(row, i);
}

void StateData::remember(const RememberedAnchor& anchor) {
  if (anchors.size() >= kRememberedAnchors) anchors.erase(anchors.begin());
  anchors.push_back(anchor);
}

StateBytes encode_state(const StateData& state) {
  StateBytes bytes{};
  FieldWriter out(bytes);
  out.u16(kStateLayout);
  out.u64(state.epoch);
  out.raw(state.lineage);
  for (const RowSum& sum : state.sums) {
    out.u64(sum.count);
    for (const std::uint64_t lane : sum.lanes) out.u64(lane);
  }
  out.raw(state.header_mac);
  out.u64(state.audit.first);
  out.u64(state.audit.next);
  out.raw(state.audit.base);
  out.raw(state.audit.head);
  out.u16(static_cast<std::uint16_t>(state.anchors.size()));
  for (const RememberedAnchor& anchor : state.anchors) {
    out.u64(anchor.epoch);
    out.raw(anchor.digest);
  }
  return bytes;
}

std::optional<StateData> decode_state(Bytes bytes) {
  if (bytes.size() != kStateBytes) return std::nullopt;
  FieldReader in(bytes);
  StateData state;
  const std::uint16_t layout = in.u16();
  state.epoch = in.u64();
  in.array(state.lineage);
  for (RowSum& sum : state.sums) {
    sum.count = in.u64();
    for (std::uint64_t& lane : sum.lanes) lane = in.u64();
  }
  in.array(state.header_mac);
  state.audit.first = in.u64();
  state.audit.next = in.u64();
  in.array(state.audit.base);
  in.array(state.audit.head);
  const std::size_t count = in.u16();
  if (layout != kStateLayout || count > kRememberedAnchors ||
      state.audit.first > state.audit.next) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < kRememberedAnchors; ++i) {
    RememberedAnchor anchor;
    anchor.epoch = in.u64();
    in.array(anchor.digest);
    if (i < count) state.anchors.push_back(anchor);
  }
  if (!in.done()) return std::nullopt;
  return state;
}

}  // namespace tacit
