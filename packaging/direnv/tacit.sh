# shellcheck shell=bash
# `use tacit` for direnv. Put it, or a link to it, into ~/.config/direnv/lib/ and write in .envrc:
#
#   use tacit DATABASE_URL API_TOKEN=tacit://work/token
#
# Each word is VARIABLE=REFERENCE, or a NAME that is a secret's and a variable's at once. These and
# no others enter the shell, and with it every program started from there; `tacit run` gives them to
# one command alone. All in one question to the daemon, never written to a file. If one is not to be
# had, none is set. A value that changes later comes with `direnv reload`.
use_tacit() {
  local word script
  local -a bindings=() names=()
  if [[ $# -eq 0 ]]; then
    log_error "use tacit: name the secrets that are to enter the shell: use tacit NAME VARIABLE=REF"
    return 1
  fi
  for word in "$@"; do
    [[ $word == *=* ]] || word=$word=$word
    bindings+=(-e "$word")
    names+=("${word%%=*}")
  done
  # Quoted by bash for bash.
  # shellcheck disable=SC2016  # expanded by the inner one
  script=$(tacit run "${bindings[@]}" -- "${BASH:-bash}" -c \
    'for name; do printf "export %s=%q\n" "$name" "${!name}"; done' use_tacit "${names[@]}") || {
    log_error "use tacit: nothing was set"
    return 1
  }
  eval "$script"
  log_status "use tacit: these enter the shell and every program started from it: ${names[*]}"
}
