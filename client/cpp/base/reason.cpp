#include "tacit/reason.h"

#include <algorithm>
#include <iterator>

namespace tacit {
namespace {

// gRPC status codes (https://grpc.github.io/grpc/core/md_doc_statuscodes.html).
enum Code {
  kGrpcCancelled = 1,
  kGrpcUnknown = 2,
  kGrpcInvalidArgument = 3,
  kGrpcDeadlineExceeded = 4,
  kGrpcNotFound = 5,
  kGrpcAlreadyExists = 6,
  kGrpcPermissionDenied = 7,
  kGrpcResourceExhausted = 8,
  kGrpcFailedPrecondition = 9,
  kGrpcAborted = 10,
  kGrpcUnimplemented = 12,
  kGrpcInternal = 13,
  kGrpcUnavailable = 14,
  kGrpcDataLoss = 15,
  kGrpcUnauthenticated = 16,
};

struct Row {
  Reason reason;
  std::string_view name;
  Code code;
};

constexpr Row kRows[] = {
    {Reason::kUnspecified, "UNSPECIFIED", kGrpcUnknown},
    {Reason::kInvalidArgument, "INVALID_ARGUMENT", kGrpcInvalidArgument},
    {Reason::kValueTooLarge, "VALUE_TOO_LARGE", kGrpcInvalidArgument},
    {Reason::kLocked, "LOCKED", kGrpcFailedPrecondition},
    {Reason::kNoVault, "NO_VAULT", kGrpcFailedPrecondition},
    {Reason::kVaultExists, "VAULT_EXISTS", kGrpcAlreadyExists},
    {Reason::kNotFound, "NOT_FOUND", kGrpcNotFound},
    {Reason::kAlreadyExists, "ALREADY_EXISTS", kGrpcAlreadyExists},
    {Reason::kVersionMismatch, "VERSION_MISMATCH", kGrpcAborted},
    {Reason::kExpired, "EXPIRED", kGrpcFailedPrecondition},
    {Reason::kWrongCredential, "WRONG_CREDENTIAL", kGrpcUnauthenticated},
    {Reason::kBackoff, "BACKOFF", kGrpcResourceExhausted},
    {Reason::kPolicyDenied, "POLICY_DENIED", kGrpcPermissionDenied},
    {Reason::kUserDenied, "USER_DENIED", kGrpcPermissionDenied},
    {Reason::kNoPrompter, "NO_PROMPTER", kGrpcPermissionDenied},
    {Reason::kVaultDamaged, "VAULT_DAMAGED", kGrpcDataLoss},
    {Reason::kRollback, "ROLLBACK", kGrpcDataLoss},
    {Reason::kFork, "FORK", kGrpcDataLoss},
    {Reason::kVaultTooNew, "VAULT_TOO_NEW", kGrpcFailedPrecondition},
    {Reason::kNotAVault, "NOT_A_VAULT", kGrpcDataLoss},
    {Reason::kReadOnly, "READ_ONLY", kGrpcFailedPrecondition},
    {Reason::kDiskFull, "DISK_FULL", kGrpcResourceExhausted},
    {Reason::kIoError, "IO_ERROR", kGrpcInternal},
    {Reason::kVaultBusy, "VAULT_BUSY", kGrpcFailedPrecondition},
    {Reason::kLimit, "LIMIT", kGrpcResourceExhausted},
    {Reason::kLastSlot, "LAST_SLOT", kGrpcFailedPrecondition},
    {Reason::kPermissions, "PERMISSIONS", kGrpcFailedPrecondition},
    {Reason::kInternal, "INTERNAL", kGrpcInternal},
    {Reason::kUnsupported, "UNSUPPORTED", kGrpcUnimplemented},
    {Reason::kUntrustedFolder, "UNTRUSTED_FOLDER", kGrpcPermissionDenied},
    {Reason::kNotEmpty, "NOT_EMPTY", kGrpcFailedPrecondition},
    {Reason::kRenewalNeeded, "RENEWAL_NEEDED", kGrpcFailedPrecondition},
    {Reason::kLoginNeeded, "LOGIN_NEEDED", kGrpcFailedPrecondition},
    {Reason::kRenewalFailed, "RENEWAL_FAILED", kGrpcFailedPrecondition},
    {Reason::kIsToken, "IS_TOKEN", kGrpcFailedPrecondition},
    {Reason::kNotToken, "NOT_TOKEN", kGrpcFailedPrecondition},
    {Reason::kNoDaemon, "NO_DAEMON", kGrpcUnavailable},
    {Reason::kDaemonUntrusted, "DAEMON_UNTRUSTED", kGrpcPermissionDenied},
    {Reason::kTimeout, "TIMEOUT", kGrpcDeadlineExceeded},
    {Reason::kProtocol, "PROTOCOL", kGrpcInternal},
    {Reason::kCancelled, "CANCELLED", kGrpcCancelled},
};

const Row& row(Reason reason) noexcept {
  const Row* found = std::ranges::find(kRows, reason, &Row::reason);
  return found == std::end(kRows) ? kRows[0] : *found;
}

}  // namespace

std::string_view reason_name(Reason reason) noexcept { return row(reason).name; }

Reason reason_from_name(std::string_view name) noexcept {
  const Row* found = std::ranges::find(kRows, name, &Row::name);
  return found == std::end(kRows) ? Reason::kUnspecified : found->reason;
}

int grpc_code(Reason reason) noexcept { return row(reason).code; }

}  // namespace tacit
