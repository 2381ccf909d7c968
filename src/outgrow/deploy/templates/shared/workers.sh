#!/bin/sh
# On the host: `docker compose` for the workers of the version that serves, by its own Compose file. After a rollback the
# one of this folder is another version's, which may name them otherwise.
#   sh deploy/workers.sh logs --tail 100
#   sh deploy/workers.sh stop
set -eu
cd "$(dirname "$0")/.."
file=deploy/state/workers.yaml

of_workers() {
    docker compose --project-directory . -f "$file" --env-file .env --env-file deploy/state/images.env "$@"
}

names=""
if [ -f "$file" ]; then
    names=$(of_workers config --services | grep '^worker-' || true)
fi
if [ -z "$names" ]; then # without names it would be every service
    echo "the version that serves has no workers, or none serves: \`python3 deploy/deploy.py status\`" >&2
    exit 1
fi
# shellcheck disable=SC2086  # a word each
of_workers "$@" $names
