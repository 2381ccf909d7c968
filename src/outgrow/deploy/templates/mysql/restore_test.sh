#!/usr/bin/env bash
# Restore a backup into a fresh server and compare every row with the dump. A backup that was never restored is a hope.
#   deploy/restore_test.sh [FOLDER]     by default the newest of deploy/backups
#   IN_FRESH   how a program is run beside the fresh server; empty = here; by default a container without network, which
#              is removed afterwards
#   OPTIONS    the option file with the login, as the fresh server sees it
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-$(find "${BACKUPS:-deploy/backups}" -mindepth 1 -maxdepth 1 -type d -name '20??-??-??T??????Z' | sort | tail -n 1)}
[ -n "$folder" ] || { echo "there is no backup: run deploy/backup.sh" >&2; exit 1; }
(cd "$folder" && sha256sum --check --quiet SHA256SUMS)

if [ -z "${IN_FRESH+given}" ]; then
    container=$(docker run --detach --rm --network none --tmpfs /var/lib/mysql --env MYSQL_ALLOW_EMPTY_PASSWORD=yes \
        @@{database_image})
    trap 'docker rm --force "$container" >/dev/null' EXIT
    IN_FRESH="docker exec -i $container"
    for _ in $(seq 1 90); do # over TCP: the server that prepares the data listens on its socket only
        if $IN_FRESH mysql --protocol=tcp -h127.0.0.1 -uroot -e 'SELECT 1' >/dev/null 2>&1; then break; fi
        sleep 1
    done
fi
read -r -a in_fresh <<<"$IN_FRESH"
login=(--defaults-extra-file="${OPTIONS:-/dev/null}")

digest() { grep -E '^INSERT INTO' | LC_ALL=C sort | sha256sum; }

failed=0
for dump in "$folder"/*.sql.gz; do
    database=$(basename "$dump" .sql.gz)
    "${in_fresh[@]}" mysql "${login[@]}" -e "CREATE DATABASE \`$database\` CHARACTER SET utf8mb4"
    gunzip <"$dump" | "${in_fresh[@]}" mysql "${login[@]}" --default-character-set=utf8mb4 "$database"
    kept=$(gunzip <"$dump" | digest)
    restored=$("${in_fresh[@]}" mysqldump "${login[@]}" --single-transaction --quick --hex-blob --no-tablespaces --set-gtid-purged=OFF \
        --order-by-primary --skip-dump-date --default-character-set=utf8mb4 "$database" | digest)
    if [ "$kept" = "$restored" ]; then
        echo "$database: restored, every row equal (${kept%% *})"
    else
        echo "$database: the restored rows are not those of the dump" >&2
        failed=1
    fi
done
exit "$failed"
