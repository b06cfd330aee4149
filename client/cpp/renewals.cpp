// Having tokens renewed: by tacit-renew, as a child of whoever needs one.
#include "client/cpp/renewals.h"

#include <algorithm>
#include <charconv>

#include "client/cpp/checks.h"
#include "client/cpp/client_impl.h"
#include "client/cpp/renewer.h"
#include "client/cpp/terminal/terminal.h"

namespace tacit {
namespace {

/// Where nobody is asked.
constexpr std::chrono::milliseconds kUnattended{120'000};

bool asks_on_terminal() { return Terminal::open(false).ok(); }

Result<std::uint64_t> version_in(const FlatJson& answer) {
  const auto told = answer.find("version");
  if (told == answer.end()) return std::uint64_t{0};
  std::uint64_t version = 0;
  const std::string& text = told->second;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (fault == std::errc() && end == text.data() + text.size()) return version;
  return Error{Reason::kProtocol, "tacit-renew answered what is no version"};
}

RenewerLimits limits_of(const ClientOptions& options, bool may_ask) {
  RenewerLimits out;
  if (!may_ask) out.total = kUnattended;
  if (options.stopper != nullptr) out.stop_fd = options.stopper->fd();
  return out;
}

Result<FlatJson> run_one(const ClientOptions& options, const RenewerTask& task) {
  const auto program = find_renewer();
  if (!program) return program.error();
  const std::string text = to_json(task);
  auto answers =
      run_renewers(*program, {&text, 1}, options.socket_path, limits_of(options, task.may_ask));
  return std::move(answers.front());
}

std::string text_in(const FlatJson& answer, const std::string& name) {
  const auto found = answer.find(name);
  return found == answer.end() || found->second == "null" ? "" : found->second;
}

}  // namespace

std::string to_json(const RenewerTask& task) {
  std::string out = "{";
  const auto member = [&out](std::string_view name, const std::string& value) {
    if (out.size() > 1) out += ',';
    out += json_string(name) + ":" + value;
  };
  const auto flag = [](bool value) { return std::string(value ? "true" : "false"); };
  member("mode", json_string(task.mode));
  if (!task.name.empty()) {
    member("collection", json_string(task.collection));
    member("name", json_string(task.name));
  }
  member("may_ask", flag(task.may_ask));
  member("terminal", flag(task.terminal));
  member("force", flag(task.force));
  member("browser", flag(task.browser));
  if (!task.issuer.empty()) member("issuer", json_string(task.issuer));
  if (!task.ca_file.empty()) member("ca_file", json_string(task.ca_file));
  return out + "}";
}

std::optional<Client::Impl::Renewal> Client::Impl::renewal_for(const Result<Item>& read,
                                                               ItemRef asked) const {
  if (!options.renew_tokens) return {};
  if (read && read->renewal_due) {
    return Renewal{{read->metadata.collection, read->metadata.name}, false};
  }
  if (!read && read.error().code == Reason::kRenewalNeeded) return Renewal{std::move(asked), true};
  return {};
}

std::vector<Result<std::uint64_t>> Client::Impl::renew(std::span<const Renewal> items,
                                                       const RenewOptions& how) {
  std::vector<Result<std::uint64_t>> out;
  const auto program = find_renewer();
  if (!program) {
    out.assign(items.size(), program.error());
    return out;
  }
  const bool may_ask =
      (options.log_in || options.interaction) && std::ranges::any_of(items, &Renewal::needed);
  const bool terminal = may_ask && asks_on_terminal();
  std::vector<std::string> tasks;
  for (const auto& [item, needed] : items) {
    RenewerTask task;
    if (how.log_in) task.mode = "login";
    task.collection = item.collection;
    task.name = item.name;
    task.may_ask = may_ask && needed;
    task.terminal = terminal && needed;
    task.force = how.force;
    task.browser = how.browser;
    tasks.push_back(to_json(task));
  }
  for (const auto& answer :
       run_renewers(*program, tasks, options.socket_path, limits_of(options, may_ask))) {
    out.push_back(answer ? version_in(*answer) : Result<std::uint64_t>(answer.error()));
  }
  return out;
}

Result<std::uint64_t> Client::renew_token(std::string_view collection, std::string_view name,
                                          const RenewOptions& options) {
  if (auto good = check_item({collection, name}); !good) return good.error();
  const Impl::Renewal one{{std::string(collection), std::string(name)}, true};
  return impl_->renew({&one, 1}, options).front();
}

Result<std::string> Client::revoke_token(std::string_view collection, std::string_view name) {
  if (auto good = check_item({collection, name}); !good) return good.error();
  RenewerTask task;
  task.mode = "revoke";
  task.collection = collection;
  task.name = name;
  const auto answer = run_one(impl_->options, task);
  if (!answer) return answer.error();
  return text_in(*answer, "message");
}

Result<TokenRecipe> Client::discover_issuer(std::string_view issuer, std::string_view ca_file) {
  if (auto good = check_text(issuer, "issuer"); !good) return good.error();
  if (auto good = check_text(ca_file, "path of the authorities' file"); !good) return good.error();
  RenewerTask task;
  task.mode = "discover";
  task.issuer = issuer;
  task.ca_file = ca_file;
  const auto answer = run_one(impl_->options, task);
  if (!answer) return answer.error();
  TokenRecipe out;
  out.issuer = issuer;
  out.ca_file = ca_file;
  out.device_authorization_endpoint = text_in(*answer, "device_authorization_endpoint");
  out.token_endpoint = text_in(*answer, "token_endpoint");
  out.revocation_endpoint = text_in(*answer, "revocation_endpoint");
  return out;
}

}  // namespace tacit
