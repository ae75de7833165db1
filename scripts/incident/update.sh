#!/bin/sh
# Sets the public word, with a sentence of its own unless --text gives another.
#   ./scripts/incident/update.sh --id=INC-001 --status="Investigating"
# Takes what `tocsin update` takes (--help); exit codes as there: docs/command-line.md.
set -eu
self=$(readlink -f -- "$0")
root=${self%/scripts/incident/*}
export TOCSIN_HOME="${TOCSIN_HOME:-$root/.tocsin}"
exec node "$root/bin/tocsin.js" update "$@"
