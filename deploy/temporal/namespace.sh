#!/bin/sh
# The namespace with its retention and the search attributes that Tocsin's incidents are found by. May run again at any
# time; needs TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE.
set -eu
# Closed incidents stay visible for 30 days; records keep them for longer.
retention=720h

tries=0
until temporal operator cluster health >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -ge 60 ]; then
    echo "Temporal at $TEMPORAL_ADDRESS does not serve" >&2
    exit 1
  fi
  sleep 1
done

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
  temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$retention"
else
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$retention"
fi

# A new namespace is known everywhere within some seconds.
tries=0
until temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
  --name TocsinIncident --type Keyword \
  --name TocsinReference --type Keyword \
  --name TocsinSeverity --type Keyword \
  --name TocsinPhase --type Keyword \
  --name TocsinTeam --type Keyword \
  --name TocsinService --type Keyword \
  --name TocsinNextDeadline --type Datetime; do
  tries=$((tries + 1))
  if [ "$tries" -ge 20 ]; then exit 1; fi
  sleep 2
done
