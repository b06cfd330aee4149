#!/bin/sh
# The stages of .ci/run: sourced, with `thorough` (true or false) and `budget` (seconds in all) set.
# shellcheck disable=SC2154  # the two
start=$(date +%s)

stage() {
  name=$1
  shift
  echo "=== $name"
  begin=$(date +%s)
  status=0
  "$@" || status=$?
  line="$(($(date +%s) - begin)) s  $name"
  [ "$status" -eq 0 ] || line="$line: FAILED"
  summary="${summary-}$line
"
  echo "=== $line"
  [ "$status" -eq 0 ] || finish "$status"
}

finish() {
  printf '\n=== stages\n%s' "$summary"
  echo "$(($(date +%s) - start)) s  in all"
  exit "$1"
}

# judge NAME SECONDS COMMAND...: a stage that is given so much time. What it finds counts; that a
# slow machine did not come to its end is told, and counts with `--thorough` alone, which waits.
judge() {
  name=$1 seconds=$2
  shift 2
  if $thorough; then
    stage "$name" "$@"
    return
  fi
  stage "$name" in_time "$seconds" "$@"
}

# told NAME SECONDS COMMAND...: a stage that only says what it found, but with `--thorough`.
told() {
  judge "$1" "$2" sh -c "$3 || { echo 'found something: see above'; ! $thorough; }"
}

in_time() {
  seconds=$1 left=$((budget - ($(date +%s) - start)))
  shift
  [ "$seconds" -lt "$left" ] || seconds=$left
  [ "$seconds" -gt 0 ] || seconds=1
  ended=0 # not stage's status: sh has one scope
  timeout -k 30 "$seconds" "$@" || ended=$?
  case $ended in
    124 | 137)
      echo "=== not done within $seconds s, which is no verdict"
      summary="${summary-}(out of time) "
      return 0
      ;;
  esac
  return "$ended"
}
