#!/usr/bin/env bash
# Run once, at the first start on an empty volume: a database for each alias, and for each two users. The one that
# migrates may change tables; the one that serves reads and writes rows and can neither make nor drop a table.
set -euo pipefail

folder=${SECRETS_FOLDER:-/run/secrets}

make_database() { # alias, database
    local app migrate
    app=$(cat "$folder/$1_app_password")
    migrate=$(cat "$folder/$1_migrate_password")
    # the passwords are hexadecimal (deploy/make_secrets.py): nothing in them has to be quoted
    @@{client} --defaults-extra-file="$folder/database_root_options" <<SQL
CREATE DATABASE \`$2\` CHARACTER SET utf8mb4 COLLATE @@{collation};
CREATE USER '$2_app'@'%' IDENTIFIED BY '$app';
CREATE USER '$2_migrate'@'%' IDENTIFIED BY '$migrate';
GRANT SELECT, INSERT, UPDATE, DELETE ON \`$2\`.* TO '$2_app'@'%';
GRANT ALL PRIVILEGES ON \`$2\`.* TO '$2_migrate'@'%';
SQL
}

@@{make_lines}
