#!/bin/sh
# Brings both of Temporal's databases to the schema of this version of admin-tools. On an up-to-date database it finds
# nothing to do. SQL_USER and SQL_PASSWORD are read by temporal-sql-tool itself.
set -eu
schemas=/etc/temporal/schema/postgresql/v12

tool() { # database, command…
  database=$1
  shift
  temporal-sql-tool --plugin postgres12 --endpoint "$POSTGRES_HOST" --port 5432 --user "$SQL_USER" --database "$database" "$@"
}

tool temporal setup-schema -v 0.0
tool temporal update-schema -d "$schemas/temporal/versioned"
tool temporal_visibility setup-schema -v 0.0
tool temporal_visibility update-schema -d "$schemas/visibility/versioned"
