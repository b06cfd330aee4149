#include "cli/manifest.h"

#include <gtest/gtest.h>

#include <set>

namespace tacit::cli {
namespace {

std::string fault(std::string_view text) {
  const auto parsed = parse_manifest(text, "tacit.toml");
  return parsed.ok() ? "" : parsed.error().message;
}

TEST(Manifest, EveryKey) {
  const auto parsed = parse_manifest(
      "# what this needs\n"
      "[secrets.DATABASE_URL]\n"
      "description = \"Die Datenbank f\xC3\xBCr alle \xE2\x82\xAC\"\n"
      "[secrets.\"api/token\"]\n"
      "required = false\n"
      "env = \"API_TOKEN\"\n"
      "[secrets.A_KEY]\n"
      "generate = { length = 64, alphabet = \"hex\" }\n"
      "[secrets.HOST]\n"
      "default = \"localhost\"\n"
      "[secrets.PIN]\n"
      "generate = { characters = \"01\" }\n"
      "[secrets.ANY]\n"
      "generate = true\n",
      "tacit.toml");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  ASSERT_EQ(parsed->size(), 6u);
  const auto& all = *parsed;
  EXPECT_EQ(all[0].name, "DATABASE_URL");
  EXPECT_EQ(all[0].description, "Die Datenbank f\xC3\xBCr alle \xE2\x82\xAC");
  EXPECT_TRUE(all[0].required);
  EXPECT_EQ(all[0].line, 2u);
  EXPECT_EQ(all[1].name, "api/token");
  EXPECT_FALSE(all[1].required);
  EXPECT_EQ(all[1].variable, "API_TOKEN");
  EXPECT_EQ(all[2].generator->length, 64u);
  EXPECT_EQ(all[2].generator->characters, "0123456789abcdef");
  EXPECT_EQ(all[3].fallback, "localhost");
  EXPECT_EQ(all[4].generator->characters, "01");
  EXPECT_EQ(all[5].generator->length, 32u);
}

TEST(Manifest, EmptyOnesAreFine) {
  EXPECT_EQ(fault(""), "");
  EXPECT_EQ(fault("# nothing\n[secrets]\n"), "");
  EXPECT_EQ(fault("[secrets]\nA = {}\n"), "");
}

TEST(Manifest, NeverAValueAndNeverRepeatsOne) {
  for (const std::string_view text :
       {"[secrets]\n\nTOKEN = \"hunter2hunter2\"\n",
        "[secrets.TOKEN]\n\nvalue = \"hunter2hunter2\"\n",
        "[secrets.TOKEN]\n\npassword = \"hunter2hunter2\"\n",
        "[secrets]\n\nTOKEN = [\"hunter2\"]\n", "[secrets]\n\nTOKEN.secret = \"hunter2\"\n"}) {
    const std::string message = fault(text);
    EXPECT_NE(message.find("tacit.toml:3: "), std::string::npos) << message;
    EXPECT_NE(message.find("looks like a value"), std::string::npos) << message;
    EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
  }
}

TEST(Manifest, FaultsNameFileAndLine) {
  EXPECT_NE(fault("[secrets.A]\nrequird = true\n")
                .find("tacit.toml:2: unknown key `requird`; did "
                      "you mean `required`?"),
            std::string::npos);
  EXPECT_NE(fault("\n[secret.A]\n").find("tacit.toml:2: unknown key `secret`; did you mean"),
            std::string::npos);
  for (const auto& [text, place] : std::initializer_list<std::pair<std::string_view, const char*>>{
           {"[secrets.A]\nrequired = \"yes\"\n", "tacit.toml:2: "},
           {"[secrets.A]\n\nenv = \"1X\"\n", "tacit.toml:3: "},
           {"[secrets.A]\ngenerate = { length = 7 }\n", "tacit.toml:2: "},
           {"[secrets.A]\ngenerate = { length = 8, alphabet = \"emoji\" }\n", "tacit.toml:2: "},
           {"[secrets.A]\ngenerate = { characters = \"aa\" }\n", "tacit.toml:2: "},
           {"[secrets.A]\ngenerate = false\n", "tacit.toml:2: "},
           {"[secrets.A]\ngenerate = true\ndefault = \"x\"\n", "tacit.toml:1: "},
           {"[secrets.A]\n[secrets.A]\n", "tacit.toml:2: "},
           {"secrets = 1\n", "tacit.toml:1: "},
           {"[secrets.A\n", "tacit.toml:1: "},
           {"[secrets.\"\"]\n", "tacit.toml:1: "},
           {"[#", "tacit.toml:1: "},
           {"\xff", "tacit.toml:1: "},
           {"a = \"\\\xC3\xA4\"\n", "tacit.toml:1: "},
           {"\xC3\xA4 = 1", "tacit.toml:1: "}}) {
    EXPECT_EQ(fault(text).rfind(place, 0), 0u) << text << ": " << fault(text);
  }
}

TEST(Generator, DrawsFromItsAlphabetAlone) {
  for (const std::string_view name : alphabet_names()) {
    const Generator generator{256, *alphabet(name)};
    const SecretBytes value = generate(generator);
    ASSERT_EQ(value.size(), 256u);
    std::set<unsigned char> seen;
    for (const unsigned char c : value.bytes()) {
      EXPECT_NE(generator.characters.find(static_cast<char>(c)), std::string::npos);
      seen.insert(c);
    }
    EXPECT_GT(seen.size(), 5u) << name;
  }
  EXPECT_FALSE(alphabet("emoji"));
}

}  // namespace
}  // namespace tacit::cli
