// What the daemon wants to be asked, in words: the same in a window and on a terminal.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "tacit/access.h"

namespace tacit::cli {

struct QuestionText {
  /// One sentence of ours, with nothing in it that another program chose.
  std::string headline;
  /// What is known, the weightiest first, each on a line and fit to be shown (display_text.h).
  std::vector<std::string> facts;
};

QuestionText in_words(const Question& question);

/// `program` (the script it runs, if it has one), and what is odd about it.
std::string program_text(const Program& program);

/// `10 min`, `12 h`, `30 s`: rounded down to the unit.
std::string duration_text(std::chrono::milliseconds time);

}  // namespace tacit::cli
