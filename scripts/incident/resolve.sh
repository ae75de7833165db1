#!/bin/sh
# It is fixed: the watch begins.
#   ./scripts/incident/resolve.sh --id=INC-001 --resolution="Restarted database"
# Takes what `tocsin resolve` takes (--help); exit codes as there: docs/command-line.md.
set -eu
self=$(readlink -f -- "$0")
root=${self%/scripts/incident/*}
export TOCSIN_HOME="${TOCSIN_HOME:-$root/.tocsin}"
exec node "$root/bin/tocsin.js" resolve "$@"
