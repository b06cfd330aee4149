// Where the user is told to log in: on the terminal, else by the prompter.
#pragma once
#include <functional>
#include <string>

#include "cli/token/oauth/device_flow.h"
#include "client/cpp/terminal/terminal.h"

namespace tacit::oauth {

/// The text for the terminal.
std::string login_text(const std::string& what, const DeviceAnswer& code);

/// What `DeviceFlow::show` is. Never on standard output. The prompter is told as well where the
/// terminal shows it: that keeps the lease, and the user may refuse there.
class LoginScreen {
 public:
  /// `tell_prompter` is Renewal.ShowLogin. `what` is the token's name.
  LoginScreen(std::string what, bool may_use_terminal, bool browser,
              std::function<Result<LoginShown>(const LoginPlace&)> tell_prompter);

  Shown show(const DeviceAnswer& code);

 private:
  void show_first(const DeviceAnswer& code);

  std::string what_;
  bool may_use_terminal_;
  bool browser_;
  std::function<Result<LoginShown>(const LoginPlace&)> tell_prompter_;
  bool begun_ = false;
  bool seen_ = false;  ///< on the terminal, or in the prompter's window a while ago
};

}  // namespace tacit::oauth
