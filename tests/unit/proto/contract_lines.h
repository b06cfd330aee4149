// The contract as text: one line for each thing that a client may rely on.
#pragma once
#include <set>
#include <string>

namespace tacit {

/// Every package, service, method, message, field, oneof and enum value of proto/tacit/v1, by its
/// full name, number and type, as the generated descriptors tell them. For instance
/// `field tacit.v1.GetReply.value = 1 bytes` and
/// `rpc tacit.v1.Secrets.Get (tacit.v1.GetRequest) returns (tacit.v1.GetReply)`.
std::set<std::string> contract_lines();

}  // namespace tacit
