// The user's browser.
#pragma once
#include <string>
#include <vector>

namespace tacit::oauth {

/// The command for `url` by $BROWSER: the first of those between colons, its words at blanks, `%s`
/// for the URL, which is the last word otherwise; without $BROWSER, xdg-open.
std::vector<std::string> browser_command(const std::string& url);

/// Starts it in a session of its own, with nothing of ours open and never by a shell, and does not
/// wait for it. `url` has been parsed. False: it cannot be started.
bool open_browser(const std::string& url);

}  // namespace tacit::oauth
