// tacit.v1.Access, the part about the log: Audit and VerifyAudit.
#pragma once
#include "daemon/access/audit_log.h"
#include "daemon/rpc/access_rpc.h"
#include "daemon/rpc/core.h"

namespace tacit {

/// There is more in the log; what it is, its readers look up there.
struct AuditWritten {};

class AuditService {
 public:
  /// `written`: told by the log's owner after each write, ended at lock.
  AuditService(Core& core, Server& server, AccessRpc& rpc, AuditLog& log,
               Hub<AuditWritten>& written);

 private:
  void audit(StreamCall<v1::AuditRequest, v1::AuditReply>& call);
  void verify(UnaryCall<v1::VerifyAuditRequest, v1::VerifyAuditReply>& call);

  Core& core_;
  AuditLog& log_;
  Hub<AuditWritten>& written_;
};

}  // namespace tacit
