// `tacit copy`: a value in the clipboard, never on the screen.
#include "cli/clipboard/copy.h"

#include <memory>
#include <optional>

#include "cli/clipboard/keeper.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "cli/time_text.h"

namespace tacit::cli {
namespace {

struct Options {
  std::string name;
  std::optional<std::string> attribute;
  std::string time = "45s";
  std::string way;
};

Result<std::chrono::milliseconds> time_of(const std::string& text) {
  if (text == "never") return std::chrono::milliseconds(0);
  const auto time = parse_lifetime(text);
  if (!time.ok()) return time.error();
  return std::chrono::milliseconds(*time);
}

std::string in_seconds(std::chrono::milliseconds time) {
  return std::to_string(time.count() / 1000) + " s";
}

Result<void> report_json(const Reference& reference, const Clipboard& clipboard,
                         std::chrono::milliseconds time) {
  JsonWriter json;
  json.begin_object();
  json.member("collection", reference.collection);
  json.member("name", reference.name);
  if (reference.attribute) json.member("attribute", *reference.attribute);
  json.member("by", clipboard_way_name(clipboard.way()));
  json.key("cleared_after_ms");
  if (time.count() == 0) {
    json.null();
  } else {
    json.number(std::int64_t{time.count()});
  }
  json.end_object();
  return print(json.take().bytes());
}

int run_copy(Context& context, const Options& options) {
  auto reference = context.resolve(options.name);
  if (!reference.ok()) return fail(reference.error());
  if (options.attribute) {
    if (reference->attribute) {
      return fail(
          {Reason::kInvalidArgument, "the reference tells the attribute already; say it once"});
    }
    reference->attribute = options.attribute;
  }
  const auto time = time_of(options.time);
  if (!time.ok()) return fail(time.error());
  const auto clipboard = Clipboard::find(clipboard_way(options.way));
  if (!clipboard.ok()) return fail(clipboard.error());
  auto value = with_session(context, use_of(Verb::kRead, *reference),
                            [&](Client& client) { return client.get(*reference); });
  if (!value.ok()) return fail(about(context, *reference, value.error()));
  const auto copied =
      copy_for_a_while(*clipboard, std::move(*value), *time,
                       context.options.json ? "" : "`" + shown_name(*reference) + "`");
  if (!copied.ok()) return fail(copied.error());
  return context.options.json ? finish(report_json(*reference, *clipboard, *time)) : 0;
}

}  // namespace

Result<void> copy_for_a_while(const Clipboard& clipboard, SecretBytes value,
                              std::chrono::milliseconds time, const std::string& what) {
  if (const auto put = clipboard.put(value); !put.ok()) return put;
  const Trace trace(value);
  value = SecretBytes();
  if (!what.empty()) {
    std::string text =
        what + " is in the clipboard (" + std::string(clipboard_way_name(clipboard.way())) + ")";
    if (!clipboard.readable()) text += " if this terminal allows it";
    text += time.count() == 0      ? " until you copy something else"
            : clipboard.readable() ? "; it is cleared in " + in_seconds(time)
                                   : "; what is there then is cleared in " + in_seconds(time);
    remark(text);
  }
  return time.count() == 0 ? Result<void>() : start_clipboard_keeper(clipboard, trace, time);
}

Action define_copy(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_name(app, options->name);
  app.add_option("--attribute", options->attribute, "Copy this attribute instead of the value")
      ->type_name("KEY");
  app.add_option("--for", options->time, "Clear it after so long [45s], or never")
      ->type_name("TIME");
  app.add_option("--by", options->way, "wl-copy, xclip or osc52 (the terminal, also over ssh)")
      ->type_name("WAY")
      ->check(CLI::IsMember(clipboard_way_names()).description(""));
  return [options](Context& context) { return run_copy(context, *options); };
}

}  // namespace tacit::cli
