#!/usr/bin/env bash
# Restore a backup into a fresh server and compare every row with the dump. A backup that was never restored is a hope.
#   deploy/restore_test.sh [FOLDER]     by default the newest of deploy/backups
#   IN_FRESH   how a program is run beside the fresh server; empty = here, with PGHOST and PGPORT; by default a container
#              without network, which is removed afterwards
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-$(find "${BACKUPS:-deploy/backups}" -mindepth 1 -maxdepth 1 -type d -name '20??-??-??T??????Z' | sort | tail -n 1)}
[ -n "$folder" ] || { echo "there is no backup: run deploy/backup.sh" >&2; exit 1; }
(cd "$folder" && sha256sum --check --quiet SHA256SUMS)

if [ -z "${IN_FRESH+given}" ]; then
    container=$(docker run --detach --rm --network none --tmpfs /var/lib/postgresql \
        --env POSTGRES_HOST_AUTH_METHOD=trust postgres:18.6)
    trap 'docker rm --force "$container" >/dev/null' EXIT
    IN_FRESH="docker exec -i $container"
    for _ in $(seq 1 60); do
        if $IN_FRESH pg_isready -q -h 127.0.0.1 -U postgres; then break; fi
        sleep 1
    done
fi
read -r -a in_fresh <<<"$IN_FRESH"

# Every row with its table's name, in an order that is not the server's; and every sequence.
digest() {
    awk 'table && /^\\\.$/ { table = ""; next }
         table { print table "\t" $0; next }
         /^COPY / { table = $2 }
         /^SELECT pg_catalog.setval/ { print }' | LC_ALL=C sort | sha256sum
}

failed=0
for dump in "$folder"/*.dump; do
    database=$(basename "$dump" .dump)
    "${in_fresh[@]}" createdb -U "${PGUSER:-postgres}" "$database"
    "${in_fresh[@]}" pg_restore -U "${PGUSER:-postgres}" --no-owner --no-privileges --exit-on-error --single-transaction \
        --dbname="$database" <"$dump"
    kept=$("${in_fresh[@]}" pg_restore --data-only --file=- <"$dump" | digest)
    restored=$("${in_fresh[@]}" pg_dump -U "${PGUSER:-postgres}" --data-only "$database" | digest)
    if [ "$kept" = "$restored" ]; then
        echo "$database: restored, every row equal (${kept%% *})"
    else
        echo "$database: the restored rows are not those of the dump" >&2
        failed=1
    fi
done
exit "$failed"
