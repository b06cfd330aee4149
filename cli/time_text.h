// Points in time as a user writes and reads them.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "tacit/result.h"

namespace tacit::cli {

class JsonWriter;

/// Milliseconds since the epoch, UTC.
std::int64_t now_unix_ms();

/// When something expires: `never` (0), a duration from `now` (`90d`, `12h`, `1w2d`; units s, m,
/// h, d of 24 h, w), or a date (RFC 3339: `2027-01-31`, the start of that day in UTC, or
/// `2027-01-31T12:00:00+01:00`). Errors, kInvalidArgument: none of these; not after `now`; after
/// the year 9999.
Result<std::int64_t> parse_expiry(std::string_view text, std::int64_t now);

/// A moment in the past: a duration back from `now`, or a date as above. Errors, kInvalidArgument:
/// neither; after `now`.
Result<std::int64_t> parse_since(std::string_view text, std::int64_t now);

/// `2027-01-31 12:00:00`, in the time zone of the user ($TZ, /etc/localtime).
std::string local_time(std::int64_t unix_ms);

/// A duration as above, in milliseconds, from one second to 366 days. Error kInvalidArgument.
Result<std::int64_t> parse_lifetime(std::string_view text);

/// `2027-01-31T11:00:00Z`, with milliseconds if there are any (RFC 3339). What is after the
/// year 9999 is told as its last moment.
std::string rfc3339(std::int64_t unix_ms);
/// The same as a member of an object; null for 0.
void time_member(JsonWriter& json, std::string_view name, std::int64_t unix_ms);

}  // namespace tacit::cli
