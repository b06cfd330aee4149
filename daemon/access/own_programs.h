// The programs of Tacit that ask on behalf of others: who started them is the asker.
#pragma once
#include <string>
#include <string_view>

#include "daemon/access/asker.h"

namespace tacit {

class OwnPrograms {
 public:
  /// `folder`: where they are installed, beside tacitd; empty: nowhere.
  explicit OwnPrograms(std::string folder);
  /// The folder of the program that runs; empty if that cannot be found out.
  static OwnPrograms beside_this_program();

  /// Only what runs the very file that lies there under one of their names.
  bool contains(const Program& program) const;

 private:
  std::string folder_;
  std::string renewer_;  ///< its path; empty with `folder_`
};

}  // namespace tacit
