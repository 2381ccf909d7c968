#!/usr/bin/env bash
# Dump every database into a folder of deploy/backups, whose name is printed; deploy/restore_test.sh proves one.
# A dump is a state of one moment. To go back to any moment between two dumps, archive the WAL as well (pgBackRest): see
# deploy/RUNBOOK.md.
#   IN_SERVER   how a program is run beside the server; empty = here, with PGHOST and PGPORT
#   BACKUPS, KEEP_DAYS
set -euo pipefail
cd "$(dirname "$0")/.."
umask 077

read -r -a in_server <<<"${IN_SERVER-docker compose -f compose.prod.yaml exec -T database}"
backups=${BACKUPS:-deploy/backups}
folder=$backups/$(date -u +%Y-%m-%dT%H%M%SZ)
mkdir -p "$folder.part"

databases=(plaza_auth plaza_social plaza_videos plaza_bookings)
for database in "${databases[@]}"; do
    "${in_server[@]}" pg_dump -U "${PGUSER:-postgres}" --format=custom "$database" >"$folder.part/$database.dump"
done
(cd "$folder.part" && sha256sum -- *.dump >SHA256SUMS)
mv "$folder.part" "$folder" # a folder without ".part" is whole
# of this script's own folders alone: BACKUPS may hold other things too
find "$backups" -mindepth 1 -maxdepth 1 -type d -name '20??-??-??T??????Z*' -mtime "+${KEEP_DAYS:-14}" -exec rm -r {} +
echo "$folder"
