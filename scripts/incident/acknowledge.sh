#!/bin/sh
# You have it: nobody else is paged. With --severity, the only incident of it that nobody has.
#   ./scripts/incident/acknowledge.sh --severity=SEV1
# Takes what `tocsin ack` takes (--help); exit codes as there: docs/command-line.md.
set -eu
self=$(readlink -f -- "$0")
root=${self%/scripts/incident/*}
export TOCSIN_HOME="${TOCSIN_HOME:-$root/.tocsin}"
exec node "$root/bin/tocsin.js" ack "$@"
