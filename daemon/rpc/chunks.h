// A list that is there already, sent in messages of a bounded size.
#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include "daemon/rpc/core.h"
#include "daemon/rpc/stream.h"

namespace tacit {

/// `rows_of(reply)` is the repeated field that the rows go into. A message ends with the row that
/// reaches Limits::chunk_bytes. The lock gate is asked before each.
template <class CallType, class Row, class RowsOf>
void stream_chunks(Core& core, CallType& call, std::vector<Row> all, RowsOf rows_of) {
  call.stream([&core, all = std::move(all), rows_of, next = std::size_t{0}](
                  typename CallType::Reply& reply) mutable -> absl::StatusOr<Step> {
    if (const auto gate = core.session.unlocked(Use::kPassive); !gate.ok()) return gate.status();
    if (next == all.size()) return Step::kEnd;
    for (std::size_t bytes = 0; next < all.size() && bytes < core.limits.chunk_bytes; ++next) {
      bytes += all[next].ByteSizeLong();
      *rows_of(reply)->Add() = std::move(all[next]);
    }
    return Step::kSend;
  });
}

}  // namespace tacit
