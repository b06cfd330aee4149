// `tacit list`: names, by collection or by attributes.
#include <algorithm>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

#include "cli/command.h"
#include "cli/metadata_view.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

struct Options {
  std::vector<std::string> attributes;
  bool all = false;
  bool collections = false;
};

int print_collections(Context& context) {
  const auto found = with_session(context, [](Client& client) { return client.collections(); });
  if (!found.ok()) return fail(found.error());
  Result<void> printed;
  if (context.options.json) {
    JsonWriter json;
    json.begin_array();
    for (const CollectionInfo& one : *found) {
      json.begin_object();
      json.member("name", one.name);
      json.member("items", one.item_count);
      json.end_object();
    }
    json.end_array();
    printed = print(json.take().bytes());
  } else {
    std::string text;
    for (const CollectionInfo& one : *found) text += visible(one.name) + "\n";
    printed = print(text);
  }
  return finish(printed);
}

Result<std::vector<Metadata>> find(Context& context, const Options& options) {
  const auto attributes = parse_attributes(options.attributes);
  if (!attributes.ok()) return attributes.error();
  std::optional<std::string_view> collection;
  if (!options.all) {
    if (auto valid = check_name(context.options.collection, "collection"); !valid.ok()) {
      return valid.error();
    }
    collection = context.options.collection;
  }
  auto items = with_session(context, [&](Client& client) {
    return attributes->empty() ? client.list(collection, !context.options.json)
                               : client.search(*attributes, collection);
  });
  if (items.ok()) {
    std::ranges::sort(*items, {},
                      [](const Metadata& item) { return std::tie(item.collection, item.name); });
  }
  return items;
}

int run_list(Context& context, const Options& options) {
  if (context.options.collection_given && (options.all || options.collections)) {
    return fail_usage(
        "list: -c names one collection, --all and --collections want every one; "
        "leave one of them out");
  }
  if (options.collections) return print_collections(context);
  const auto items = find(context, options);
  if (!items.ok()) return fail(items.error());
  Result<void> printed;
  if (context.options.json) {
    JsonWriter json;
    json.begin_array();
    for (const Metadata& item : *items) write_metadata(json, item);
    json.end_array();
    printed = print(json.take().bytes());
  } else {
    std::string text;
    for (const Metadata& item : *items) text += line_name(item, options.all) + "\n";
    printed = print(text);
  }
  return finish(printed);
}

}  // namespace

Action define_list(CLI::App& app) {
  auto options = std::make_shared<Options>();
  auto* attributes = app.add_option("--attribute", options->attributes,
                                    "Only those that have it; may be given again");
  attributes->type_name("KEY=VALUE")->allow_extra_args(false);
  auto* all = app.add_flag("--all", options->all, "Every collection, as references");
  auto* collections =
      app.add_flag("--collections", options->collections, "The collections instead of secrets");
  collections->excludes(all, attributes);
  return [options](Context& context) { return run_list(context, *options); };
}

}  // namespace tacit::cli
