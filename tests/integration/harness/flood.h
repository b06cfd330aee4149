// Clients that misbehave on purpose, without end: what tacit_test_peer does to a daemon.
#pragma once
#include <string>

namespace tacit::test {

/// Goes on until it is killed. Prints `begun` when the first of it has been sent. Kinds:
///   storm      connects and hangs up, as fast as can be
///   resets     begins a call and resets it (CVE-2023-44487)
///   calls      makes whole calls and resets each before its answer
///   streams    begins calls and never ends their requests
///   answers    makes whole calls, more at once than it may, and takes no answer
///   pings      asks for answers of HTTP/2 itself and reads none of them
///   settings   likewise
///   headers    one header block without an end
///   bomb       header blocks of 20 KB that stand for 60 MB each
///   windows    opens windows that are open
///   drip       sixty connections that send a call a byte at a time
///   bodies     sixty connections with 32 calls each, of which every request lacks its last byte
/// Throws std::invalid_argument for any other.
[[noreturn]] void flood(const std::string& kind, const std::string& socket);

}  // namespace tacit::test
