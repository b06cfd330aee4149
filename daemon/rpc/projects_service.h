// tacit.v1.Projects: which collection an id names, and in which folders its secrets are given.
#pragma once
#include <functional>
#include <string>

#include "daemon/rpc/core.h"
#include "daemon/rpc/project_places.h"
#include "daemon/rpc/server.h"
#include "tacit/v1/projects.grpc.pb.h"

namespace tacit {

class ProjectsService {
 public:
  ProjectsService(Core& core, Server& server);

 private:
  template <class Request, class Reply>
  using Unary = UnaryCall<Request, Reply>;

  void link(Unary<v1::LinkProjectRequest, v1::LinkProjectReply>& call);
  void resolve(Unary<v1::ResolveProjectRequest, v1::ResolveProjectReply>& call);
  void trust(Unary<v1::TrustFolderRequest, v1::TrustFolderReply>& call);
  void list(StreamCall<v1::ListProjectsRequest, v1::ListProjectsReply>& call);
  void unlink(Unary<v1::UnlinkFolderRequest, v1::UnlinkFolderReply>& call);
  void clear(Unary<v1::ClearProjectRequest, v1::ClearProjectReply>& call);

  struct NewLink;
  AdminChange change_of_link(const NewLink& asked, Verb verb);
  absl::Status link_now(const NewLink& asked,
                        Unary<v1::LinkProjectRequest, v1::LinkProjectReply>& call);
  /// Calls `then(collection's name)` of a project that is there.
  template <class CallType, class Then>
  void with_project(CallType& call, const std::string& id, bool ask, Then then);

  Core& core_;
  v1::Projects::AsyncService service_;
};

}  // namespace tacit
