# shellcheck shell=sh
# Sourced first: without a terminal, begins a session of the script's own. Where a session's first
# process ends while the script runs on, its programs count as unknown and have to ask.
if [ ! -t 0 ] && [ -z "${OWN_SESSION_BEGUN-}" ]; then
  export OWN_SESSION_BEGUN=1
  exec setsid --wait "$0" "$@"
fi
