#include "cli/secret_template.h"

#include <gtest/gtest.h>

namespace tacit::cli {
namespace {

/// Text as it stands, references as `<collection|name|attribute|version>`, faults as
/// `!line:column`.
std::string shown(std::string_view text) {
  const SecretTemplate parsed = parse_template(text);
  std::string out;
  for (const TemplatePiece& piece : parsed.pieces) {
    if (!piece.is_reference) {
      out += piece.text;
      continue;
    }
    const Reference& reference = piece.reference;
    out += "<" + reference.collection + "|" + reference.name + "|" +
           reference.attribute.value_or("") + "|" + std::to_string(reference.version) + ">";
  }
  for (const TemplateFault& fault : parsed.faults) {
    out += "!" + std::to_string(fault.place.line) + ":" + std::to_string(fault.place.column);
  }
  return out;
}

TEST(SecretTemplate, ReferencesInText) {
  EXPECT_EQ(shown(""), "");
  EXPECT_EQ(shown("plain\n"), "plain\n");
  EXPECT_EQ(shown("a {{tacit://c/n}} b"), "a <c|n||0> b");
  EXPECT_EQ(shown("{{ tacit://c/n }}{{\ttacit://c/m?attribute=user&version=3\t}}"),
            "<c|n||0><c|m|user|3>");
  EXPECT_EQ(shown("{{ tacit://c/deep/er }}"), "<c|deep/er||0>");
  EXPECT_EQ(shown("{{{tacit://c/n}}}"), "{<c|n||0>}");
}

TEST(SecretTemplate, OtherBracesAreText) {
  for (const std::string_view text :
       {"{{ name }}", "{{", "}}", "{ {tacit://c/n}}", "{{\ntacit://c/n}}", "tacit://c/n",
        "{{ tacit:/c/n }}", "{% if x %}", "\\", "\\\\{{ x }}", "{{ TACIT://c/n }}"}) {
    EXPECT_EQ(shown(text), text);
  }
}

TEST(SecretTemplate, BackslashesBeforeAReference) {
  EXPECT_EQ(shown(R"(\{{ tacit://c/n }})"), "{{ tacit://c/n }}");
  EXPECT_EQ(shown(R"(\\{{ tacit://c/n }})"), R"(\<c|n||0>)");
  EXPECT_EQ(shown(R"(\\\{{ tacit://c/n }})"), R"(\{{ tacit://c/n }})");
  EXPECT_EQ(shown(R"(C:\dir\\{{ tacit://c/n }}\x)"), R"(C:\dir\<c|n||0>\x)");
  EXPECT_EQ(shown(R"(\{{ tacit://c/n }}{{ tacit://c/m }})"), "{{ tacit://c/n }}<c|m||0>");
}

TEST(SecretTemplate, FaultsTellLineAndColumn) {
  EXPECT_EQ(shown("{{ tacit://c/n"), "!1:1");
  EXPECT_EQ(shown("a\nb {{ tacit://c/n\n}}"), "a\nb \n}}!2:3");
  EXPECT_EQ(shown("{{ tacit://c }} {{ tacit://c/n?x=1 }}\n{{ tacit:// }}"), " \n!1:1!1:17!2:1");
  EXPECT_EQ(shown("\xC3\xA4\xE2\x82\xAC {{ tacit://c/%zz }}"), "\xC3\xA4\xE2\x82\xAC !1:4");
  EXPECT_EQ(parse_template("x\n {{ tacit://c/n }}").pieces.at(1).place.line, 2u);
  EXPECT_EQ(parse_template("x\n {{ tacit://c/n }}").pieces.at(1).place.column, 2u);
}

}  // namespace
}  // namespace tacit::cli
