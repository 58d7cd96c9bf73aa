#!/bin/sh
# The image of PostgreSQL runs this once, when it has made the cluster: the instance's role owns its database and may do no more,
# but make others to verify backups in.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set password `cat "$INSTANCE_PASSWORD_FILE"`
CREATE ROLE projectvoice LOGIN CREATEDB PASSWORD :'password';
CREATE DATABASE projectvoice OWNER projectvoice
  TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C.UTF-8';
SQL
