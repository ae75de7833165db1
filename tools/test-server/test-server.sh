#!/bin/sh
# Starts the time-skipping server whose jars lie beside this file. `exec`, because the SDK stops it by killing this pid.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck disable=SC2086 # several options in one variable
exec java ${TOCSIN_JAVA_OPTS:--XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -Xmx256m} \
  -cp "$here/lib/*" io.temporal.testserver.TestServer "$@"
