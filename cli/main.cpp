// `tacit`: the command line of the Tacit daemon. A table of verbs; each has a file of its own.
#ifdef TACIT_STATIC
#include <nss.h>
#endif

#include "cli/dispatch.h"
#include "cli/keyring/keyring.h"
#include "cli/keyring/on_path.h"
#include "cli/standard_descriptors.h"
#include "cli/user_secrets/user_secrets.h"

namespace {

using namespace tacit::cli;

constexpr std::string_view kSecrets = "Secrets";
constexpr std::string_view kProjects = "Projects";
constexpr std::string_view kSession = "Session";
constexpr std::string_view kConsent = "Consent";
constexpr std::string_view kDaemon = "Daemon";
constexpr std::string_view kVault = "Vault";

constexpr Command kCommands[] = {
    {"get", kSecrets, "print a value", define_get,
     "  tacit get github-token\n"
     "  tacit get github --attribute username\n"
     "  tacit get api-token --ask --prompt 'API token of example.org'\n"
     "  curl -H \"Authorization: Bearer $(tacit get api-token)\" https://example.org/"},
    {"set", kSecrets, "store a value: typed, piped in or from a file", define_set,
     "  tacit set github-token\n"
     "  openssl rand -hex 32 | tacit set api-token --expires 90d\n"
     "  tacit set tls-key --from-file key.pem --attribute host=example.org",
     "a value is never taken as an argument: arguments are seen by every process in /proc and kept "
     "in the shell's history. Run `tacit set NAME` and type it, or pipe it in: `... | tacit set "
     "NAME`"},
    {"generate", kSecrets, "a random password, stored, printed or copied", define_generate,
     "  tacit generate\n"
     "  tacit generate wifi/guest --length 20\n"
     "  tacit generate router/pin --alphabet digits --length 8 --print\n"
     "  tacit generate example.org --characters abcdefghjkmnpqrstuvwxyz23456789 --copy\n"
     "\n"
     "A name that is taken is left alone unless --force says otherwise: then it is the next\n"
     "version, and the history keeps the one before. On a terminal it says how many bits of\n"
     "entropy that makes."},
    {"copy", kSecrets, "a value to the clipboard, for 45 seconds", define_copy,
     "  tacit copy github-token\n"
     "  tacit copy github --attribute username --for never\n"
     "  tacit copy github-token --by osc52\n"
     "\n"
     "By wl-copy or xclip where there is a display, else by the terminal itself (OSC 52), which\n"
     "also works over ssh. Cleared then if it still holds the value; a terminal cannot be asked\n"
     "what it holds, and is cleared in any case."},
    {"edit", kSecrets, "change a value in your editor", define_edit,
     "  tacit edit tls-key\n"
     "  EDITOR='code --wait' tacit edit notes\n"
     "\n"
     "$VISUAL or $EDITOR is given a file in memory, which is wiped afterwards. The editor has to\n"
     "wait until you are done."},
    {"show", kSecrets, "all about a secret except its value", define_show,
     "  tacit show github-token\n"
     "  tacit show github-token --json"},
    {"list", kSecrets, "names, by collection or attributes", define_list,
     "  tacit list\n"
     "  tacit list --attribute host=example.org\n"
     "  tacit -c work list --json"},
    {"run", kSecrets, "run a command with secrets in its environment", define_run,
     "  tacit run -e TOKEN=github-token -- make release\n"
     "  tacit run --profile prod --mask -- twine upload dist/*\n"
     "  tacit run --env-file .env --watch -- ./server\n"
     "  tacit run --file KEY=tls-key --stdin passphrase -- ./sign\n"
     "  tacit run --grant db,api-token --ttl 15m -- ./agent.sh\n"
     "\n"
     "In a project's folder all of its secrets are given, or those that are named; elsewhere\n"
     "those that are named, or all of -c COLLECTION. The command takes this process's place:\n"
     "same pid, signals and exit code; with --mask and --watch it looks so. Before it starts\n"
     "tacit exits 125 for any failure, 126 if it cannot be executed, 127 if not found.",
     "the command to run stands behind `--`: tacit run -e VARIABLE=NAME -- COMMAND ...", true},
    {"inject", kSecrets, "fill references in a template", define_inject,
     "  tacit inject -i config.yml.in -o config.yml\n"
     "  echo 'password={{ tacit://work/db }}' | tacit inject\n"
     "\n"
     "Nothing is written unless every {{ tacit://COLLECTION/NAME }} has a value. A backslash "
     "before\n"
     "the braces keeps them as they are."},
    {"delete", kSecrets, "delete a secret; restore brings it back", define_delete,
     "  tacit delete old-token\n"
     "  tacit delete old-token --purge"},
    {"rename", kSecrets, "give it another name or collection", define_rename,
     "  tacit rename token github-token\n"
     "  tacit rename token tacit://work/token"},
    {"history", kSecrets, "the versions that are kept", define_history,
     "  tacit history github-token"},
    {"restore", kSecrets, "make an older version the newest again", define_restore,
     "  tacit restore github-token 3"},
    {"import", kSecrets, "take secrets over from .env, pass, JSON and others", define_import,
     "  tacit import env-secrets --dry-run\n"
     "  tacit import env .env --delete-source\n"
     "  tacit import dotnet 79a3edd0-2092-40a2-a04d-dcb46d5ca9ed\n"
     "  tacit -c pass import pass\n"
     "  tacit import json secrets.json --replace\n"
     "  tacit export --all | tacit import json -\n"
     "\n"
     "JSON is {\"NAME\": \"VALUE\", ...}, {\"name\": \"NAME\", \"value\": \"VALUE\"} or a list of\n"
     "the latter, as --json prints them.\n"
     "Every value is read back from the vault and compared. --delete-source then deletes the "
     "files;\n"
     "of the `.env` of a project its id stays."},
    {"export", kSecrets, "write secrets out in plain, as JSON or .env", define_export,
     "  tacit export -o secrets.json\n"
     "  tacit export --all -o everything.json\n"
     "  tacit -c web export --format env -o web.env\n"
     "\n"
     "What is written can be read by whoever gets it. `tacit import json` reads it back, with\n"
     "attributes and expiry. On a terminal values are shown with --plain alone."},
    {"keyring", kSecrets, "which `keyring` pip and uv find", define_keyring,
     "  tacit keyring\n"
     "  tacit-keyring set pypi.example.org ada\n"
     "  pip install --index-url https://ada@pypi.example.org/simple/ NAME\n"
     "\n"
     "pip and uv run the first `keyring` in PATH: with --keyring-provider subprocess, and pip "
     "also\n"
     "where it cannot import the Python one. `enable` makes it Tacit's, which is `tacit-keyring`\n"
     "in any case; see `tacit-keyring --help`.",
     "passwords are read and stored by `tacit-keyring get`, `set` and `del`; see `tacit-keyring "
     "--help`"},
    {"keyring enable", kSecrets, "make it Tacit's", define_keyring_enable,
     "  tacit keyring enable\n"
     "  tacit keyring enable --folder ~/bin\n"
     "\n"
     "Makes a link `keyring` in the folder, which has to come first in PATH. What is there of\n"
     "that name and is not Tacit's stays."},
    {"keyring disable", kSecrets, "take the link away again", define_keyring_disable,
     "  tacit keyring disable"},
    {"token add", kSecrets, "a token that is got from a server and renews itself", define_token_add,
     "  tacit token add registry --issuer https://login.example.com --client-id cli --login\n"
     "  tacit token add --preset posit --address https://ppm.example.com --login\n"
     "  tacit token add ci --token-endpoint https://login.example.com/token \\\n"
     "      --exchange-subject id_token --subject-token-file /run/secrets/id\n"
     "  tacit token add --import ~/.ppm/tokens.toml\n"
     "\n"
     "`tacit get`, `run`, the libraries and the keyring give the token, and renew it when it\n"
     "has run out. Endpoints are https, or http on this machine."},
    {"token login", kSecrets, "log in for it", define_token_login,
     "  tacit token login registry\n"
     "  tacit token login registry --browser\n"
     "\n"
     "Shows on the terminal, or by the prompter, where to go and the code to enter there."},
    {"token get", kSecrets, "print it, renewed if it has run out", define_token_get,
     "  tacit token get registry\n"
     "  tacit token get registry --renew"},
    {"token status", kSecrets, "until when each is valid, and what went wrong", define_token_status,
     "  tacit token status\n"
     "  tacit token status registry --json"},
    {"token revoke", kSecrets, "tell the server to take it back, and forget it",
     define_token_revoke,
     "  tacit token revoke registry\n"
     "\n"
     "The recipe stays: `tacit token login` gets another one. Exits 1 if the server did not\n"
     "revoke all."},
    {"token remove", kSecrets, "forget it and its recipe", define_token_remove,
     "  tacit token remove registry\n"
     "\n"
     "For good, and without a word to the server: see `tacit token revoke`."},
    {"project init", kProjects, "make this folder a project with secrets of its own",
     define_project_init,
     "  tacit project init\n"
     "  tacit -c web project init\n"
     "\n"
     "Writes USER_SECRETS_ID=UUID behind what is in `.env`, which never holds a value. In the "
     "folder\n"
     "and below it, names are then those of the project's collection; -g is the default one."},
    {"project link", kProjects, "give an id of `.env` a collection, or this folder a project",
     define_project_link,
     "  tacit project link\n"
     "  tacit -c web project link\n"
     "  tacit project link web"},
    {"project info", kProjects, "which project this is", define_project_info,
     "  tacit project info\n"
     "  tacit project info --json"},
    {"project list", kProjects, "every project and its folders", define_project_list,
     "  tacit project list"},
    {"project edit", kProjects, "all secrets of the project in your editor", define_project_edit,
     "  tacit project edit\n"
     "  tacit --profile prod project edit"},
    {"project check", kProjects, "what tacit.toml names and the vault lacks", define_project_check,
     "  tacit project check\n"
     "  tacit project check --json\n"
     "\n"
     "Exits 10 if a required secret is missing or expired."},
    {"project setup", kProjects, "ask for what is missing, or generate it", define_project_setup,
     "  tacit project setup\n"
     "  tacit --profile prod project setup"},
    {"project trust", kProjects, "give a project's secrets in this folder too",
     define_project_trust,
     "  tacit project trust\n"
     "\n"
     "For a folder that was moved or copied. It shows both folders and asks, on a terminal alone."},
    {"project unlink", kProjects, "no longer give them in a folder", define_project_unlink,
     "  tacit project unlink\n"
     "  tacit project unlink /home/ada/old"},
    {"project clear", kProjects, "delete all its secrets; restore brings each back",
     define_project_clear, "  tacit project clear"},
    {"collection list", kProjects, "all collections, and what they inherit", define_collection_list,
     "  tacit collection list --json"},
    {"collection create", kProjects, "make an empty one", define_collection_create,
     "  tacit collection create web\n"
     "  tacit collection create web/prod"},
    {"collection rename", kProjects, "give it another name", define_collection_rename,
     "  tacit collection rename web website"},
    {"collection delete", kProjects, "delete it", define_collection_delete,
     "  tacit collection delete old\n"
     "  tacit collection delete old --with-items"},
    {"collection inherit", kProjects, "look in another one for what it lacks",
     define_collection_inherit,
     "  tacit collection inherit web shared\n"
     "  tacit collection inherit web --none"},
    {"scan", kProjects, "values of the vault that stand in plain in files", define_scan,
     "  tacit scan\n"
     "  tacit scan --staged\n"
     "  tacit scan --history --json\n"
     "  tacit scan --install-hook\n"
     "\n"
     "Exits 10 if a value was found, in a file or its name: as it is, in another layout of its\n"
     "lines, a telling line of it, or in base64, hex or percent-encoding. Values of under\n"
     "8 bytes are not looked for."},
    {"init", kSession, "make the vault", define_init,
     "  tacit init\n"
     "  tacit init --passphrase-file pass.txt --recovery-file recovery.txt"},
    {"unlock", kSession, "open the vault for this session", define_unlock,
     "  tacit unlock\n"
     "  tacit unlock --recovery-key\n"
     "  tacit unlock --key-file /media/usb/tacit.key"},
    {"lock", kSession, "close it", define_lock, "  tacit lock"},
    {"status", kSession, "where the vault stands", define_status,
     "  tacit status\n"
     "  tacit status --json\n"
     "\n"
     "Exits 0 whether locked or unlocked, 9 without a vault, 7 if it is damaged or rolled back."},
    {"policy set", kConsent, "guard a secret or a collection", define_policy_set,
     "  tacit policy set deploy-key confirm\n"
     "  tacit -c work policy set ask\n"
     "  tacit policy set db-password pinned --program /usr/bin/psql\n"
     "  tacit policy set aws-root --tripwire\n"
     "\n"
     "open: every program of yours. ask: once for a program in a terminal session.\n"
     "confirm: each use. pinned: the listed programs alone. deny: nobody.\n"
     "What loosens needs the passphrase again."},
    {"policy show", kConsent, "what guards it", define_policy_show,
     "  tacit policy show deploy-key\n"
     "  tacit -c work policy show --json"},
    {"policy explain", kConsent, "what a program would be told, and why", define_policy_explain,
     "  tacit policy explain deploy-key\n"
     "  tacit policy explain deploy-key --pid 4242 --verb write"},
    {"grant", kConsent, "let a program in beforehand", define_grant,
     "  tacit grant backup-key --program /usr/local/bin/backup --for 30d\n"
     "  tacit -c ci grant --pid $$ --for 1h --uses 20 --verb read,list"},
    {"grants", kConsent, "what may be done without asking", define_grants,
     "  tacit grants\n"
     "  tacit grants --json"},
    {"grants revoke", kConsent, "take it back", define_grants_revoke,
     "  tacit grants revoke 3 5\n"
     "  tacit grants revoke --all"},
    {"prompter", kConsent, "be the one who is asked, in a window or here", define_prompter,
     "  tacit prompter\n"
     "  tacit prompter --tty\n"
     "  systemctl --user enable --now tacit-prompter.service\n"
     "\n"
     "In a window the answers are: for this session, no, and more choices (once, never). It runs\n"
     "--pinentry, else $PINENTRY, else one that fits the display or the terminal."},
    {"daemon start", kDaemon, "start it, as any command that needs it does", define_daemon_start,
     "  tacit daemon start\n"
     "  tacit daemon start --json"},
    {"daemon stop", kDaemon, "end it: the vault is locked", define_daemon_stop,
     "  tacit daemon stop"},
    {"daemon restart", kDaemon, "after an update or new settings", define_daemon_restart,
     "  tacit daemon restart\n"
     "\n"
     "The vault is locked afterwards."},
    {"daemon logs", kDaemon, "what it said, as the service manager kept it", define_daemon_logs,
     "  tacit daemon logs --lines 20\n"
     "  tacit daemon logs --follow\n"
     "\n"
     "Of a daemon that no service manager started nothing is kept. No value is in it, and no\n"
     "name of a secret unless log.level is debug. Who asked for what is in `tacit audit`."},
    {"config path", kDaemon, "where the settings are, or would be", define_config_path,
     "  tacit config path\n"
     "  ${EDITOR:-vi} \"$(tacit config path)\""},
    {"config show", kDaemon, "every setting as it holds", define_config_show,
     "  tacit config show\n"
     "  tacit config show --json"},
    {"config check", kDaemon, "whether they can be used", define_config_check,
     "  tacit config check\n"
     "  tacit config check new-config.toml && tacit daemon restart\n"
     "\n"
     "Exits 10 if they cannot, and says where and why."},
    {"doctor", kVault, "what is wrong, and the command that mends it", define_doctor,
     "  tacit doctor\n"
     "\n"
     "Exits 10 if there is a problem; a note alone is none."},
    {"audit", kVault, "who read, changed and was refused what", define_audit,
     "  tacit audit --last 20\n"
     "  tacit audit --item github-token --since 7d\n"
     "  tacit audit --verdict denied --json\n"
     "  tacit audit --follow\n"
     "  tacit audit --verify\n"
     "\n"
     "With -c COLLECTION only what is about that collection's secrets. Equal decisions of one\n"
     "second are one line: x12. A line with `event` tells what happened beside them."},
    {"passphrase", kVault, "change the passphrase", define_passphrase,
     "  tacit passphrase\n"
     "  tacit passphrase --compromised"},
    {"slot list", kVault, "the ways to open the vault", define_slot_list, "  tacit slot list"},
    {"slot add", kVault, "add a passphrase, recovery key or key file", define_slot_add,
     "  tacit slot add recovery-key\n"
     "  tacit slot add key-file --new-key-file /media/usb/tacit.key --generate"},
    {"slot remove", kVault, "remove one", define_slot_remove,
     "  tacit slot remove 2\n"
     "  tacit slot remove 2 --keep-keys"},
    {"vault verify", kVault, "read and check every row", define_vault_verify,
     "  tacit vault verify"},
    {"vault backup", kVault, "a checked copy of the encrypted file", define_vault_backup,
     "  tacit vault backup ~/tacit-backup.db"},
    {"vault restore", kVault, "make a backup the vault", define_vault_restore,
     "  tacit vault restore ~/tacit-backup.db\n"
     "  ssh host tacit vault backup - | tacit vault restore - --passphrase-file pass.txt"},
    {"vault salvage", kVault, "save what a damaged vault still holds", define_vault_salvage,
     "  tacit vault salvage"},
    {"vault copies", kVault, "vault files of before, and their removal", define_vault_copies,
     "  tacit vault copies\n"
     "  tacit vault copies --delete"},
    {"vault rotate", kVault, "seal every secret under a new key", define_vault_rotate,
     "  tacit vault rotate\n"
     "  tacit vault rotate --full"},
    {"vault accept-rollback", kVault, "take a file that was put back as the true one",
     define_vault_accept_rollback, "  tacit vault accept-rollback"},
};

}  // namespace

int main(int argc, char** argv) {
#ifdef TACIT_STATIC
  // Without HOME the password database is asked for it. A program without dynamic libraries reads
  // /etc/passwd itself; other services are modules that fit one release of glibc alone.
  __nss_configure_lookup("passwd", "files");
#endif
  fill_standard_descriptors();
  // Installed as a link to this program.
  std::string_view called = argc > 0 ? argv[0] : "";
  called.remove_prefix(called.rfind('/') + 1);
  if (called == kUserSecretsName) {
    return user_secrets(std::vector<std::string>(argv + 1, argv + argc));
  }
  if (called == kKeyringName || called == kTacitKeyringName) {
    return keyring(std::vector<std::string>(argv + 1, argv + argc));
  }
  return dispatch(kCommands, {argv + 1, argv + (argc > 0 ? argc : 1)});
}
