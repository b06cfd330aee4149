#include "cli/clipboard/clipboard.h"

#include <gtest/gtest.h>

#include "cli/clipboard/keeper.h"
#include "cli/tool.h"

namespace tacit::cli {
namespace {

std::string text(const SecretBytes& bytes) { return {bytes.bytes().begin(), bytes.bytes().end()}; }

TEST(Osc52, IsTheSequenceOfXterm) {
  const SecretBytes value = SecretBytes::copy_of("secret");
  EXPECT_EQ(text(osc52(value.bytes(), false)), "\x1b]52;c;c2VjcmV0\x07");
  EXPECT_EQ(text(osc52({}, false)), "\x1b]52;c;\x07");
  EXPECT_EQ(text(osc52(value.bytes(), true)),
            "\x1b]52;c;c2VjcmV0\x07\x1bPtmux;\x1b\x1b]52;c;c2VjcmV0\x07\x1b\\");
}

TEST(Trace, KnowsTheValueAgain) {
  const SecretBytes value = SecretBytes::copy_of("secret");
  const Trace trace(value);
  EXPECT_TRUE(trace.is_of(value));
  EXPECT_FALSE(trace.is_of(SecretBytes::copy_of("Secret")));
  EXPECT_FALSE(trace.is_of(SecretBytes()));
}

TEST(ClipboardWay, HasANameEach) {
  for (const std::string& name : clipboard_way_names()) {
    EXPECT_EQ(clipboard_way_name(*clipboard_way(name)), name);
  }
  EXPECT_FALSE(clipboard_way("xsel"));
}

TEST(RunTool, TellsOutputAndCode) {
  const auto end =
      run_tool({"/bin/sh", {"-c", "echo out; echo err >&2; exit 7"}, {}, -1, Tool::Output::kBoth},
               std::chrono::seconds(60));
  ASSERT_TRUE(end.ok()) << end.error().message;
  EXPECT_EQ(end->code, 7);
  EXPECT_EQ(text(end->output), "out\nerr\n");
}

TEST(RunTool, EndsWhatTakesTooLong) {
  for (const auto output : {Tool::Output::kNone, Tool::Output::kStandard}) {
    const auto end = run_tool({"/bin/sh", {"-c", "exec sleep 600"}, {}, -1, output},
                              std::chrono::milliseconds(50));
    ASSERT_FALSE(end.ok());
    EXPECT_EQ(end.error().code, Reason::kTimeout);
  }
}

TEST(RunTool, RefusesMoreThanWasAskedFor) {
  const auto end = run_tool({"/bin/sh", {"-c", "printf 12345"}, {}, -1, Tool::Output::kStandard},
                            std::chrono::seconds(60), 4);
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().code, Reason::kValueTooLarge);
  EXPECT_EQ(run_tool({"/nowhere/tool", {}, {}, -1, Tool::Output::kNone}, std::chrono::seconds(1))
                .error()
                .code,
            Reason::kIoError);
}

}  // namespace
}  // namespace tacit::cli
