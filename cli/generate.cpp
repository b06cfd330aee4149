// `tacit generate`: a new random password, stored, printed or copied.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <vector>

#include "cli/clipboard/copy.h"
#include "cli/command.h"
#include "cli/generator.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/session_gate.h"
#include "cli/time_text.h"

namespace tacit::cli {
namespace {

constexpr std::size_t kLeastLength = 4;
constexpr std::size_t kMostLength = 4096;
/// Below this whoever has a copy of what it guards may find it by trying.
constexpr double kGoodBits = 64;

struct Options {
  std::string name;
  std::uint64_t length = 32;
  std::string alphabet = "alnum";
  std::string characters;
  bool force = false;
  bool print = false;
  bool copy = false;
  std::vector<std::string> attributes;
  std::optional<std::string> expires;
};

std::string check_alphabet(const std::string& name) {
  if (alphabet(name)) return "";
  std::string known;
  for (const std::string_view one : alphabet_names()) {
    known += (known.empty() ? "" : ", ") + std::string(one);
  }
  return "known are " + known;
}

std::string check_characters(const std::string& text) {
  std::string sorted = text;
  std::ranges::sort(sorted);
  const bool visible_ascii = std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
  const bool good =
      text.size() >= 2 && visible_ascii && std::ranges::adjacent_find(sorted) == sorted.end();
  return good ? "" : "at least two visible ASCII characters are needed, each once";
}

double entropy_bits(const Generator& generator) {
  return static_cast<double>(generator.length) *
         std::log2(static_cast<double>(generator.characters.size()));
}

Result<std::uint64_t> store(Context& context, const Options& options, const Reference& reference,
                            const SecretBytes& value) {
  SetOptions change;
  if (!options.attributes.empty()) {
    auto attributes = parse_attributes(options.attributes);
    if (!attributes.ok()) return attributes.error();
    change.attributes = std::move(*attributes);
  }
  if (options.expires) {
    const auto expires = parse_expiry(*options.expires, now_unix_ms());
    if (!expires.ok()) return expires.error();
    change.expires = *expires;
  }
  if (!options.force) change.expected_version = 0;
  auto version = with_session(context, use_of(Verb::kWrite, reference), [&](Client& client) {
    return client.set(reference.collection, reference.name, value, change);
  });
  if (version.ok()) return version;
  if (version.error().code == Reason::kAlreadyExists) {
    return Error{Reason::kAlreadyExists,
                 "`" + shown_name(reference) +
                     "` exists already; nothing was stored (--force makes this its next version)"};
  }
  return about(context, reference, version.error());
}

/// What it is worth, for people alone.
void tell(const Options& options, const Generator& generator, double bits) {
  if (isatty(STDERR_FILENO) != 1) return;
  const std::string of =
      options.characters.empty() ? options.alphabet : std::to_string(generator.characters.size());
  remark(std::to_string(generator.length) + (options.characters.empty() ? " of " : " out of ") +
         of + ": " + std::to_string(static_cast<int>(bits)) + " bits of entropy" +
         (bits < kGoodBits ? ", which can be guessed by trying; 64 and more cannot" : ""));
}

Result<void> print_json(const std::optional<Reference>& reference, std::uint64_t version,
                        const Generator& generator, double bits, const SecretBytes* value) {
  JsonWriter json;
  json.begin_object();
  if (reference) {
    json.member("collection", reference->collection);
    json.member("name", reference->name);
    json.member("version", version);
  }
  json.member("length", generator.length);
  json.member("entropy_bits", static_cast<std::uint64_t>(bits));
  if (value != nullptr) json.value_members(value->bytes());
  json.end_object();
  return print(json.take().bytes());
}

int run_generate(Context& context, const Options& options) {
  const bool stored = !options.name.empty();
  if (!stored && (options.force || options.expires || !options.attributes.empty())) {
    return fail_usage(
        "generate: --force, --attribute and --expires are about what is stored; "
        "say NAME, or leave them out");
  }
  const Generator generator{
      static_cast<std::size_t>(options.length),
      options.characters.empty() ? *alphabet(options.alphabet) : options.characters};
  const double bits = entropy_bits(generator);
  std::optional<Clipboard> clipboard;
  if (options.copy) {  // before anything is stored
    auto found = Clipboard::find(std::nullopt);
    if (!found.ok()) return fail(found.error());
    clipboard = std::move(*found);
  }
  std::optional<Reference> reference;
  if (stored) {
    auto named = whole_item(context.resolve(options.name));
    if (!named.ok()) return fail(named.error());
    reference = std::move(*named);
  }
  SecretBytes value = generate(generator);
  std::uint64_t version = 0;
  if (reference) {
    const auto done = store(context, options, *reference, value);
    if (!done.ok()) return fail(done.error());
    version = *done;
  }
  const bool shown = options.print || (!stored && !options.copy);
  Result<void> printed;
  if (context.options.json) {
    printed = print_json(reference, version, generator, bits, shown ? &value : nullptr);
  } else if (shown) {
    printed = print(value.bytes());
    if (printed.ok()) printed = print("\n");
  }
  if (!printed.ok()) return fail(printed.error());
  tell(options, generator, bits);
  if (!clipboard) return 0;
  return finish(copy_for_a_while(*clipboard, std::move(value), kClipboardTime, "the password"));
}

}  // namespace

Action define_generate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("NAME", options->name, "Store it under this name; without one it is printed")
      ->type_name("")
      ->check(not_empty());
  app.add_option("--length", options->length, "Characters, from 4 to 4096 [32]")
      ->type_name("N")
      ->check(whole_number(kLeastLength, kMostLength));
  auto* alphabet = app.add_option("--alphabet", options->alphabet,
                                  "alnum [default], alpha, digits, hex, base64url or printable")
                       ->type_name("ALPHABET")
                       ->check(CLI::Validator(check_alphabet, ""));
  app.add_option("--characters", options->characters, "Draw from these instead")
      ->type_name("TEXT")
      ->excludes(alphabet)
      ->check(CLI::Validator(check_characters, ""));
  app.add_flag("--force", options->force, "Make it the next version of a secret that is there");
  app.add_flag("--print", options->print, "Print it though it is stored or copied");
  app.add_flag("--copy", options->copy, "Copy it to the clipboard, for 45 s");
  app.add_option("--attribute", options->attributes,
                 "Label it; may be given again. Replaces the attributes it had")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("--expires", options->expires, "90d, 12h, 2027-01-31 or never")->type_name("TIME");
  return [options](Context& context) { return run_generate(context, *options); };
}

}  // namespace tacit::cli
