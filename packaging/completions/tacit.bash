# shellcheck shell=bash
# Completion of `tacit` for bash. What there is to offer `tacit` itself says; this asks it, and says
# it as bash wants it. Nothing is asked of the user, unlocked or started by that.

_tacit() {
  local line=${COMP_LINE:0:COMP_POINT} piece spaces kind entry prefix='' quoted=''
  local -a typed=() lines=()
  local i behind=-1

  # The words as they were typed: bash cuts them at `=` and `:` as well.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    piece=${COMP_WORDS[i]}
    spaces=${line%%[![:space:]]*}
    line=${line#"$spaces"}
    # At the cursor, and not what may stand behind it.
    if ((i == COMP_CWORD)); then piece=$line; fi
    if [[ -z $spaces && ${#typed[@]} -gt 0 ]]; then
      typed[${#typed[@]} - 1]+=$piece
    else
      if [[ ${typed[${#typed[@]} - 1]-} == -- && $behind -lt 0 ]]; then behind=$i; fi
      typed+=("$piece")
    fi
    line=${line#"$piece"}
  done
  for ((i = 0; i < ${#typed[@]}; i++)); do
    case ${typed[i]} in
      [\"\']*) typed[i]=${typed[i]#?}; quoted=$i ;;
      *) typed[i]=${typed[i]//\\/} ;;
    esac
    if ((i < ${#typed[@]} - 1)); then typed[i]=${typed[i]%[\"\']}; fi
  done
  local current=${typed[${#typed[@]} - 1]}

  while IFS='' read -r entry; do lines+=("$entry"); done < <(
    command tacit __complete "${typed[@]:1}" 2>/dev/null </dev/null
  )
  kind=${lines[0]-words}
  if [[ $kind == commands && $behind -gt 0 ]]; then
    if declare -F _command_offset >/dev/null; then
      _command_offset "$behind"
    else
      # Without the package bash-completion: programs, then files.
      if ((COMP_CWORD == behind)); then
        while IFS='' read -r entry; do COMPREPLY+=("$entry"); done < <(compgen -c -- "$current")
      else
        compopt -o filenames
        while IFS='' read -r entry; do COMPREPLY+=("$entry"); done < <(compgen -f -- "$current")
      fi
    fi
    return
  fi

  # What bash takes for other words is left out of what it is given.
  if [[ $quoted != $((${#typed[@]} - 1)) ]]; then
    case $current in
      *[=:]*) prefix=${current%"${current##*[=:]}"} ;;
    esac
  fi
  for entry in "${lines[@]:1}"; do
    entry=${entry%%$'\t'*}
    entry=${entry#"$prefix"}
    if [[ $quoted != $((${#typed[@]} - 1)) ]]; then printf -v entry '%q' "$entry" && entry=${entry//\\,/,}; fi
    COMPREPLY+=("$entry")
  done
  current=${current#"$prefix"}
  case $kind in
    unfinished) compopt -o nospace ;;
    files | folders)
      compopt -o filenames
      while IFS='' read -r entry; do COMPREPLY+=("$entry"); done < <(
        if [[ $kind == files ]]; then compgen -f -- "$current"; else compgen -d -- "$current"; fi
      )
      ;;
  esac
}

complete -F _tacit tacit
