// `tacit config`: the daemon's settings, judged by the daemon's own program.
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "cli/command.h"
#include "cli/daemon_program.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "client/cpp/base/utf8.h"
#include "client/toml/toml.h"
#include "tacit/paths.h"

namespace tacit::cli {
namespace {

std::string config_file(const std::string& given) {
  return given.empty() ? user_paths().config_file : given;
}

/// The program that judges it is run elsewhere.
std::string absolute(const std::string& file) {
  std::error_code none;
  const auto path = std::filesystem::absolute(file, none);
  return none ? file : path.string();
}

bool is_there(const std::string& file) { return ::access(file.c_str(), F_OK) == 0; }

int run_path(Context& context) {
  const std::string file = config_file("");
  if (!context.options.json) return finish(print(file + "\n"));
  JsonWriter json;
  json.begin_object();
  json.member("path", file);
  json.member("exists", is_there(file));
  json.end_object();
  return finish(print(json.take().bytes()));
}

void write(JsonWriter& json, const toml::node& node) {
  if (const auto* table = node.as_table()) {
    json.begin_object();
    for (const auto& [key, value] : *table) {
      json.key(key.str());
      write(json, value);
    }
    json.end_object();
  } else if (const auto* array = node.as_array()) {
    json.begin_array();
    for (const toml::node& value : *array) write(json, value);
    json.end_array();
  } else if (const auto number = node.value_exact<std::int64_t>()) {
    json.number(*number);
  } else if (const auto truth = node.value_exact<bool>()) {
    json.boolean(*truth);
  } else {
    json.string(node.value_or(std::string_view()));
  }
}

Result<SecretBytes> as_json(const std::string& text) {
  try {
    JsonWriter json;
    write(json, toml::parse(text));
    return json.take();
  } catch (const toml::parse_error& error) {
    return Error{Reason::kInternal, "tacitd printed no TOML: " + std::string(error.description())};
  }
}

int run_show(Context& context, const std::string& given) {
  const std::string file = config_file(given);
  auto settings = ask_daemon_program({"--show-config", "--config", absolute(file)});
  if (!settings.ok()) return fail(settings.error());
  if (!settings->ok) return fail({Reason::kInvalidArgument, settings->said});
  if (context.options.json) {
    const auto json = as_json(settings->said);
    return json.ok() ? finish(print(json->bytes())) : fail(json.error());
  }
  const std::string head =
      "# What a daemon takes that starts now: the defaults, and what " +
      (is_there(file) ? file + " says.\n" : file + " would say, which is not there.\n");
  return finish(print(head + settings->said));
}

int run_check(Context& context, const std::string& given) {
  const std::string file = config_file(given);
  if (!given.empty() && !is_there(file)) {
    return fail({Reason::kNotFound, file + " is not there"});
  }
  const auto checked = ask_daemon_program({"--check-config", "--config", absolute(file)});
  if (!checked.ok()) return fail(checked.error());
  if (context.options.json) {
    JsonWriter json;
    json.begin_object();
    json.member("path", file);
    json.member("exists", is_there(file));
    json.member("good", checked->ok);
    if (!checked->ok) json.member("message", checked->said);
    json.end_object();
    if (const auto printed = print(json.take().bytes()); !printed.ok()) {
      return fail(printed.error());
    }
  } else if (!checked->ok) {
    complain(checked->said);
  } else if (const auto printed =
                 print(file +
                       (is_there(file) ? " is good.\n" : " is not there: all is as by default.\n"));
             !printed.ok()) {
    return fail(printed.error());
  }
  return checked->ok ? kExitOk : kExitFound;
}

void add_file(CLI::App& app, std::string& file) {
  app.add_option("FILE", file, "Settings [those of the user, see `tacit config path`]")
      ->type_name("");
}

}  // namespace

Action define_config_path(CLI::App&) { return run_path; }

Action define_config_show(CLI::App& app) {
  auto file = std::make_shared<std::string>();
  add_file(app, *file);
  return [file](Context& context) { return run_show(context, *file); };
}

Action define_config_check(CLI::App& app) {
  auto file = std::make_shared<std::string>();
  add_file(app, *file);
  return [file](Context& context) { return run_check(context, *file); };
}

}  // namespace tacit::cli
