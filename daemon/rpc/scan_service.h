// tacit.v1.Scan: whether a value of the vault stands in plain in some data.
#pragma once
#include <memory>

#include "daemon/rpc/core.h"
#include "daemon/rpc/scan_desk.h"
#include "daemon/rpc/server.h"
#include "tacit/v1/scan.grpc.pb.h"

namespace tacit {

class ScanService {
 public:
  ScanService(Core& core, Server& server);

  /// The vault was locked: no scan goes on.
  void locked() { desk_.forget_all(); }

 private:
  using Confirmation = UnaryCall<v1::ConfirmScanRequest, v1::ConfirmScanReply>;
  struct Begun;
  struct Confirmed;

  void begin(StreamCall<v1::BeginScanRequest, v1::BeginScanReply>& call);
  void confirm(Confirmation& call);
  absl::StatusOr<Step> fill_book(Begun& begun);
  Step tell(Begun& begun, v1::BeginScanReply& reply);
  /// True: all places were looked at.
  absl::StatusOr<bool> look(Confirmed& work, Confirmation& call);
  absl::Status look_at(Vault& vault, Confirmed& work, const v1::ScanPart& part, std::uint32_t place,
                       v1::ConfirmScanReply& reply);
  /// The forms of an item's value as it is now; none if it may not be looked for any more.
  absl::StatusOr<const std::vector<ValueForm>*> forms_now(Vault& vault, Confirmed& work,
                                                          std::uint32_t item);

  Core& core_;
  ScanDesk desk_;
  v1::Scan::AsyncService service_;
};

}  // namespace tacit
