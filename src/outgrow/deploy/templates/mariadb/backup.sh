#!/usr/bin/env bash
# Dump every database into a folder of deploy/backups, whose name is printed; deploy/restore_test.sh proves one.
# A dump is a state of one moment. To go back to any moment between two dumps, keep the binary logs as well: see
# deploy/RUNBOOK.md.
#   IN_SERVER   how a program is run beside the server; empty = here
#   OPTIONS     the option file with the login, as the server sees it
#   BACKUPS, KEEP_DAYS
set -euo pipefail
cd "$(dirname "$0")/.."
umask 077

read -r -a in_server <<<"${IN_SERVER-docker compose -f compose.prod.yaml exec -T database}"
backups=${BACKUPS:-deploy/backups}
folder=$backups/$(date -u +%Y-%m-%dT%H%M%SZ)
mkdir -p "$folder.part"

databases=(@@{database_names})
for database in "${databases[@]}"; do
    "${in_server[@]}" mariadb-dump --defaults-extra-file="${OPTIONS:-/run/secrets/database_root_options}" \
        --single-transaction --quick --routines --triggers --hex-blob --no-tablespaces --order-by-primary --skip-dump-date \
        --default-character-set=utf8mb4 "$database" | gzip >"$folder.part/$database.sql.gz"
done
(cd "$folder.part" && sha256sum -- *.sql.gz >SHA256SUMS)
mv "$folder.part" "$folder" # a folder without ".part" is whole
# of this script's own folders alone: BACKUPS may hold other things too
find "$backups" -mindepth 1 -maxdepth 1 -type d -name '20??-??-??T??????Z*' -mtime "+${KEEP_DAYS:-14}" -exec rm -r {} +
echo "$folder"
