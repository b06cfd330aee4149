// What a shell offers when the user presses Tab: `tacit __complete WORD...`.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cli/command.h"

namespace tacit::cli {

/// The hidden verb by which the files in packaging/completions ask.
inline constexpr std::string_view kCompleteVerb = "__complete";

/// How a shell goes on from the candidates.
enum class CompletionKind {
  kWords,       ///< these alone
  kUnfinished,  ///< the same, with no blank behind what was taken
  kFiles,       ///< files and folders, beside them
  kFolders,
  kCommands,  ///< a command and its own arguments: what stands behind `--`
};

struct Candidate {
  std::string word;
  std::string description;  ///< empty: none
};

struct Completion {
  CompletionKind kind = CompletionKind::kWords;
  std::vector<Candidate> candidates;
};

/// What is known of the vault, asked of the daemon only when it matters.
struct CompletionNames {
  /// Of the collection that these words mean (`-c`, `-g`, `--profile`), else that of the folder.
  std::function<std::vector<std::string>(std::span<const std::string> words)> secrets;
  std::function<std::vector<std::string>()> collections;
  std::function<std::vector<std::string>()> tokens;
};

/// `words` is what stands behind `tacit` up to the cursor; the last is what is being typed, maybe
/// empty. Only what begins like it is given. Nothing is run but what declares options.
Completion complete(std::span<const Command> commands, std::span<const std::string> words,
                    const CompletionNames& names);

/// Prints the kind in a line, then `WORD<Tab>DESCRIPTION` lines; exit code 0, whatever is wrong.
/// Never asks, unlocks or starts anything: a daemon that does not run, or is locked, gives no
/// names, and one that does not answer at once is not waited for.
int run_complete(std::span<const Command> commands, std::span<const std::string> words);

}  // namespace tacit::cli
