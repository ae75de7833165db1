#!/bin/sh
# Declares an incident: whoever is on call is paged at once.
#   ./scripts/incident/start.sh --severity=SEV1 --title="Database down"
# Takes what `tocsin declare` takes (--help); exit codes as there: docs/command-line.md.
set -eu
self=$(readlink -f -- "$0")
root=${self%/scripts/incident/*}
export TOCSIN_HOME="${TOCSIN_HOME:-$root/.tocsin}"
exec node "$root/bin/tocsin.js" declare "$@"
