#include "cli/question_text.h"

#include <algorithm>
#include <span>

#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

// Characters of one fact, so that all of them fit into a window.
constexpr std::size_t kLongestPath = 120;
constexpr std::size_t kLongestCaller = 48;
constexpr std::size_t kLongestName = 60;
constexpr std::size_t kLongestPrompt = 120;
constexpr std::size_t kLongestChange = 240;
constexpr std::size_t kLongestUri = 512;
constexpr std::size_t kLongestCode = 128;
constexpr std::size_t kMostNames = 5;
constexpr std::size_t kMostCallers = 5;

std::string shown(std::string_view text, std::size_t most) {
  return shortened(visible(text), most);
}

std::string_view headline(const Question& question) {
  switch (question.kind) {
    case QuestionKind::kUnlock:
      return "A program needs the vault, which is locked.";
    case QuestionKind::kValue:
      return "A program needs a secret that is not stored yet.";
    case QuestionKind::kLogin:
      return "A program needs a token, for which you have to log in elsewhere.";
    case QuestionKind::kConsent:
      break;
  }
  switch (question.verb) {
    case Verb::kList:
      return "A program wants to see the names of secrets.";
    case Verb::kWrite:
      return "A program wants to change secrets.";
    case Verb::kAdmin:
      return "A program wants to administer the vault.";
    case Verb::kRead:
      return "A program wants to read secrets.";
    case Verb::kNone:  // not told to a prompter that is not proven
      break;
  }
  return "A program wants to use secrets.";
}

/// `a`, `b` and 3 more in work
std::string wanted(const Question& question) {
  if (question.names.empty()) {
    // A prompter that is not proven is not told even the verb.
    if (question.verb == Verb::kNone) return "told when the passphrase was given";
    if (question.collection.empty()) return "all there are";
    return "all of the collection " + shown(question.collection, kLongestName);
  }
  const std::size_t told = std::min(question.names.size(), kMostNames);
  std::string text;
  for (std::size_t i = 0; i < told; ++i) {
    text += (i == 0 ? "" : ", ") + shown(question.names[i], kLongestName);
  }
  const std::size_t count = std::max<std::size_t>(question.name_count, question.names.size());
  if (count > told) text += " and " + std::to_string(count - told) + " more";
  if (question.collection.empty()) return text;
  return text + " in the collection " + shown(question.collection, kLongestName);
}

/// What a yes for the session lets a program do.
std::string list_and(Verb verb) {
  if (verb == Verb::kList) return "list";
  return verb == Verb::kWrite ? "list and change" : "list and read";
}

/// Those above the asking one, nearest first.
std::string callers(const Asker& asker) {
  std::string text;
  std::size_t told = 0;
  for (std::size_t i = asker.program + std::size_t{1}; i < asker.chain.size(); ++i, ++told) {
    if (told == kMostCallers) return text + ", ...";
    const Program& caller = asker.chain[i];
    const std::string& what = caller.script.empty() ? caller.executable : caller.script;
    text += told == 0 ? "" : ", ";
    text += what.empty() ? "unknown" : shown(what, kLongestCaller);
  }
  return text;
}

}  // namespace

std::string program_text(const Program& program) {
  std::string text =
      program.executable.empty() ? "unknown program" : shown(program.executable, kLongestPath);
  if (!program.script.empty()) {
    text = shown(program.script, kLongestPath) + " (run by " + text + ")";
  } else if (program.interactive_shell) {
    text += " (an interactive shell)";
  } else if (program.unnamed_script) {
    text += " (code from its arguments or standard input)";
  }
  if (!program.executable.empty() && !program.executable_known) {
    text += " (not the file that is there now)";
  }
  return text + ", process " + std::to_string(program.pid);
}

std::string duration_text(std::chrono::milliseconds time) {
  using namespace std::chrono;
  if (time >= hours(48)) return std::to_string(duration_cast<days>(time).count()) + " days";
  if (time >= hours(2)) return std::to_string(duration_cast<hours>(time).count()) + " h";
  if (time >= minutes(2)) return std::to_string(duration_cast<minutes>(time).count()) + " min";
  return std::to_string(duration_cast<seconds>(time).count()) + " s";
}

QuestionText in_words(const Question& question) {
  QuestionText text{std::string(headline(question)), {}};
  const auto fact = [&](std::string_view label, const std::string& value) {
    if (!value.empty()) text.facts.push_back(std::string(label) + ": " + value);
  };
  const Asker& asker = question.asker;
  const Program* const program = asker.asking();
  fact("Open", shown(question.verification_uri, kLongestUri));
  fact("Code to enter there", shown(question.user_code, kLongestCode));
  fact("Or open, and see that it shows the code",
       shown(question.verification_uri_complete, kLongestUri));
  fact("Program", program == nullptr ? "unknown" : program_text(*program));
  if (!asker.agent_marker.empty()) {
    fact("Coding agent",
         "yes, " + shown(asker.agent_marker, kLongestName) + " is set in its environment");
  }
  if (question.kind == QuestionKind::kConsent && question.verb == Verb::kAdmin) {
    fact("To do", shown(question.change, kLongestChange));
  } else if (question.kind == QuestionKind::kConsent || question.kind == QuestionKind::kValue) {
    fact("Secrets", wanted(question));
  }
  if (!question.prompt.empty()) {
    fact("It says", "\"" + shown(question.prompt, kLongestPrompt) + "\"");
  }
  if (!asker.unknown_because.empty()) {
    fact("Not known for sure", shown(asker.unknown_because, kLongestPrompt));
  }
  fact("Called by", callers(asker));
  fact("Terminal", asker.terminal.empty() ? "none" : shown(asker.terminal, kLongestName));
  fact("Folder", shown(asker.folder, kLongestPath));
  fact("Unit", shown(asker.unit, kLongestName));
  if (question.kind != QuestionKind::kConsent) return text;
  if (question.uses > 1) {
    fact("Uses", "so many calls of it wait: " + std::to_string(question.uses) +
                     "; a yes lets each of them do so once");
  }
  // What an answer covers beyond what was asked for.
  const std::string all = question.collection.empty()
                              ? ""
                              : "all of the collection " + shown(question.collection, kLongestName);
  if (question.lifetime.count() != 0) {
    fact("For how long", duration_text(question.lifetime) +
                             ", by this process and all that it starts" +
                             (question.each_use ? "; what asks for each use asks again" : ""));
  }
  if (question.for_session()) {
    fact("For this session",
         (all.empty() ? "" : "may " + list_and(question.verb) + " " + all + ", ") +
             "until it has not asked for " + duration_text(question.idle) + ", at most " +
             duration_text(question.hard));
  }
  // A program without a name is nothing but its process.
  const bool nameless = program == nullptr || program->unnamed_script || !program->executable_known;
  if (!all.empty()) {
    fact("Never", "no to " + all +
                      (nameless ? ", for this process, until the vault is locked"
                                : ", until `tacit grants revoke`"));
  }
  return text;
}

}  // namespace tacit::cli
