// Asking the daemon's questions on a terminal.
#pragma once
#include "client/cpp/terminal/terminal.h"
#include "tacit/client.h"

namespace tacit::cli {

/// Shows `question` and takes the answer. Never an error: who breaks off, answers nothing or is
/// too late has said no. `wake_fd` readable ends it (-1: none), then as a no as well.
/// What was typed before the question stood is dropped.
Answer ask_on_terminal(Terminal& terminal, const Question& question, int wake_fd);

/// Asks, answers, and asks again as long as the question stands (a wrong passphrase). Errors:
/// kUserDenied; those of Client::answer.
Result<void> settle_on_terminal(Client& client, Terminal& terminal, Question question);

}  // namespace tacit::cli
