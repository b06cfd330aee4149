// link_project ID FOLDER COLLECTION: links a project, for scripts about what is then given there.
#include <cstdio>

#include "tacit/client.h"

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto folder = tacit::find_folder(argv[2]);
  if (!folder.ok()) {
    std::fprintf(stderr, "%s\n", folder.error().message.c_str());
    return 1;
  }
  tacit::Client client;
  const auto linked = client.link_project(argv[1], *folder, argv[3], true);
  if (!linked.ok()) std::fprintf(stderr, "%s\n", linked.error().message.c_str());
  return linked.ok() ? 0 : 1;
}
