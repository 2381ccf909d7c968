#!/usr/bin/env bash
# Run once, at the first start on an empty volume: a database for each alias, and for each two roles. The one that
# migrates owns the tables; the one that serves reads and writes rows and can neither make nor drop a table.
set -euo pipefail

folder=${SECRETS_FOLDER:-/run/secrets}

make_database() { # alias, database
    psql -v ON_ERROR_STOP=1 -v database="$2" -v app="$2_app" -v migrate="$2_migrate" -d postgres <<SQL
\set app_password \`cat $folder/$1_app_password\`
\set migrate_password \`cat $folder/$1_migrate_password\`
CREATE ROLE :"migrate" LOGIN PASSWORD :'migrate_password';
CREATE ROLE :"app" LOGIN PASSWORD :'app_password';
CREATE DATABASE :"database" OWNER :"migrate" TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"database" TO :"app";
\connect :"database"
GRANT USAGE ON SCHEMA public TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"migrate" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"migrate" GRANT SELECT, UPDATE, USAGE ON SEQUENCES TO :"app";
SQL
}

@@{make_lines}
