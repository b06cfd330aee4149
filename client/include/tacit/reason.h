// Why something failed: the words of proto/tacit/v1/common.proto for code that does
// not link protobuf. A test holds numbers and names against the generated enum.
#pragma once
#include <string_view>

namespace tacit {

/// Numbers are part of the contract and of the C ABI; none is ever used again.
enum class Reason : int {
  kUnspecified = 0,
  kInvalidArgument = 1,
  kValueTooLarge = 2,
  kLocked = 3,
  kNoVault = 4,
  kVaultExists = 5,
  kNotFound = 6,
  kAlreadyExists = 7,
  kVersionMismatch = 8,
  kExpired = 9,
  kWrongCredential = 10,
  kBackoff = 11,
  kPolicyDenied = 12,
  kUserDenied = 13,
  kNoPrompter = 14,
  kVaultDamaged = 15,
  kRollback = 16,
  kFork = 17,
  kVaultTooNew = 18,
  kNotAVault = 19,
  kReadOnly = 20,
  kDiskFull = 21,
  kIoError = 22,
  kVaultBusy = 23,
  kLimit = 24,
  kLastSlot = 25,
  kPermissions = 26,
  kInternal = 27,
  kUnsupported = 28,
  kUntrustedFolder = 29,
  kNotEmpty = 30,
  kRenewalNeeded = 31,
  kLoginNeeded = 32,
  kRenewalFailed = 33,
  kIsToken = 34,
  kNotToken = 35,
  kNoDaemon = 100,
  kDaemonUntrusted = 101,
  kTimeout = 102,
  kProtocol = 103,
  kCancelled = 104,
};

/// `LOCKED` for kLocked; `UNSPECIFIED` for a number outside the enum. Static storage.
std::string_view reason_name(Reason reason) noexcept;
/// The reverse; kUnspecified for an unknown name.
Reason reason_from_name(std::string_view name) noexcept;
/// The gRPC status code that goes with a reason (proto/README.md); 2 (UNKNOWN) for kUnspecified.
int grpc_code(Reason reason) noexcept;

}  // namespace tacit
