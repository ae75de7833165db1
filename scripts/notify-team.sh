#!/bin/sh
# Tells the team what standard input says: the action "notify-team" of the configuration, with that as its text.
#   echo "Fix deployed, monitoring for 1 hour" | ./scripts/notify-team.sh
# Takes what `tocsin run` takes (--help); exit codes as there: docs/command-line.md.
set -eu
self=$(readlink -f -- "$0")
root=${self%/scripts/*}
export TOCSIN_HOME="${TOCSIN_HOME:-$root/.tocsin}"
text=$(cat)
exec node "$root/bin/tocsin.js" run notify-team --text="$text" "$@"
