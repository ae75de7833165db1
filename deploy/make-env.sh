#!/bin/sh
# Writes `.env` beside docker-compose.yml, or adds what is missing there: for each `NAME=` of .env.example 32 random
# bytes in hex (safe in a URL). What already has a value stays. Another file: sh deploy/make-env.sh path/to/.env
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
file=${1:-$here/../.env}

[ -e "$file" ] || printf '# Made by deploy/make-env.sh; deploy/.env.example says what each one is.\n' >"$file"
# A last line without an end would run into the next one.
[ -z "$(tail -c 1 "$file")" ] || echo >>"$file"

added=0
for name in $(sed -n 's/^\([A-Z_]*\)=$/\1/p' "$here/.env.example"); do
  if grep -q "^$name=." "$file"; then continue; fi
  value=$(od -An -vtx1 -N32 /dev/urandom | tr -d ' \n')
  printf '%s=%s\n' "$name" "$value" >>"$file"
  added=$((added + 1))
done
chmod 600 "$file"
echo "$file: $added values added"
