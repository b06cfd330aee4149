#include "cli/token/oauth/login_place.h"

#include "cli/token/oauth/browser.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::oauth {

std::string login_text(const std::string& what, const DeviceAnswer& code) {
  std::string text = "\nTo log in for `" + visible(what) + "`, open\n\n  " +
                     visible(code.verification_uri) + "\n\nand enter the code\n\n  " +
                     visible(code.user_code) + "\n";
  if (!code.verification_uri_complete.empty()) {
    text += "\nor open\n\n  " + visible(code.verification_uri_complete) +
            "\n\nand see that it shows this code.\n";
  }
  return text + "\n";
}

LoginScreen::LoginScreen(std::string what, bool may_use_terminal, bool browser,
                         std::function<Result<LoginShown>(const LoginPlace&)> tell_prompter)
    : what_(std::move(what)),
      may_use_terminal_(may_use_terminal),
      browser_(browser),
      tell_prompter_(std::move(tell_prompter)) {}

void LoginScreen::show_first(const DeviceAnswer& code) {
  if (!may_use_terminal_) return;
  auto terminal = Terminal::open(false);
  if (!terminal) return;
  terminal->say(login_text(what_, code));
  seen_ = true;
}

Shown LoginScreen::show(const DeviceAnswer& code) {
  const bool first = !begun_;
  begun_ = true;
  if (first) show_first(code);
  const auto shown =
      tell_prompter_({code.verification_uri, code.verification_uri_complete, code.user_code});
  if (shown && *shown == LoginShown::kRefused) return Shown::kRefused;
  // A window that was closed has been read.
  seen_ = seen_ || (shown && *shown == LoginShown::kShown);
  if (!seen_) return Shown::kNowhere;
  if (first && browser_) {
    const bool complete = !code.verification_uri_complete.empty();
    (void)open_browser(complete ? code.verification_uri_complete : code.verification_uri);
  }
  return Shown::kGoOn;
}

}  // namespace tacit::oauth
