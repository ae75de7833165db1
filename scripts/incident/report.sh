#!/bin/sh
# Reports on one incident: how long things took, who was in it, what happened.
#   ./scripts/incident/report.sh --id=INC-001
# Takes what `tocsin report` takes (--help); exit codes as there: docs/command-line.md.
set -eu
self=$(readlink -f -- "$0")
root=${self%/scripts/incident/*}
export TOCSIN_HOME="${TOCSIN_HOME:-$root/.tocsin}"
exec node "$root/bin/tocsin.js" report "$@"
