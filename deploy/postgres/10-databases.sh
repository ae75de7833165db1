#!/bin/bash
# Run once by the Postgres image, when its volume is empty. Temporal and Tocsin each get a user of their own, who owns
# what is theirs and cannot so much as connect to the other's.
set -euo pipefail

# psql quotes the passwords itself, whatever is in them; it reads them from the environment, not from its arguments.
psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv temporal_password TEMPORAL_DB_PASSWORD
\getenv tocsin_password TOCSIN_DB_PASSWORD

CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;

CREATE ROLE tocsin LOGIN PASSWORD :'tocsin_password';
CREATE DATABASE tocsin OWNER tocsin;

REVOKE CONNECT, TEMPORARY ON DATABASE postgres, temporal, temporal_visibility, tocsin FROM PUBLIC;
SQL
