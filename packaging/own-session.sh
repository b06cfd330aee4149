# shellcheck shell=sh
# Sourced first: begins a session where this script's own has lost its first process (it was left
# running in the background), since the programs of such a session count as unknown and have to ask.
session=$(sed 's/.*) //' "/proc/$$/stat" | cut -d ' ' -f 4)
process=$$
while [ "$process" -gt 1 ] && [ "$process" -ne "$session" ]; do
  process=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$process/status")
done
[ "$process" -eq "$session" ] || exec setsid --wait "$0" "$@"
