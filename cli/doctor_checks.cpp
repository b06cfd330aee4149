#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "cli/doctor.h"
#include "cli/options.h"
#include "cli/token/token_view.h"

namespace tacit::cli {
namespace {

using Kind = Finding::Kind;
using Findings = std::vector<Finding>;

constexpr unsigned kOthers = 077;  // any access of group or others

std::string parent_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

void append(Findings& all, Findings more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Findings check_socket(const DoctorFacts& facts) {
  Findings found;
  for (const SocketPlace& place : facts.places) {
    if (place.path.size() > kMaxSocketPath) {
      found.push_back({Kind::kProblem,
                       place.path + " (from " + place.source + ") is too long for a socket",
                       "set TACIT_SOCKET to a path of at most 107 bytes"});
    }
    append(found, check_private(parent_of(place.path), facts.uid, kOthers));
    append(found, check_private(place.path, facts.uid, kOthers));
  }
  struct stat there {};
  const auto managed = std::ranges::find(facts.places, facts.managed_socket, &SocketPlace::path);
  if (managed != facts.places.end() && stat(managed->path.c_str(), &there) != 0) {
    found.push_back({Kind::kProblem,
                     "the unit tacitd.socket is installed, but the file of its socket, " +
                         managed->path + ", is not there",
                     "systemctl --user restart tacitd.socket"});
  }
  if (!facts.daemon.ok()) return found;
  const std::string& socket = facts.daemon->socket_path;
  const auto place = std::ranges::find(facts.places, socket, &SocketPlace::path);
  if (place != facts.places.end()) {
    found.push_back({Kind::kOk, socket + " (from " + place->source + ")", ""});
  } else if (!socket.empty()) {
    found.push_back({Kind::kOk, socket, ""});
  }
  return found;
}

Findings check_folders(const DoctorFacts& facts) {
  Findings found = check_private(facts.paths.vault_dir, facts.uid, kOthers);
  append(found, check_private(facts.paths.state_dir, facts.uid, kOthers));
  append(found, check_private(facts.paths.anchor_file, facts.uid, kOthers));
  std::error_code unreadable;
  for (const auto& file : std::filesystem::directory_iterator(facts.paths.vault_dir, unreadable)) {
    append(found, check_private(file.path().string(), facts.uid, kOthers));
  }
  if (found.empty() && std::filesystem::exists(facts.paths.vault_dir, unreadable)) {
    found.push_back({Kind::kOk, facts.paths.vault_dir + " is private", ""});
  }
  return found;
}

Findings check_daemon(const DoctorFacts& facts) {
  if (!facts.daemon.ok()) {
    const char* autostart = std::getenv("TACIT_AUTOSTART");
    const bool off = autostart != nullptr && std::string_view(autostart) == "0";
    return {{Kind::kProblem, facts.daemon.error().message,
             off ? "unset TACIT_AUTOSTART, or start tacitd yourself"
                 : "run `tacitd` in a terminal and read what it says"}};
  }
  const DaemonStatus& daemon = *facts.daemon;
  if (daemon.version != version()) {
    return {{Kind::kProblem,
             "the daemon is version " + daemon.version + ", this command " + std::string(version()),
             "tacit daemon restart"}};
  }
  return {{Kind::kOk, daemon.version + ", pid " + std::to_string(daemon.pid), ""}};
}

std::string mend_read_only(const DaemonStatus& daemon) {
  const bool moved = daemon.problem == Reason::kRollback || daemon.problem == Reason::kFork;
  return moved ? "tacit vault accept-rollback, if you put the older file back yourself" : "";
}

Findings check_vault(const DoctorFacts& facts) {
  if (!facts.daemon.ok()) return {};
  const DaemonStatus& daemon = *facts.daemon;
  switch (daemon.state) {
    case VaultState::kNone:
      return {{Kind::kProblem, "there is no vault yet", "tacit init"}};
    case VaultState::kUnusable:
      return {{Kind::kProblem, daemon.problem_message, ""}};
    case VaultState::kLocked:
      if (daemon.problem == Reason::kUnspecified) return {{Kind::kNote, "locked", "tacit unlock"}};
      if (daemon.problem == Reason::kVaultDamaged) {
        return {{Kind::kProblem, "locked: " + daemon.problem_message, "tacit unlock"}};
      }
      return {{Kind::kProblem, "locked, and read-only when it is open: " + daemon.problem_message,
               mend_read_only(daemon)}};
    case VaultState::kUnlocked:
      break;
  }
  if (daemon.read_only) {
    return {{Kind::kProblem, "read-only: " + daemon.problem_message, mend_read_only(daemon)}};
  }
  return {{Kind::kOk, "unlocked", ""}};
}

Findings check_recovery_key(const DoctorFacts& facts) {
  if (!facts.daemon.ok() || facts.daemon->state != VaultState::kUnlocked) return {};
  if (facts.daemon->recovery_key_unconfirmed) {
    return {{Kind::kProblem, "the recovery key was never confirmed",
             "tacit slot add recovery-key, and write down the new one"}};
  }
  if (std::ranges::find(facts.daemon->slot_kinds, SlotKind::kRecoveryKey) ==
      facts.daemon->slot_kinds.end()) {
    return {{Kind::kNote, "there is none: a forgotten passphrase loses the vault",
             "tacit slot add recovery-key"}};
  }
  return {{Kind::kOk, "confirmed", ""}};
}

Findings check_logind(const DoctorFacts& facts) {
  struct stat there {};
  if (stat(facts.sessions_dir.c_str(), &there) == 0 && stat(facts.bus.c_str(), &there) == 0) {
    return {{Kind::kOk, "also on suspend (logind is there)", ""}};
  }
  return {{Kind::kNote,
           "no logind: the vault locks by its time-outs alone, not on suspend or screen lock", ""}};
}

Findings check_registered(const DoctorFacts& facts) {
  if (!facts.daemon.ok()) return {};
  switch (facts.daemon->prompter) {
    case PrompterState::kProven:
      return {{Kind::kOk, "registered and proven", ""}};
    case PrompterState::kUnproven:
      return {{Kind::kNote,
               "registered, but not proven: it is told which program asks but not for what, and "
               "the first yes needs the passphrase",
               "give it the passphrase with its next question, or when it is started again"}};
    case PrompterState::kNone:
      return {{Kind::kNote,
               "none is registered: what a program without a terminal needs asked is refused",
               facts.pinentry.ok() ? "systemctl --user enable --now tacit-prompter.service, or "
                                     "`tacit prompter` in a terminal of its own"
                                   : "`tacit prompter --tty` in a terminal of its own"}};
    case PrompterState::kNotTold:
      break;
  }
  return {};
}

Findings check_prompter(const DoctorFacts& facts) {
  Findings found = check_registered(facts);
  if (facts.pinentry.ok()) {
    found.push_back({Kind::kOk, "`tacit prompter` asks by " + *facts.pinentry, ""});
  } else {
    found.push_back({Kind::kNote, facts.pinentry.error().message, ""});
  }
  return found;
}

/// Nothing where Tacit's is not in PATH: then it was never asked for.
Findings check_keyring(const DoctorFacts& facts) {
  const auto& all = facts.keyrings;
  const auto ours = std::ranges::find(all, true, &KeyringProgram::is_tacit);
  if (ours == all.end()) return {};
  const std::string& first = all.front().path;
  if (ours == all.begin()) return {{Kind::kOk, "pip and uv find Tacit's, " + first, ""}};
  return {{Kind::kNote,
           "pip and uv find " + first + ", which comes before Tacit's " + ours->path + " in PATH",
           "put " + parent_of(ours->path) +
               " first in PATH, or `tacit keyring disable` if you want the other one"}};
}

/// Nothing where nobody chose: then the backend of client/python, if it is installed, is the best.
Findings check_python_keyring(const DoctorFacts& facts) {
  if (!facts.python_keyring) return {};
  const auto& [source, backend] = *facts.python_keyring;
  if (backend == kPythonKeyringBackend) {
    return {{Kind::kOk, source + " names Tacit's backend", ""}};
  }
  return {{Kind::kNote,
           source + " names the backend " + backend + ", so that Python's keyring never asks Tacit",
           "take that away, or name " + std::string(kPythonKeyringBackend) +
               " there, if it should (client/python)"}};
}

/// Nothing where there is no token.
Findings check_tokens(const DoctorFacts& facts) {
  Findings found;
  if (!facts.tokens.empty() && !facts.renewer_trouble.empty()) {
    found.push_back({Kind::kProblem, facts.renewer_trouble, "install Tacit as a whole"});
  }
  for (const TokenInfo& token : facts.tokens) {
    const std::string name = shown_name({token.item.collection, token.item.name, {}, 0});
    const std::string message = name + ": " + token_state(token);
    if (needs_user(token)) {
      found.push_back({Kind::kProblem, message, "tacit token login " + shell_word(name)});
    } else if (!token.last_error.empty()) {
      found.push_back({Kind::kNote, message, "tacit token get --renew " + shell_word(name)});
    } else {
      found.push_back({Kind::kOk, message, ""});
    }
  }
  return found;
}

}  // namespace

std::vector<Finding> check_private(const std::string& path, uid_t uid, unsigned forbidden_mode) {
  struct stat facts {};
  if (path.empty() || lstat(path.c_str(), &facts) != 0) return {};
  if (S_ISLNK(facts.st_mode)) {
    return {{Kind::kProblem, path + " is a symbolic link", "put the real thing in its place"}};
  }
  if (facts.st_uid != uid) {
    return {{Kind::kProblem,
             path + " belongs to uid " + std::to_string(facts.st_uid) + ", not to you",
             "chown it, or remove it if you do not know it"}};
  }
  if ((facts.st_mode & forbidden_mode) != 0) {
    char mode[8];
    (void)std::snprintf(mode, sizeof mode, "%04o", facts.st_mode & 07777U);
    return {{Kind::kProblem, path + " has mode " + mode + " and is open to others",
             "chmod go= '" + path + "'"}};
  }
  return {};
}

const std::vector<DoctorCheck>& doctor_checks() {
  static const std::vector<DoctorCheck> kChecks = {
      {"daemon", check_daemon},
      {"settings", check_settings},
      {"socket", check_socket},
      {"folders", check_folders},
      {"disk", check_disk},
      {"swap", check_swap},
      {"session", check_session},
      {"vault", check_vault},
      {"recovery key", check_recovery_key},
      {"lock", check_logind},
      {"prompter", check_prompter},
      {"keyring", check_keyring},
      {"python keyring", check_python_keyring},
      {"token", check_tokens},
  };
  return kChecks;
}

}  // namespace tacit::cli
