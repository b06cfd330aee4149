// tacit.v1.Replacement: another vault file in the place of the present one.
#pragma once
#include <memory>

#include "daemon/rpc/core.h"
#include "daemon/rpc/long_work.h"
#include "daemon/rpc/server.h"
#include "daemon/rpc/upload.h"
#include "tacit/v1/replacement.grpc.pb.h"

namespace tacit {

class ReplacementService {
 public:
  ReplacementService(Core& core, Server& server);

 private:
  template <class Request, class Reply>
  using Unary = UnaryCall<Request, Reply>;
  template <class Request, class Reply>
  using Stream = StreamCall<Request, Reply>;
  using KeysCall = Stream<v1::ReplaceKeysRequest, v1::ReplaceKeysReply>;

  // replace_keys.cpp
  struct NewKeys;
  void replace_keys(KeysCall& call);
  absl::Status start_copy(NewKeys& keys);
  /// True: the copy is whole.
  absl::StatusOr<bool> go_on_copying(NewKeys& keys);
  std::shared_ptr<LongWork> seal_anew(KeysCall& call, const std::shared_ptr<NewKeys>& keys);

  void upload(Unary<v1::UploadRequest, v1::UploadReply>& call);
  void restore_backup(Stream<v1::RestoreBackupRequest, v1::RestoreBackupReply>& call);
  struct RestoreCredentials;
  struct RestoreWork;
  void put_back(const std::shared_ptr<LongWork>& work, const RestoreWork& restore);
  void salvage(Stream<v1::SalvageRequest, v1::SalvageReply>& call);
  struct SalvageWork;
  void save_what_is_left(const std::shared_ptr<LongWork>& work, const SalvageWork& salvage);
  void list_old_files(Unary<v1::ListOldFilesRequest, v1::ListOldFilesReply>& call);
  void remove_old_file(Unary<v1::RemoveOldFileRequest, v1::RemoveOldFileReply>& call);

  Core& core_;
  Upload upload_;
  v1::Replacement::AsyncService service_;
};

}  // namespace tacit
